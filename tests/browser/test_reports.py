"""A report with many answers, by nothing and by a breakdown: axe-core, a small phone, three languages.

Always one page in Russian and in the light; `EVERY_SCREEN=yes` looks at all (half a minute a page: it is long).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from surveyapp.catalogue import service as catalogue
from surveyapp.database import utc_now
from surveyapp.exports import reporting
from surveyapp.extensions import db
from surveyapp.people import service
from surveyapp.people.rights import RoleName
from surveyapp.submissions.demonstrating import Demonstration
from tests.accounts import PASSWORD
from tests.browser.conftest import demonstrating, serving
from tests.browser.test_manage_looks import EVERY_SCREEN, LANGUAGES, PHONE, faults

pytestmark = pytest.mark.chromium

QUESTIONNAIRE = "household_baseline"
PAGE = f"/manage/q/{QUESTIONNAIRE}/report"
READER = "reader"


def fill(app: Flask, number: int = 120) -> None:
    """Made-up visits, counted, and somebody who may read them."""
    with app.app_context():
        service.add_user(READER, [RoleName.REVIEWER], PASSWORD)
        edition = catalogue.current(QUESTIONNAIRE)
        assert edition
        made = Demonstration([edition], random.Random(7), utc_now())  # noqa: S311  # no secret
        for _results in made.send(number):
            pass
        reporting.ask(QUESTIONNAIRE)
        assert reporting.catch_up() == number
        db.session.rollback()


def enter(page: Page) -> None:
    """Sign in."""
    page.goto("/manage/sign-in")
    page.fill("#username", READER)
    page.fill("#password", PASSWORD)
    page.click("form button.main")
    page.wait_for_url("**/manage")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with demonstrating(tmp_path_factory.mktemp("reports")) as app:
        fill(app)
        with serving(app) as address:
            yield address


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("colours", ["light", "dark"] if EVERY_SCREEN else ["light"])
def test_a_report_keeps_nobody_out(
    address: str, browser: Browser, language: str, colours: Literal["light", "dark"]
) -> None:
    context = browser.new_context(
        base_url=address,
        viewport=PHONE,
        locale=language,
        color_scheme=colours,
    )
    page = context.new_page()
    enter(page)
    for by in ("", "?by=area", "?by=region", "?by=wealth") if EVERY_SCREEN else ("?by=area",):
        answer = page.goto(PAGE + by)
        assert answer and answer.status == 200
        assert faults(page) == [], by
    context.close()


def test_every_group_has_bars_beside_its_numbers(address: str, browser: Browser) -> None:
    context = browser.new_context(base_url=address, locale="en")
    page = context.new_page()
    enter(page)
    page.goto(f"{PAGE}?by=area")
    rows = page.evaluate(
        """() => [...document.querySelectorAll(".figure .wide-table tbody tr")].map((row) =>
          [...row.querySelectorAll("td.number")].map((cell) => ({
            said: cell.textContent.trim(),
            bar: cell.querySelector("svg.bar rect")?.getAttribute("width") ?? null})))"""
    )
    shown = [each for row in rows for each in row if each["said"].isdigit()]
    assert len([each for each in shown if each["bar"] is not None]) > 50
    # what is kept back has no bar, which would tell it
    assert not [each for row in rows for each in row if each["said"] == "…" and each["bar"] is not None]
    assert page.locator("svg.range").count() > 3
    context.close()
