"""The pages about people, for everybody: three languages, a small phone and a desk, axe-core, the dark."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from surveyapp.people import granting, inviting, links, service, tokens
from surveyapp.people.rights import EVERYWHERE, Place, RoleName
from surveyapp.people.tokens import Scope
from tests.accounts import PASSWORD
from tests.browser.conftest import SMALL_PHONE, demonstrating, serving
from tests.browser.test_field_looks import small_targets, violations

pytestmark = pytest.mark.chromium
DESK = {"width": 1200, "height": 900}


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with demonstrating(tmp_path_factory.mktemp("accounts")) as app:
        with app.app_context():
            service.add_user("bolat", [RoleName.ADMINISTRATOR, RoleName.DATA_STEWARD], PASSWORD)
            service.add_user("erlan", [RoleName.INTERVIEWER], PASSWORD)
            granting.give("erlan", RoleName.ADMINISTRATOR, Place("site_safety", "750000000"))
            inviting.invite("newcomer", [RoleName.SUPERVISOR], EVERYWHERE, None)
            for name in ("bolat", "erlan"):
                tokens.create_token(name, list(Scope), label="планшет № 7")
        yield app


@pytest.fixture(scope="module")
def address(application: Flask) -> Iterator[str]:
    with serving(application) as address:
        yield address


@pytest.fixture(params=list(product(("kk", "ru", "en"), (SMALL_PHONE, DESK))), ids=str)
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """Somebody with every right is signed in; the phone is dark."""
    language, viewport = request.param
    context = browser.new_context(
        base_url=address,
        viewport=viewport,
        locale=language,
        color_scheme="dark" if viewport is SMALL_PHONE else "light",
    )
    page = context.new_page()
    page.goto("/manage/sign-in")
    page.fill("#username", "bolat")
    page.fill("#password", PASSWORD)
    page.click("form button.main")
    assert page.get_attribute("html", "lang") == language
    yield page
    context.close()


def assert_for_everybody(page: Page) -> None:
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    assert violations(page) == []
    assert small_targets(page) == []


def test_every_page_about_people_is_for_everybody(page: Page, application: Flask) -> None:
    with application.app_context():
        numbers = [service.known_user(name).id for name in ("bolat", "erlan", "newcomer")]
        word = links.make("newcomer").word
    pages = ["/manage/people", "/manage/people/new", "/manage/me", f"/manage/link?word={word}"]
    for address in [*pages, *(f"/manage/people/{number}" for number in numbers)]:
        page.goto(address)
        assert_for_everybody(page)


def test_what_is_shown_once_and_what_is_wrong_are_for_everybody(page: Page, application: Flask) -> None:
    with application.app_context():
        number = service.known_user("erlan").id
    page.goto(f"/manage/people/{number}")
    page.click("section[aria-labelledby=password] button")
    assert page.locator("#link").input_value().startswith("http")
    assert_for_everybody(page)
    page.goto("/manage/people/new")
    page.click("form[novalidate] button.main")
    assert page.locator(".bad").count() == 2
    assert_for_everybody(page)
    page.goto("/manage/me")
    page.locator("section[aria-labelledby=tokens] summary").last.click()
    page.click("section[aria-labelledby=tokens] form[novalidate] button.main", timeout=5000)
    assert_for_everybody(page)
    page.fill("#label", "x")
    page.check("input[name=scopes] >> nth=0")
    page.click("section[aria-labelledby=tokens] form[novalidate] button.main")
    assert page.locator("#token").input_value().startswith("survey_")
    assert_for_everybody(page)
