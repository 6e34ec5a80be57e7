"""The whole page by keyboard alone, heard, with letters of twice the size, and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser import screens
from tests.browser.conftest import OpenPage
from tests.browser.test_pages import overflows
from tests.browser.whole import draft, key, open_whole, ready

pytestmark = pytest.mark.chromium

#: what has the focus: whether a ring is seen around it (or what stands for it), not under the bar on top,
#: and what pressing a key there means
FOCUSED = """
() => {
  const field = document.activeElement;
  const ring = (each) => { const style = getComputedStyle(each); return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2; };
  const box = field.getBoundingClientRect();
  const bar = document.querySelector(".top").getBoundingClientRect().bottom;
  return {
    tag: field.tagName, id: field.id, type: field.type ?? "", name: field.name ?? "", checked: Boolean(field.checked),
    ring: ring(field) || (field.nextElementSibling !== null && ring(field.nextElementSibling)),
    seen: field.matches(".skip, .top *") || box.bottom > bar && box.top < innerHeight,
  };
}
"""
#: the ids of the live places that said something, in the order in which they did
HEARD = """
() => {
  globalThis.heard = [];
  const told = (place) => {
    const words = place.textContent.trim();
    if (words && heard.at(-1)?.[1] !== words) heard.push([place.getAttribute("role"), words]);
  };
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const place = (target.nodeType === 1 ? target : target.parentElement)?.closest("[role=status], [role=alert]");
      if (place) told(place);
    }
    for (const place of document.querySelectorAll("#summary [role=alert]")) told(place);
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}
"""
LARGE_LETTERS = "html { font-size: 32px !important; }"


@pytest.fixture
def page(open_page: OpenPage, demonstration: Flask) -> Iterator[Page]:
    screens.publish_small(demonstration)
    page = open_page(java_script_enabled=True)
    page.set_default_timeout(15_000)
    yield page


def press_on(page: Page) -> Any:
    """Go one stop further by Tab; what is there must be seen."""
    page.keyboard.press("Tab")
    stop = page.evaluate(FOCUSED)
    assert stop["ring"] and stop["seen"], stop
    return stop


def answer_by_keyboard(page: Page, answered: set[str]) -> None:
    """Tab over one page, giving the first choice of each question once, and press “Next”."""
    for _stop in range(80):
        stop = press_on(page)
        if stop["id"] == "next":
            page.keyboard.press("Enter")
            return
        if stop["name"] in answered:
            continue
        answered.add(stop["name"])
        if stop["type"] in {"radio", "checkbox"}:
            page.keyboard.press("Space")
        elif stop["tag"] == "SELECT":
            page.keyboard.press("ArrowDown")
        elif stop["type"] == "text":
            page.keyboard.type("7")
    raise AssertionError("“Next” is not reached")


def test_a_questionnaire_is_filled_in_by_keyboard_alone_and_the_focus_is_always_seen(page: Page) -> None:
    page.goto("/kk/q/family_survey")
    page.locator("form[data-enhanced=yes]").wait_for()
    while page.evaluate(FOCUSED)["tag"] != "BUTTON":
        press_on(page)
    page.keyboard.press("Enter")
    ready(page)
    answered: set[str] = {""}
    for _page in range(40):
        if key(page) == "review":
            break
        answer_by_keyboard(page, answered)
        page.wait_for_timeout(50)
        # a screen begins at its heading, or at what is wrong on it
        assert page.evaluate("document.activeElement.matches('h1, #problems')")
    else:
        raise AssertionError(page.locator("#summary").inner_text())
    while page.evaluate(FOCUSED)["id"] != "next":
        press_on(page)
    page.keyboard.press("Enter")
    expect(page.locator("#sent h1")).to_be_focused()


def test_what_happens_is_said_aloud(page: Page) -> None:
    open_whole(page, "en", "family_survey")
    page.evaluate(HEARD)
    page.locator("#next").click()
    page.evaluate(screens.FILL)
    draft(page)
    for _screen in screens.sections(page):
        pass
    screens.prepared(page)
    page.context.set_offline(True)
    page.locator("#next").click()
    expect(page.locator("#queued")).to_be_visible()
    heard = page.evaluate("heard")
    assert heard[0][0] == "alert"
    assert "need another look" in heard[0][1]
    said = [words for role, words in heard if role == "status"]
    assert "Saved on this phone" in said
    assert any(words.startswith("Sending") for words in said)
    assert any("Is this right?" in words for role, words in heard if role == "alert")


@pytest.mark.parametrize(
    ("questionnaire", "width"), [("family_survey", 180), ("kinds", 360), ("toys", 180)]
)
def test_letters_of_twice_the_size_fit(page: Page, questionnaire: str, width: int) -> None:
    """By zooming, which halves the page's width, and by the browser's own size of letters."""
    if width == 180:
        page.set_viewport_size({"width": 180, "height": 320})
    else:
        page.add_init_script(
            f"addEventListener('DOMContentLoaded', () => {{ const sheet = new CSSStyleSheet(); sheet.replaceSync('{LARGE_LETTERS}');"
            " document.adoptedStyleSheets = [sheet]; })"
        )
    cut_off = {
        screen: wide
        for screen in screens.whole(page, "kk", questionnaire)
        if (wide := [*cut(page), *(["sticks out"] if overflows(page) else [])])
    }
    assert cut_off == {}


def cut(page: Page) -> list[str]:
    """Texts that are wider than what holds them."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("main *, .top *, .languages *")]
          .filter((each) => each.checkVisibility() && each.scrollWidth > each.clientWidth + 2 && each.clientWidth
            && getComputedStyle(each).display !== "inline" && !each.matches("input, select, textarea, .help p"))
          .map((each) => each.outerHTML.slice(0, 90))"""
    )
    return found


def test_on_paper_stands_everything_asked_with_its_answer(page: Page) -> None:
    open_whole(page, "en", "family_survey")
    for number, _screen in enumerate(screens.sections(page)):
        if number == 6:
            break
    shown = page.locator("section.page:not([hidden]) h1").inner_text()
    page.locator("[data-on-paper]").wait_for()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    paper = page.locator("main").inner_text()
    assert "Do you consent to take part?" in paper
    assert "Yes, I give consent" in paper
    assert page.locator("#review dt").count() > 20
    for gone in ("button", ".button", ".languages", ".trial", "#kept", "footer"):
        for each in page.locator(gone).all():
            expect(each).to_be_hidden()
    page.emulate_media(media="screen")
    assert page.locator("section.page:not([hidden]) h1").inner_text() == shown
