"""The whole page in Chromium: rosters, soft checks, languages, files, places, long lists, and never a lost answer."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenPage
from tests.browser.whole import draft, kept, key, open_whole, ready
from tests.channels.pages.workbooks import KINDS, TOYS, workbook
from tests.files import pictures

pytestmark = pytest.mark.chromium

ROWS = 15_000
LONG = workbook(
    "long_list",
    """| | type | name | label |
| | select_one village | village | Which village? |
| | text | last | Last words |
""",
    "| | list_name | name | label |\n"
    + "".join(f"| | village | v{number} | Ауыл {number} |\n" for number in range(ROWS))
    + "| | village | kyz | Қызылқұм |\n",
)
SIGNED = workbook(
    "signed",
    """| | type | name | label | appearance |
| | image | name | Sign here | signature |
""",
)


def large_photo() -> bytes:
    """A JPEG as a phone's camera makes it: wide, with the place in it."""
    target = io.BytesIO()
    pictures.drawing().resize((3000, 1500)).save(target, "JPEG", exif=pictures.exif())
    return target.getvalue()


@pytest.fixture
def page(open_page: OpenPage) -> Iterator[Page]:
    opened = open_page(java_script_enabled=True)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(f"{error} {error.stack}"))
    yield opened
    assert errors == []


def go_on(page: Page) -> None:
    page.locator("#next").click()


def question(page: Page, name: str) -> Locator:
    """What holds the question of that name on the page that is shown."""
    return page.locator(f"section.page:not([hidden]) [data-q$='{name}']")


def choose(page: Page, name: str, value: str) -> None:
    question(page, name).locator(f"input[value='{value}']").check(force=True)


def text(page: Page, name: str, words: str) -> None:
    question(page, name).locator("[name]").first.fill(words)


def answers_of(page: Page) -> Any:
    """The answers as the phone keeps them."""
    return draft(page)["snapshot"]


# ---------------------------------------------------------------- keeping


def test_a_reload_goes_on_at_the_same_place_with_the_same_answers(page: Page) -> None:
    open_whole(page, "kk", "family_survey")
    choose(page, "b_consent", "agree")
    go_on(page)
    text(page, "b_age", "седьмой")
    page.wait_for_timeout(300)
    page.reload()
    ready(page)
    assert key(page) == "2"
    assert question(page, "b_age").locator("[name]").input_value() == "седьмой"
    page.locator("#back").click()
    assert question(page, "b_consent").locator("input:checked").get_attribute("value") == "agree"


def test_the_language_is_changed_at_the_same_place_and_each_answers_language_is_kept(page: Page) -> None:
    open_whole(page, "kk", "family_survey")
    choose(page, "b_consent", "agree")
    go_on(page)
    page.locator(".languages a[lang=ru]").click()
    page.wait_for_url("**/ru/q/**")
    ready(page)
    assert key(page) == "2"
    choose(page, "b_area", "rural")
    kept_now = draft(page)
    assert kept_now["language"] == "ru"
    assert kept_now["answer_languages"] == {"start/b_consent": "kk", "about/b_area": "ru"}
    assert kept_now["consent"]["language"] == "kk"
    assert kept_now["consent"]["how"] == "web page"


def test_what_was_answered_before_the_modules_came_is_taken(page: Page) -> None:
    page.goto("/ru/q/family_survey")
    waiting: list[Route] = []
    page.route("**/logic/**", lambda route: waiting.append(route))  # noqa: PLW0108  # no builtin is taken
    page.goto(page.locator("form").get_attribute("data-whole") or "", wait_until="commit")
    page.locator("input[value=agree]").check(force=True)
    waiting[0].continue_()
    ready(page)
    go_on(page)
    assert draft(page)["snapshot"]["start"] == {"b_consent": "agree"}


def test_where_nothing_can_be_kept_the_form_leads_to_the_stepwise_pages(page: Page) -> None:
    page.goto("/ru/q/family_survey")
    address = page.locator("form").get_attribute("data-whole")
    page.add_init_script(
        "delete window.indexedDB; Object.defineProperty(window, 'indexedDB', {value: undefined})"
    )
    page.goto(address or "")
    page.locator("html[data-enhanced=no]").wait_for()
    page.locator("input[value=agree]").check(force=True)
    go_on(page)
    page.wait_for_url("**/page/2")


@pytest.mark.parametrize("taken", ["scripts", "logic"])
def test_a_sign_in_page_instead_of_a_part_of_the_page_leaves_the_form(page: Page, taken: str) -> None:
    page.goto("/ru/q/family_survey")
    address = page.locator("form").get_attribute("data-whole") or ""
    portal = {"status": 200, "body": "<h1>Pay here</h1>", "content_type": "text/html"}
    page.route(f"**/{taken}/**", lambda route: route.fulfill(**portal))
    page.goto(address)
    page.locator("input[value=agree]").check(force=True)
    go_on(page)
    page.wait_for_url("**/page/2")
    page.unroute(f"**/{taken}/**")
    page.goto(address)
    ready(page)  # nothing of the network's page was kept


def test_a_second_tab_is_told_and_can_take_over(page: Page) -> None:
    open_whole(page, "en", "family_survey")
    choose(page, "b_consent", "agree")
    go_on(page)
    draft(page)
    second = page.context.new_page()
    second.goto(page.url)
    second.locator("#notice button").click()
    ready(second)
    second.wait_for_timeout(300)
    expect(second.locator("#answers")).to_be_visible()
    expect(page.locator("#answers")).to_be_hidden()
    expect(page.locator("#notice")).to_contain_text("another window")


def test_a_tab_whose_draft_was_deleted_in_another_is_not_told_that_it_is_open_there(page: Page) -> None:
    open_whole(page, "en", "family_survey")
    choose(page, "b_consent", "agree")
    draft(page)
    other = page.context.new_page()
    other.goto("/en/q/family_survey")
    other.locator("#here button").click()
    other.locator("dialog.sure button").last.click()
    expect(page.locator("#gone")).to_contain_text("they were sent or deleted")
    expect(page.locator("#answers")).to_be_hidden()
    expect(page.locator("#notice")).not_to_contain_text("another window")
    other.wait_for_timeout(300)
    assert kept(other, "drafts") == []


def test_the_quick_exit_deletes_the_answers(page: Page) -> None:
    open_whole(page, "ru", "family_survey")
    choose(page, "b_consent", "agree")
    go_on(page)
    draft(page)
    page.locator("a[data-exit]").click()
    page.wait_for_url("**/exit")
    assert kept(page, "drafts") == []
    page.go_back()
    ready(page)
    assert page.locator("input:checked").count() == 0


@pytest.mark.parametrize("pause", [0, 60, 140, 200])
def test_the_quick_exit_does_not_wait_for_an_answer_that_is_being_written(
    page: Page, pause: int
) -> None:
    open_whole(page, "ru", "family_survey")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 6})
    choose(page, "b_consent", "agree")
    page.wait_for_timeout(pause)
    page.locator("a[data-exit]").click()
    page.wait_for_url("**/exit")
    assert kept(page, "drafts") == []


#: as `keep/left.js` does in a page that is left
LEAVE = """
([id, questionnaire]) => localStorage.setItem(
  "surveyapp.left " + id,
  JSON.stringify({ row: { id, door: "web", draft: { questionnaire } }, isNew: true }),
)
"""


def test_the_quick_exit_of_the_start_page_deletes_what_it_offers(page: Page) -> None:
    open_whole(page, "ru", "family_survey")
    choose(page, "b_consent", "agree")
    row = draft(page)
    page.goto("/ru/q/family_survey")
    page.locator("#here a").wait_for()
    # another tab is hidden, and leaves it behind
    page.evaluate(LEAVE, [row["id"], "family_survey"])
    page.locator("a[data-exit]").click()
    page.wait_for_url("**/exit")
    assert kept(page, "drafts") == []
    assert page.evaluate("localStorage.length") == 0


def test_the_quick_exit_deletes_what_was_left_and_never_came_into_the_database(page: Page) -> None:
    page.route("**/scripts/**", lambda _route: None)  # its modules have not come
    page.goto("/ru/q/family_survey", wait_until="commit")
    page.locator("a[data-exit]").wait_for()
    for questionnaire in ("family_survey", "another"):
        page.evaluate(LEAVE, [questionnaire, questionnaire])
    page.wait_for_function("document.readyState !== 'loading'")
    page.locator("a[data-exit]").click()
    page.wait_for_url("**/exit")
    assert page.evaluate("Object.keys(localStorage)") == ["surveyapp.left another"]


def test_the_quick_exit_deletes_a_draft_before_the_modules_came(page: Page) -> None:
    open_whole(page, "ru", "family_survey")
    choose(page, "b_consent", "agree")
    draft(page)
    page.route("**/logic/**", lambda _route: None)
    page.reload()
    page.locator("a[data-exit]").click()
    page.wait_for_url("**/exit")
    assert kept(page, "drafts") == []


def test_the_start_page_offers_to_go_on_or_to_delete(page: Page) -> None:
    open_whole(page, "ru", "family_survey")
    choose(page, "b_consent", "agree")
    go_on(page)
    draft(page)
    page.goto("/kk/q/family_survey")
    page.locator("#here a").click()
    ready(page)
    assert key(page) == "2"
    page.goto("/kk/q/family_survey")
    page.locator("#here button").click()
    page.locator("dialog button").last.click()
    expect(page.locator("#here")).to_be_hidden()
    assert kept(page, "drafts") == []


# ---------------------------------------------------------------- checks, rosters, review


def test_a_soft_check_asks_once(page: Page) -> None:
    open_whole(page, "en", "family_survey")
    choose(page, "b_consent", "agree")
    go_on(page)
    choose(page, "b_area", "urban")
    question(page, "b_region").locator("select").select_option(index=1)
    text(page, "b_age", "7")
    go_on(page)
    choose(page, "b_sex", "boy")
    go_on(page)
    assert page.locator(".box.look a").count() == 2
    go_on(page)
    assert page.locator("#problems").count() == 0
    assert key(page) != "3"


def test_what_is_wrong_is_listed_with_links_and_goes_when_it_is_mended(page: Page) -> None:
    open_whole(page, "en", "family_survey")
    choose(page, "b_consent", "agree")
    go_on(page)
    text(page, "b_age", "99")
    go_on(page)
    expect(page.locator("#problems")).to_be_focused()
    page.locator("#problems a").last.click()
    expect(question(page, "b_age").locator("[name]")).to_be_focused()
    assert question(page, "b_age").locator("[name]").get_attribute("aria-invalid") == "true"
    assert "0 to 17" in question(page, "b_age").locator(".bad").inner_text()
    text(page, "b_age", "9")
    expect(question(page, "b_age").locator(".bad")).to_have_count(0)


def test_a_roster_gets_a_card_for_each_instance_and_removing_is_asked_twice(
    page: Page, publish: Any
) -> None:
    open_whole(page, "en", publish(TOYS))
    text(page, "toy_name", "bear")
    go_on(page)
    assert page.locator(".instances .card").count() == 1
    page.locator("[data-do=add]").click()
    text(page, "toy_name", "ball")
    text(page, "toy_age", "x")
    page.wait_for_timeout(200)
    page.go_back()
    assert page.locator(".instances .card b").all_inner_texts() == ["1 of 2 · bear", "2 of 2 · ball"]
    page.locator(".instances [data-do=remove]").first.click()
    page.locator("dialog button").first.click()
    assert page.locator(".instances .card").count() == 2
    page.locator(".instances [data-do=remove]").first.click()
    page.locator("dialog button").last.click()
    assert page.locator(".instances .card b").all_inner_texts() == ["1 of 1 · ball"]
    kept_now = draft(page)
    assert kept_now["snapshot"]["toy"] == [{"toy_name": "ball"}]
    assert kept_now["typed"] == {"toy[1]/toy_age": {"": ["x"]}}


def test_files_of_a_roster_move_up_with_the_instance_after_the_one_that_was_removed(
    page: Page, publish: Any, tmp_path: Path
) -> None:
    photo = tmp_path / "IMG_1.jpg"
    photo.write_bytes(large_photo())
    open_whole(page, "en", publish(TOYS))
    text(page, "toy_name", "bear")
    go_on(page)
    for name in ("ball", "boat"):
        page.locator("[data-do=add]").click()
        text(page, "toy_name", name)
        question(page, "toy_photo").locator("input[type=file]").set_input_files(photo)
        question(page, "toy_photo").locator(".taken img").wait_for()
        page.go_back()
    page.locator(".instances [data-do=remove]").nth(1).click()
    page.locator("dialog button").last.click()
    expect(page.locator(".instances .card b")).to_have_text(["1 of 2 · bear", "2 of 2 · boat"])
    name = draft(page)["snapshot"]["toy"][1]["toy_photo"]
    about = kept(page, "files")
    assert [row["path"] for row in about] == [row["path"] for row in kept(page, "contents")]
    assert [row["path"] for row in about] == ["toy[2]/toy_photo"]
    page.locator(".instances [data-do=open]").nth(1).click()
    question(page, "toy_photo").locator(".taken img").wait_for()
    assert name.startswith("toy_photo-")


def test_the_review_shows_every_answer_and_leads_to_what_is_to_be_changed(
    page: Page, publish: Any
) -> None:
    open_whole(page, "en", publish(TOYS))
    text(page, "toy_name", "bear")
    go_on(page)
    go_on(page)
    text(page, "last", "the end")
    go_on(page)
    expect(page.locator("#review")).to_contain_text("bear")
    assert page.locator("#review dt").all_inner_texts()[-1] == "Last words"
    page.locator("#review button").first.click()
    expect(question(page, "toy_name").locator("[name]")).to_be_focused()


# ---------------------------------------------------------------- controls


def test_every_kind_of_question_gives_the_value_that_was_meant(page: Page, publish: Any) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 43.25, "longitude": 76.95, "accuracy": 8})
    open_whole(page, "en", publish(KINDS))
    for name, words in {
        "a_text": " Сөз ",
        "a_story": "one\ntwo",
        "a_whole": "1 250",
        "a_decimal": "2,5",
    }.items():
        text(page, name, words)
    go_on_through(
        page,
        {"a_date": ("5", "9", "2026"), "a_time": ("9.05",), "a_moment": ("5", "9", "2026", "14:30")},
    )
    choose(page, "a_choice", "blue")
    choose(page, "some", "red")
    choose(page, "some", "blue")
    for name in ("blue", "red", "dk", "none"):
        question(page, "order").locator(
            "button.rank", has_text={"blue": "Blue", "red": "Red", "dk": "know", "none": "None"}[name]
        ).click()
    fill_second(page)
    question(page, "spot").get_by_role("button", name="Find my place").click()
    expect(question(page, "spot")).to_contain_text("Accurate to 8 m")
    text(page, "way", "43 76\n43.5 76.5")
    text(page, "bars", "4870001")
    go_on_until_review(page)
    answers = answers_of(page)
    assert answers["first"]["a_whole"] == 1250
    assert answers["first"]["a_decimal"] == 2.5
    assert answers["first"]["a_text"] == "Сөз"
    assert answers["first"]["a_date"] == "2026-09-05"
    assert answers["first"]["a_time"].startswith("09:05:00")
    assert answers["first"]["a_moment"].startswith("2026-09-05T14:30:00")
    assert answers["second"]["a_choice"] == "blue"
    assert answers["second"]["some"] == ["red", "blue"]
    assert answers["second"]["order"] == ["blue", "red", "dk", "none"]
    assert answers["third"]["spot"] == {"lat": 43.25, "lon": 76.95, "alt": None, "accuracy": 8}
    assert [place["lat"] for place in answers["third"]["way"]] == [43, 43.5]


def go_on_through(page: Page, parts: dict[str, tuple[str, ...]]) -> None:
    """Fill in questions of several fields, and the rest of the section."""
    for name, words in parts.items():
        while not question(page, name).count():
            go_on(page)
        for field, word in zip(question(page, name).locator("[name]").all(), words, strict=True):
            field.fill(word)
    go_on(page)


def fill_second(page: Page) -> None:
    while not question(page, "spot").count():
        go_on(page)


def go_on_until_review(page: Page) -> None:
    for _page in range(12):
        if key(page) == "review":
            return
        go_on(page)
    raise AssertionError(page.locator("main").inner_text())


def test_a_photo_is_made_small_shown_and_sent_without_its_own_name(
    page: Page, publish: Any, tmp_path: Path
) -> None:
    photo = tmp_path / "Aigerim at home.jpg"
    photo.write_bytes(large_photo())
    open_whole(page, "en", publish(TOYS))
    text(page, "toy_name", "bear")
    question(page, "toy_photo").locator("input[type=file]").set_input_files(photo)
    expect(question(page, "toy_photo").locator("img")).to_be_visible()
    size = (
        question(page, "toy_photo")
        .locator("img")
        .evaluate("(img) => img.decode().then(() => [img.naturalWidth, img.naturalHeight])")
    )
    # upright, as the camera was held
    assert size == [800, 1600]
    page.reload()
    ready(page)
    expect(question(page, "toy_photo").locator("img")).to_be_visible()
    go_on_until_review(page)
    name = answers_of(page)["toy"][0]["toy_photo"]
    assert name.startswith("toy_photo-")
    assert name.endswith(".jpg")
    assert "Aigerim" not in str(kept(page, "files"))
    go_on(page)
    page.locator("#sent .code").wait_for()


def test_a_signature_is_drawn_with_a_finger(page: Page, publish: Any) -> None:
    open_whole(page, "en", publish(SIGNED))
    box = question(page, "name").locator("canvas").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60)
    page.mouse.up()
    expect(question(page, "name").locator("img")).to_be_visible()
    assert draft(page)["snapshot"]["name"].endswith(".png")


def test_a_signature_can_be_a_picture_as_well(page: Page, publish: Any, tmp_path: Path) -> None:
    picture = tmp_path / "IMG_1.jpg"
    picture.write_bytes(large_photo())
    open_whole(page, "kk", publish(SIGNED))
    expect(question(page, "name").locator(".taking label")).to_have_text("Сурет таңдау")
    question(page, "name").locator("input[type=file]").set_input_files(picture)
    expect(question(page, "name").locator("img")).to_be_visible()
    assert draft(page)["snapshot"]["name"].endswith(".jpg")


def test_fifteen_thousand_choices_are_searched_without_a_stutter(page: Page, publish: Any) -> None:
    open_whole(page, "kk", publish(LONG))
    field = question(page, "village").locator("input[type=search]")
    field.wait_for()
    # everything is made ready for the search before anybody types
    page.wait_for_timeout(1500)
    # with the letters of a Russian keyboard
    worked = field.evaluate(
        """async (field) => {
          const { normalize } = String.prototype;
          let most = 0;
          String.prototype.normalize = function (form) {
            most = Math.max(most, this.length);
            return normalize.call(this, form);
          };
          // the letter is painted first, then what fits on a screen, then the rest
          const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
          const rows = [];
          for (const typed of ["к", "кы", "кызылкум", "а", "14", "149"]) {
            field.value = typed;
            field.dispatchEvent(new Event("input", { bubbles: true }));
            await painted();
            await painted();
            rows.push(document.querySelectorAll(".found-one").length);
          }
          String.prototype.normalize = normalize;
          return { rows, most };
        }"""
    )
    assert worked == {"rows": [1, 1, 1, 30, 30, 30], "most": len("кызылкум")}
    field.fill("ауыл 14999")
    field.fill("кызылкум")
    field.press("Enter")
    expect(question(page, "village")).to_contain_text("Қызылқұм")
    go_on_until_review(page)
    assert answers_of(page)["village"] == "kyz"


def test_what_was_searched_for_and_not_chosen_is_told_of_and_kept(page: Page, publish: Any) -> None:
    open_whole(page, "en", publish(LONG))
    village = question(page, "village")
    field, told = village.locator("input[type=search]"), village.get_by_role("status")
    for typed, said in (("14", "More than 30 found"), ("14999", "Found: 1"), ("zzz", "Nothing found")):
        field.fill(typed)
        expect(told).to_contain_text(said)
    field.fill("1499")
    question(page, "last").locator("[name]").focus()
    expect(told).to_contain_text("This is no answer yet")
    go_on(page)
    expect(page.locator("#problems a")).to_have_text("Which village?")
    page.locator(".languages a[lang=ru]").click()
    page.wait_for_url("**/ru/q/**")
    ready(page)
    expect(field).to_have_value("1499")
    field.press("Enter")
    expect(village.locator(".given")).to_have_text("Выбрано: Ауыл 1499")
    expect(field).to_have_accessible_description("Выбрано: Ауыл 1499")
    assert draft(page)["snapshot"]["village"] == "v1499"
    assert draft(page)["typed"] == {}


def test_a_choice_that_was_searched_for_can_be_taken_back(page: Page, publish: Any) -> None:
    open_whole(page, "en", publish(LONG))
    village = question(page, "village")
    field = village.locator("input[type=search]")
    field.fill("кызылкум")
    field.press("Enter")
    # typing alone takes nothing away
    field.fill("14999")
    assert draft(page)["snapshot"]["village"] == "kyz"
    field.fill("")
    village.get_by_role("button", name="Clear").click()
    expect(village.locator(".given")).to_be_hidden()
    expect(field).to_be_focused()
    go_on_until_review(page)
    assert "village" not in answers_of(page)
