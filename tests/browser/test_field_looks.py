"""Every screen of the field staff's program, for everybody: axe-core, keyboard, large letters, the dark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from surveyapp.catalogue.models import Access
from tests.browser.conftest import demonstrating, serving
from tests.browser.fielding import PIN, SMALL_PHONE, answer, begin, enrol, new_code
from tests.collecting import publish

pytestmark = pytest.mark.chromium

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: in the dark too
EVERY_SCREEN = os.environ.get("EVERY_SCREEN") == "yes"
TABS = ("questionnaires", "drafts", "outbox", "returned", "phone")
#: rows that the tabs take when there is much work
ROWS_OF_TABS = """() => {
  for (const count of document.querySelectorAll(".tabs b")) count.textContent = "88";
  return new Set([...document.querySelectorAll(".tabs a")].map((tab) => tab.offsetTop)).size;
}"""


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with demonstrating(tmp_path_factory.mktemp("looks")) as app:
        with app.app_context():
            publish(access=Access.STAFF)
        yield app


@pytest.fixture(scope="module")
def address(application: Flask) -> Iterator[str]:
    with serving(application) as address:
        yield address


@pytest.fixture(params=["kk", "ru", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["light", "dark"] if EVERY_SCREEN else ["light"])
def phone(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=address, viewport=SMALL_PHONE, color_scheme=request.param)
    yield context
    context.close()


def violations(page: Page) -> list[str]:
    page.evaluate(AXE)
    found = page.evaluate(
        """async (values) => {
          const options = { runOnly: { type: "tag", values }, rules: { "color-contrast-enhanced": { enabled: true } } };
          const { violations } = await axe.run(document, options);
          return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
        }""",
        _RULES,
    )
    return [str(each) for each in found]


def small_targets(page: Page) -> list[str]:
    """What can be touched and is lower than 48 px; links within sentences excepted."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("main a, main button, main input, main label:has(input)")]
          .filter((each) => each.offsetParent && !(each.matches("input") && each.closest("label")))
          .filter((each) => each.getBoundingClientRect().height < 47.5)
          .map((each) => each.outerHTML.slice(0, 90))"""
    )
    return [str(each) for each in found]


def check(page: Page, where: str) -> None:
    assert violations(page) == [], where
    assert small_targets(page) == [], where
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where


def fill_all_lists(page: Page, application: Flask, language: str) -> None:
    """A draft, a record that waits and one that was received."""
    # the worker's own sending is none of the page's requests, which are stopped below
    page.add_init_script("delete ServiceWorkerRegistration.prototype.sync")
    for label, go_on in (("Almaty" if language == "en" else "Алматы", False), (None, True)):
        page.goto(f"/{language}/field#questionnaires")
        begin(page)
        if go_on:
            answer(page, "Almaty" if language == "en" else "Алматы")
            page.route("**/api/v1/submissions", lambda route: route.abort())
            page.locator("#next").click()
            expect(page.locator("#queued")).to_be_visible()
        elif label:
            page.get_by_label(label).check()
            expect(page.locator("#kept")).not_to_have_text("")


def test_every_screen_is_for_everybody(
    phone: BrowserContext, application: Flask, language: str, tmp_path: Path
) -> None:
    page = phone.new_page()
    page.goto(f"/{language}/field#enrol={new_code(application)}")
    expect(page.locator("#enrol")).to_be_visible()
    check(page, "enrol")
    page.locator("#enrol button.main").click()
    expect(page.locator("#pin")).to_be_visible()
    check(page, "pin")
    page.locator("#pin button.main").click()
    page.locator("#new-pin").fill(PIN)
    page.locator("#again").fill(PIN)
    page.locator("#pin button.main").click()
    expect(page.locator("#questionnaires .card")).to_have_count(5, timeout=30_000)
    fill_all_lists(page, application, language)
    for tab in TABS:
        page.goto(f"/{language}/field#{tab}")
        expect(page.locator(f"#{tab}")).to_be_visible()
        check(page, tab)
        assert page.evaluate(ROWS_OF_TABS) <= 2, tab
    page.goto(f"/{language}/field#drafts")
    page.locator("#drafts [data-do=delete]").first.click()
    expect(page.locator("#ask")).to_be_visible()
    check(page, "ask")
    page.locator("#ask [value=no]").click()
    page.goto(f"/{language}/field#phone")
    page.locator("[data-do=lock]").click()
    expect(page.locator("#unlock")).to_be_visible()
    check(page, "unlock")


def test_letters_of_twice_the_size_fit(browser: Browser, address: str, application: Flask) -> None:
    context = browser.new_context(base_url=address, viewport={"width": 180, "height": 320})
    page = enrol(context, application, "kk")
    for tab in TABS:
        page.goto(f"/kk/field#{tab}")
        expect(page.locator(f"#{tab}")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
    context.close()


def test_it_is_worked_with_by_keyboard_alone(browser: Browser, address: str, application: Flask) -> None:
    context = browser.new_context(base_url=address, viewport=SMALL_PHONE)
    page = context.new_page()
    page.goto("/en/field")
    expect(page.locator("#code")).to_be_visible()
    page.locator("#code").focus()
    page.keyboard.type(new_code(application))
    page.keyboard.press("Enter")
    expect(page.locator("#pin h1")).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Tab")
        page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect(page.locator("#questionnaires h1")).to_be_focused(timeout=30_000)
    page.keyboard.press("Tab")
    expect(page.locator("#practising")).to_be_focused()
    context.close()
