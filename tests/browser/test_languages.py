"""Another language is a no-op: on every screen, at any moment, offline too: same place, same answers."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from surveyapp.i18n import LANGUAGES
from tests.browser import screens
from tests.browser.conftest import OpenPage
from tests.browser.whole import draft, kept, open_whole, ready

pytestmark = pytest.mark.chromium

#: where a whole page is, and what stands in its fields
PLACE = """
() => [document.querySelector("#answers:not([hidden])") && history.state?.page, [...document.querySelectorAll("main > section, #answers")].filter(({ hidden }) => !hidden).map(({ id }) => id),
  [...document.querySelectorAll("#answers:not([hidden]) > section.page:not([hidden]) > [data-q]:not([hidden]) [name]")]
    .map(({ name, value, checked }) => [name, value, checked])]
"""


def language_of(page: Page) -> str:
    return str(page.locator("html").get_attribute("lang"))


def switch(page: Page) -> str:
    """Press the next language; which it is."""
    other = LANGUAGES[(LANGUAGES.index(language_of(page)) + 1) % len(LANGUAGES)]
    page.locator(f".languages a[lang={other}]").click()
    page.locator(f"html[lang={other}]").wait_for()
    return other


def answers(page: Page) -> tuple[Any, Any]:
    """What is kept of the draft; nothing before the first answer and after the last."""
    rows = kept(page, "drafts")
    if not rows:
        return None, None
    now = draft(page)
    return now["snapshot"], now["typed"]


def switch_at_the_same_place(page: Page) -> None:
    """Switch, and hold the page to what it was."""
    page.wait_for_timeout(300)  # what was typed last is kept after a moment
    before = answers(page), page.evaluate(PLACE)
    switch(page)
    ready(page)
    page.wait_for_timeout(100)
    assert (answers(page), page.evaluate(PLACE)) == before


@pytest.mark.parametrize(
    ("questionnaire", "network"), [("family_survey", False), ("toys", True), ("kinds", True)]
)
def test_on_every_screen_of_the_whole_page(
    open_page: OpenPage, demonstration: Flask, questionnaire: str, network: bool
) -> None:
    screens.publish_small(demonstration)
    page = open_page(java_script_enabled=True)
    page.set_default_timeout(20_000)
    open_whole(page, "kk", questionnaire)
    if not network:
        screens.prepared(page)
        page.context.set_offline(True)
    for _screen in screens.sections(page):
        switch_at_the_same_place(page)
    screens.prepared(page)
    page.context.set_offline(True)
    page.locator("#next").click()
    expect(page.locator("#queued")).to_be_visible()
    switch_at_the_same_place(page)
    page.context.set_offline(False)
    expect(page.locator("#sent")).to_be_visible()
    code = page.locator("#sent .code").inner_text()
    switch_at_the_same_place(page)
    assert page.locator("#sent .code").inner_text() == code


def test_on_every_screen_of_the_field_program(open_page: OpenPage, demonstration: Flask) -> None:
    """From the record that waits on without a network."""
    page = open_page(java_script_enabled=True)
    page.set_default_timeout(20_000)
    for screen in screens.field(page, demonstration, "kk"):
        if key_of_field(page):
            before = key_of_field(page)
            switch(page)
            expect(page.locator(f"#{before}")).to_be_visible()
            assert key_of_field(page) == before, screen


def key_of_field(page: Page) -> str:
    """The id of the screen of `/field` that is shown; nothing on a questionnaire's page or behind a question."""
    return str(
        page.evaluate(
            "() => [...document.querySelectorAll('#field > section, #work > section')]"
            ".filter((each) => each.id !== 'work' && each.checkVisibility() && !document.querySelector('dialog[open]')).map(({ id }) => id)[0] ?? ''"
        )
    )
