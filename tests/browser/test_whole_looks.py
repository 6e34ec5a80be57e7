"""Every screen for everybody: axe-core finds nothing, nothing is cramped or sticks out, everything has a name.

A sample of the walks of `screens.py` runs always; `EVERY_SCREEN=yes` runs them all, in three languages.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has none
from flask import Flask
from playwright.sync_api import Page

from surveyapp.i18n import LANGUAGES
from tests.browser import screens
from tests.browser.conftest import OpenPage
from tests.browser.test_pages import NARROWEST_TARGET, SMALLEST_TARGET, overflows
from tests.browser.whole_screens import walks

pytestmark = pytest.mark.chromium

EVERY_SCREEN = os.environ.get("EVERY_SCREEN") == "yes"
WALKS = ("public", *screens.BUILT_IN, *screens.SMALL, "interruptions", "twice", "field")
#: walk, language, and of how many of its screens one is looked at
SAMPLE = [
    ("public", "ru", 6),
    ("family_survey", "kk", 3),
    ("kinds", "en", 1),
    ("interruptions", "kk", 1),
    ("field", "kk", 6),
]
EVERY = [(walk, language, 1) for walk in WALKS for language in LANGUAGES]

#: WCAG 2.2 at levels A and AA, and contrast as on all question pages (7:1)
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}},
}
#: all that the dark changes
COLOURS = {"runOnly": ["color-contrast", "color-contrast-enhanced"]}
#: what is to be touched and is lower or narrower than it should be (`test_pages.small_targets`)
SMALL = """
([lowest, narrowest]) => [...document.querySelectorAll(
  "button, .button, .exit, select, textarea, .field, .rows label, .scale label, label.tick, summary, .linklike, " +
  "footer a, .help a, .tabs a, .languages a, .top a"
)].filter((target) => target.checkVisibility()).flatMap((target) => {
  const { width, height } = target.getBoundingClientRect();
  return height < lowest - 0.5 || width < narrowest ? [`${target.outerHTML.slice(0, 100)}: ${width} × ${height}`] : [];
})
"""
SUMMARY = "DisclosureTriangle"
#: what can be worked with, to a screen reader
WORKED_WITH = {
    "button",
    "link",
    "textbox",
    "searchbox",
    "radio",
    "checkbox",
    "combobox",
    "listbox",
    "option",
    "slider",
    "spinbutton",
    "tab",
    SUMMARY,
}
GROUPS = {"group", "radiogroup", "dialog", "navigation", "complementary"}


def violations(page: Page, rules: object = None) -> list[str]:
    """What axe finds, by rule and place; nothing lies under the bar on top."""
    page.evaluate("scrollTo(0, 0)")
    found = Axe().run(page, options=rules or RULES).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def cramped(page: Page) -> list[str]:
    """What is too small for a thumb, and whether the page can be moved sideways."""
    small: list[str] = page.evaluate(SMALL, [SMALLEST_TARGET, NARROWEST_TARGET])
    return [*small, *(["sticks out"] if overflows(page) else [])]


def nameless(page: Page) -> list[str]:
    """Controls and groups of the accessibility tree that a screen reader could not name."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    roles = {
        node["nodeId"]: (node["role"]["value"], node.get("name", {}).get("value"))
        for node in nodes
        if not node["ignored"]
    }
    above = {node["nodeId"]: node.get("parentId") for node in nodes}
    # what can be folded is a group too, a node above its summary, which says what it is
    summaries = [number for number, (role, _name) in roles.items() if role == SUMMARY]
    folded = {above[above[number]] for number in summaries}
    assert any(role in WORKED_WITH for role, _name in roles.values())
    return [
        f"{role} {number}"
        for number, (role, name) in roles.items()
        if role in WORKED_WITH | GROUPS and not name and number not in folded
    ]


def dark(page: Page) -> list[str]:
    """What cannot be read in the dark."""
    page.emulate_media(color_scheme="dark")
    found = violations(page, COLOURS)
    page.emulate_media(color_scheme="light")
    return found


def looked_at(walk: Iterator[str], every: int) -> Iterator[str]:
    """One of so many screens, and the last ones always."""
    for number, screen in enumerate(walk):
        if number % every == 0 or screen in {"review", "queued", "sent"}:
            yield screen


@pytest.mark.parametrize(("walk", "language", "every"), EVERY if EVERY_SCREEN else SAMPLE)
def test_no_screen_shuts_anybody_out(
    open_page: OpenPage, demonstration: Flask, walk: str, language: str, every: int
) -> None:
    screens.publish_small(demonstration)
    page = open_page(java_script_enabled=True)
    page.set_default_timeout(30_000)
    found: dict[str, list[str]] = {}
    for screen in looked_at(walks(demonstration, language)[walk](page), every):
        page.wait_for_timeout(100)
        if wrong := violations(page) + dark(page) + cramped(page) + nameless(page):
            found[screen] = wrong
    assert found == {}
