"""What a first visit to the whole page may weigh, in bytes and requests; nothing is timed here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from surveyapp.catalogue import service as catalogue
from surveyapp.questionnaires.definition import Question
from tests.performance import phone_page
from tests.performance.household import QUESTIONNAIRE

pytestmark = pytest.mark.chromium

MOST_BYTES = 40 * 1024
#: for each question beyond sixty
MOST_OF_A_QUESTION = 0.3 * 1024
MOST_REQUESTS = 5
#: bytes that gzip may weigh more, for a browser or a proxy that reads no Brotli
_GZIP_ABOVE = {"household_baseline": 5.5 * 1024, "adolescent_selfreport": 1024}


def most_bytes(app: Flask, questionnaire: str) -> int:
    with app.app_context():
        edition = catalogue.current(questionnaire)
    assert edition is not None
    questions = sum(isinstance(item, Question) for item in edition.definition.walk())
    return int(MOST_BYTES + MOST_OF_A_QUESTION * max(0, questions - 60))


@pytest.fixture(scope="module")
def demonstration() -> Iterator[tuple[str, Flask]]:
    with phone_page.served() as found:
        yield found


def test_the_household_survey_is_light_and_the_second_visit_loads_nothing(
    browser: Browser, demonstration: tuple[str, Flask]
) -> None:
    base, app = demonstration
    page = browser.new_page(base_url=base)
    address = phone_page.address_of(app, QUESTIONNAIRE)
    first = phone_page.visit(page, address)
    assert len(first.loaded) <= MOST_REQUESTS, first.loaded
    assert 0 < first.weight <= MOST_BYTES, first.loaded
    page.goto("about:blank")
    assert phone_page.visit(page, address).loaded == {}
    page.close()


@pytest.mark.parametrize("coding", ["br", "gzip"])
@pytest.mark.parametrize(
    "questionnaire", ["household_baseline", "family_survey", "adolescent_selfreport", "site_safety"]
)
def test_a_built_in_questionnaire_is_light(
    browser: Browser, demonstration: tuple[str, Flask], questionnaire: str, coding: str
) -> None:
    base, app = demonstration
    page = browser.new_page(base_url=base, extra_http_headers={"Accept-Encoding": coding})
    found = phone_page.visit(page, phone_page.address_of(app, questionnaire))
    page.close()
    most = most_bytes(app, questionnaire) + (
        _GZIP_ABOVE.get(questionnaire, 0) if coding == "gzip" else 0
    )
    assert len(found.loaded) <= MOST_REQUESTS, found.loaded
    assert 0 < found.weight <= most, found.loaded


def test_only_the_section_that_is_shown_is_laid_out(
    browser: Browser, demonstration: tuple[str, Flask]
) -> None:
    base, app = demonstration
    page = browser.new_page(base_url=base)
    phone_page.visit(page, phone_page.address_of(app, QUESTIONNAIRE))
    sections = page.locator("#answers > section.page")
    laid_out = sections.evaluate_all("all => all.map((each) => each.getClientRects().length)")
    assert len(laid_out) > 5
    assert [count > 0 for count in laid_out] == [True] + [False] * (len(laid_out) - 1)
    # nothing within the others either
    assert page.locator("#answers > section.page[hidden] :visible").count() == 0
    page.close()


def test_the_first_question_is_answered_before_any_script(
    browser: Browser, demonstration: tuple[str, Flask]
) -> None:
    base, app = demonstration
    page = browser.new_page(base_url=base)
    page.route("**/scripts/**", lambda route: route.abort())
    page.goto(phone_page.address_of(app, "family_survey"))
    choice = page.locator("#answers .page:not([hidden]) label:has(input[value=agree])")
    choice.click()
    assert choice.locator("input").is_checked()
    assert page.evaluate("document.documentElement.dataset.enhanced") is None
    page.close()
