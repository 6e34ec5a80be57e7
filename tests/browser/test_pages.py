"""The pages in Chromium at 360 × 640 without scripts, and the quick exit with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.chromium

#: every questionnaire and every language; all pairs are walked without a browser (test_journeys)
WALKS = [
    ("family_survey", "kk"),
    ("family_survey", "ru"),
    ("family_survey", "en"),
    ("adolescent_selfreport", "kk"),
    ("site_safety", "ru"),
    ("household_baseline", "kk"),
]
#: what is typed where; everything else gets its first choice
TYPED = {
    "b_age": "7",
    "b_time": "5",
    "t_age": "14",
    "a_hhcode": "012-007",
    "h_size": "5",
    "h_children": "2",
    "c_name": "Қызғалдақ",
    "c_age": "9",
    "k_code": "AB-12",
    "k_date@day": "5",
    "k_date@month": "9",
    "k_date@year": "2026",
    "k_children": "30",
}
SMALLEST_TARGET = 48
#: six steps of a scale stand side by side on a small phone
NARROWEST_TARGET = 46


def begin(page: Page, language: str, questionnaire: str) -> None:
    """Press “Begin”; on a shared phone, where scripts do not lead to the whole page (test_whole)."""
    page.goto(f"/{language}/q/{questionnaire}")
    page.locator("input[name=phone][value=shared]").check()
    code = page.locator(".code")
    if code.count():
        TYPED["t_code"] = code.inner_text()
    press(page.locator("main form button"))


def press(target: Locator) -> None:
    """Click what leads to another page; back when that page is there and loaded.

    A click alone returns once the request is sent: what is read next may belong to neither page.
    """
    with target.page.expect_navigation():
        target.click()


def answer(page: Page, picture: Path | None = None) -> None:
    """Give every question of the page an answer, as a finger would."""
    for group in page.locator("fieldset.q").all():
        choices = group.locator("input[type=radio], input[type=checkbox]")
        if choices.count() and not group.locator("input:checked").count():
            choices.first.check(force=True)
    for select in page.locator("#answers select").all():
        select.select_option(index=1)
    for field in page.locator("#answers input.field[type=text]").all():
        name = (field.get_attribute("name") or "").rpartition("/")[2]
        field.fill(TYPED.get(name, ""))
    for upload in page.locator("#answers input[type=file]").all():
        if picture:
            upload.set_input_files(picture)


def press_next(page: Page) -> None:
    press(page.locator("#answers button.main"))


def steps(page: Page, picture: Path | None = None) -> Iterator[str]:
    """Walk to the thanks, confirming soft checks; each page is yielded before it is answered."""
    for _step in range(80):
        yield page.url
        if page.url.endswith("/thanks"):
            return
        answer(page, picture)
        press_next(page)
    raise AssertionError(f"no end: {page.url}: {page.locator('.box').first.inner_text()}")


def overflows(page: Page) -> bool:
    """Whether a page can be moved sideways; told without scripts, by what the layout says."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def small_targets(page: Page) -> list[str]:
    """What is to be touched and is lower or narrower than it should be.

    Links inside sentences are exempt, but not the numbers to call for help.
    """
    touched: list[Locator] = [
        *page.locator("button, .button, .exit, select, textarea, .field").all(),
        *page.locator(".rows label, .scale label, summary, footer a, .given-answers a").all(),
        *page.locator(".help a").all(),
    ]
    boxes = ((target, target.bounding_box()) for target in touched if target.is_visible())
    return [
        f"{target.inner_text() or target.get_attribute('name')}: {box['width']} × {box['height']}"
        for target, box in boxes
        if box and (box["height"] < SMALLEST_TARGET - 0.5 or box["width"] < NARROWEST_TARGET)
    ]


@pytest.mark.parametrize(("questionnaire", "language"), WALKS)
def test_a_questionnaire_is_filled_in_on_a_small_phone_without_scripts(
    open_page: OpenPage, picture: Path, questionnaire: str, language: str
) -> None:
    page = open_page()
    begin(page, language, questionnaire)
    for place in steps(page, picture):
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("h1").count() == 1, place
    assert page.locator(".code").inner_text().count("-") == 2
    assert page.locator("form").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cramped_and_nothing_sticks_out(open_page: OpenPage, scheme: str) -> None:
    page = open_page(color_scheme=scheme, java_script_enabled=True)  # only to measure
    for questionnaire in ("family_survey", "site_safety"):
        page.goto(f"/kk/q/{questionnaire}")
        assert not overflows(page)
        begin(page, "kk", questionnaire)
        for place in steps(page):
            assert small_targets(page) == [], place
            assert not overflows(page), place


@pytest.mark.parametrize("width", [320, 180])
def test_on_a_narrower_phone_or_at_200_percent_nothing_sticks_out(
    open_page: OpenPage, width: int
) -> None:
    page = open_page(viewport={"width": width, "height": 560}, java_script_enabled=True)
    begin(page, "ru", "family_survey")
    for place in steps(page):
        assert not overflows(page), place


def test_enter_in_a_field_means_next(open_page: OpenPage) -> None:
    page = open_page()
    begin(page, "kk", "family_survey")
    answer(page)
    press_next(page)
    answer(page)
    before = page.url
    with page.expect_navigation():
        page.locator("input.field").press("Enter")
    assert page.url != before
    assert "/kk/" in page.url


def test_the_keyboard_reaches_the_exit_first_and_then_the_questions(open_page: OpenPage) -> None:
    page = open_page()
    begin(page, "ru", "family_survey")
    page.locator(".skip").focus()
    reached = []
    for _key in range(3):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("(e => e.className || e.name || e.tagName)(document.activeElement)")
        )
    assert reached == ["exit", "SUMMARY", "start/b_consent"]


def test_a_link_in_the_list_of_problems_leads_to_the_field(open_page: OpenPage) -> None:
    page = open_page()
    begin(page, "en", "family_survey")
    press_next(page)
    press(page.locator("#problems a").first)
    page.keyboard.press("Space")
    assert page.locator("input[value=agree]").is_checked()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_quick_exit_leads_to_the_calendar_and_back_shows_no_answers(
    open_page: OpenPage, scripts: bool
) -> None:
    page = open_page(java_script_enabled=scripts)
    begin(page, "ru", "family_survey")
    answer(page)
    press_next(page)
    answer(page)
    press(page.locator(".exit"))
    assert page.url.endswith("/ru/exit")
    assert page.title() == "Календарь"
    page.go_back()
    assert page.locator("form").count() == 0
    assert page.locator("input").count() == 0


def test_with_scripts_the_page_that_was_left_is_not_in_the_history(open_page: OpenPage) -> None:
    page = open_page(java_script_enabled=True)
    begin(page, "ru", "family_survey")
    left = page.url
    answer(page)
    press_next(page)
    entries = page.evaluate("history.length")
    press(page.locator(".exit"))
    assert page.url.endswith("/ru/exit")
    assert page.evaluate("history.length") == entries, "replaced, not added"
    page.go_back()
    assert page.url.split("#")[0] == left
    assert page.locator("input").count() == 0


def test_without_a_network_back_shows_no_answers_out_of_the_browser_s_memory(
    open_page: OpenPage,
) -> None:
    page = open_page(java_script_enabled=True)
    begin(page, "ru", "family_survey")
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    page.locator("#answers").wait_for(state="detached")


def test_the_questions_print_without_the_frame(open_page: OpenPage) -> None:
    page = open_page()
    begin(page, "kk", "family_survey")
    page.emulate_media(media="print")
    assert page.locator("legend").first.is_visible()
    for frame in (".top", ".languages", ".exit", "footer", "button.main"):
        assert not page.locator(frame).first.is_visible(), frame
