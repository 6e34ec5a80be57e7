"""The whole page's steps: one question at a time, tables, and what is there before any module runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_whole import choose, go_on, question, text
from tests.browser.whole import draft, key, open_whole, ready
from tests.channels.pages.workbooks import BOUNDS, LATE, ONE_BY_ONE, TABLES

pytestmark = pytest.mark.chromium

Publish = Callable[[str], str]
WIDE: ViewportSize = {"width": 1000, "height": 800}


@pytest.fixture
def page(open_page: OpenPage) -> Iterator[Page]:
    opened = open_page(java_script_enabled=True)
    opened.set_default_timeout(20_000)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(f"{error} {error.stack}"))
    yield opened
    assert errors == []


def asked(page: Page) -> list[str]:
    """Names of what is shown."""
    shown = page.locator("section.page:not([hidden]) [data-q]:not([hidden])")
    return [
        str(each.get_attribute("data-q")).rpartition("/")[2].partition("[")[0] for each in shown.all()
    ]


# ---------------------------------------------------------------- one question a screen


def test_one_question_is_asked_at_a_time_and_an_authors_own_page_stays_together(
    page: Page, publish: Publish
) -> None:
    open_whole(page, "en", publish(ONE_BY_ONE))
    steps = []
    for name, words in {"first_name": "Aru", "age": "4", "street": "Abai", "toy_name": "bear"}.items():
        steps.append(asked(page))
        text(page, name, words)
        go_on(page)
    # nobody of four goes to school
    assert steps == [["first_name"], ["soon", "age"], ["street", "house", "number"], ["toy_name"]]
    expect(page.locator("h2.ask")).to_have_text(["The house"])


def test_back_language_jump_and_review_work_one_question_at_a_time(page: Page, publish: Publish) -> None:
    open_whole(page, "en", publish(ONE_BY_ONE))
    text(page, "first_name", "Aru")
    go_on(page)
    text(page, "age", "9")
    go_on(page)
    assert asked(page) == ["school"]
    page.locator(".languages a[lang=kk]").click()
    page.wait_for_url("**/kk/q/**")
    ready(page)
    assert asked(page) == ["school"]
    page.locator("#back").click()
    assert question(page, "age").locator("[name]").input_value() == "9"
    page.go_back()
    assert asked(page) == ["school"]
    for _step in range(5):
        go_on(page)
    assert key(page) == "review"
    assert page.locator("#review h2").count() == 3, "a section is one part of the review"
    page.locator("#review button").nth(2).click()
    expect(question(page, "school").locator("[name]")).to_be_focused()


# ---------------------------------------------------------------- tables


def test_a_table_has_heads_on_a_wide_screen_and_is_cards_on_a_phone(
    page: Page, publish: Publish
) -> None:
    open_whole(page, "en", publish(TABLES))
    heads = page.locator("section.page:not([hidden]) .columns")
    word = question(page, "sad").get_by_text("Never")
    expect(heads).to_be_hidden()
    assert word.bounding_box()["width"] > 30  # type: ignore[index]
    page.set_viewport_size(WIDE)
    expect(heads).to_be_visible()
    assert heads.locator("b span").all_inner_texts() == ["Never", "Sometimes", "Often", "I do not know"]
    for place in range(4):
        head = heads.locator("b span").nth(place).bounding_box()
        field = question(page, "glad").locator("label").nth(place).bounding_box()
        assert head
        assert field
        assert abs(head["x"] - field["x"]) < 2
        assert abs(head["width"] - field["width"]) < 2
        assert field["height"] >= 48


def test_a_screen_reader_hears_question_and_answer_of_every_field_of_a_table(
    page: Page, publish: Publish
) -> None:
    page.set_viewport_size(WIDE)
    open_whole(page, "en", publish(TABLES))
    row = page.get_by_role("group", name="Glad")
    row.get_by_role("radio", name="Sometimes").check()
    assert page.get_by_role("radio").count() == 8, "the heads of the table are not asked"
    go_on(page)
    assert page.locator("#problems a").all_inner_texts() == ["Sad"]
    expect(question(page, "sad").locator(".bad")).to_be_visible()
    choose(page, "sad", "no")
    go_on(page)
    assert draft(page)["snapshot"]["feel"] == {"sad": "no", "glad": "some"}


def test_a_row_that_becomes_relevant_joins_the_table(page: Page, publish: Publish) -> None:
    page.set_viewport_size(WIDE)
    open_whole(page, "en", publish(TABLES))
    choose(page, "sad", "no")
    go_on(page)
    expect(page.locator("h2.ask")).to_have_text(["Mark what fits"])
    expect(question(page, "two")).to_be_hidden()
    choose(page, "one", "no")
    expect(question(page, "two")).to_be_visible()


# ---------------------------------------------------------------- before any module runs


def test_what_was_typed_into_a_rosters_first_instance_before_the_modules_came_is_taken(
    page: Page, publish: Publish
) -> None:
    page.goto(f"/en/q/{publish(LATE)}")
    address = page.locator("form").get_attribute("data-whole") or ""
    waiting: list[Route] = []
    page.route("**/logic/**", lambda route: waiting.append(route))  # noqa: PLW0108  # no builtin is taken
    page.goto(address, wait_until="commit")
    text(page, "toy_name", "bear")
    waiting[0].continue_()
    ready(page)
    expect(question(page, "toy_name").locator("[name]")).to_be_focused()
    assert draft(page)["snapshot"]["toy"] == [{"toy_name": "bear"}]
    go_on(page)
    assert asked(page) == ["toy_whose"]


def test_instances_after_a_first_page_within_a_roster_are_pages_of_their_own(
    page: Page, publish: Publish
) -> None:
    open_whole(page, "en", publish(LATE))
    text(page, "toy_name", "ball")
    go_on(page)
    page.locator("[data-do=add]").click()
    assert question(page, "toy_name").locator("[name]").input_value() == ""
    text(page, "toy_name", "kite")
    page.wait_for_timeout(200)
    page.go_back()
    page.locator(".instances [data-do=remove]").first.click()
    page.locator("dialog button").last.click()
    assert page.locator(".instances .card b").all_inner_texts() == ["1 of 1 · kite"]
    page.locator(".instances [data-do=open]").click()
    assert question(page, "toy_name").locator("[name]").input_value() == "kite"


def test_a_range_says_its_ends(page: Page, publish: Publish) -> None:
    open_whole(page, "en", publish(BOUNDS))
    expect(question(page, "share").locator(".hint")).to_have_text("From 0 to 100")


@pytest.mark.parametrize(("typed", "taken"), [("700", False), ("-1", False), ("100", True), ("0", True)])
def test_a_number_beyond_a_ranges_ends_is_refused(
    page: Page, publish: Publish, typed: str, taken: bool
) -> None:
    open_whole(page, "en", publish(BOUNDS))
    text(page, "share", typed)
    go_on(page)
    if taken:
        expect(page.locator("#problems")).to_have_count(0)
    else:
        expect(question(page, "share")).to_contain_text("must be from 0 to 100")
        assert question(page, "share").locator("[name]").get_attribute("aria-invalid") == "true"
