"""The whole page when the browser is killed under it, when the phone is full, and after everything was sent."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, Playwright, expect

from tests.browser.conftest import OpenPage
from tests.browser.keeping import KILL_ROUNDS, call, kill_browser_of, launch
from tests.browser.whole import draft, key, open_whole, ready
from tests.channels.pages.workbooks import workbook

pytestmark = pytest.mark.chromium

#: as many as one page holds
ROWS = 6
#: within so many milliseconds an answer is on the phone
PROMISED = 300
#: milliseconds for which Chromium goes by the room that it saw last
REMEMBERED = 31_000
_GROUP = "| | begin_group | {name} | {name} |\n{rows}| | end_group | | |\n"
TYPED = workbook(
    "typed",
    "| | type | name | label |\n"
    + "".join(
        _GROUP.format(
            name=name,
            rows="".join(f"| | text | {name}{at} | {name} {at} |\n" for at in range(ROWS)),
        )
        for name in ("one", "two")
    ),
)
#: somebody answers, ten times a second, and goes on to the second page
ANSWERING = """
async ([rows, first]) => {
  window.given = {};
  window.shown = [history.state.page, performance.now()];
  const pause = () => new Promise((done) => setTimeout(done, 100));
  for (const group of ["one", "two"]) {
    for (let at = 0; at < rows; at += 1) {
      const name = group + at;
      const field = document.querySelector(`section.page:not([hidden]) [data-q$="/${name}"] [name]`);
      field.value = first + name;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
      window.given[name] = performance.now();
      await pause();
    }
    document.getElementById("next").click();
    window.shown = [history.state.page, performance.now()];
  }
}
"""


@pytest.fixture
def page(open_page: OpenPage) -> Iterator[Page]:
    yield open_page(java_script_enabled=True)


def limit(page: Page, address: str, most: int | None) -> CDPSession:
    """So many bytes may be kept; None: as many as before."""
    session = page.context.new_cdp_session(page)
    told: dict[str, Any] = {"origin": address} | ({} if most is None else {"quotaSize": most})
    session.send("Storage.overrideQuotaForOrigin", told)
    return session


#: the last letter, and the page is loaded anew before anything else can happen
TYPED_AND_LEFT = """
(words) => {
  const field = document.querySelector("section.page:not([hidden]) [data-q$='/one0'] [name]");
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  window.isOld = true;
  location.reload();
}
"""


def test_the_last_letter_outlives_a_page_that_is_left_in_that_moment(
    page: Page, publish: Callable[[str], str]
) -> None:
    open_whole(page, "en", publish(TYPED))
    answer = page.locator("section.page:not([hidden]) [data-q$='/one0'] [name]")
    answer.fill("before")
    expect(page.locator("#kept")).to_have_text("Saved on this phone")
    for round_ in range(int(os.environ.get("LEAVING_ROUNDS", "3"))):
        page.evaluate(TYPED_AND_LEFT, f"last {round_}")
        page.wait_for_function(
            "() => !window.isOld && document.documentElement.dataset.enhanced === 'yes'"
        )
        expect(answer).to_have_value(f"last {round_}", timeout=1000)


#: the browser throws away what it is told to write into its database from now on
NOTHING_WRITTEN = """
() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (row) {
    const request = put.call(this, row);
    this.transaction.abort();
    return request;
  };
}
"""
LEFT = "Object.entries(localStorage).filter(([key]) => key.startsWith('surveyapp.left'))"


def test_the_last_letter_outlives_a_database_that_is_cut_off(
    page: Page, publish: Callable[[str], str]
) -> None:
    open_whole(page, "en", publish(TYPED))
    answer = page.locator("section.page:not([hidden]) [data-q$='/one0'] [name]")
    answer.fill("before")
    expect(page.locator("#kept")).to_have_text("Saved on this phone")
    page.evaluate(NOTHING_WRITTEN)
    page.evaluate(TYPED_AND_LEFT, "last")
    page.wait_for_function("() => !window.isOld && document.documentElement.dataset.enhanced === 'yes'")
    expect(answer).to_have_value("last")
    assert draft(page)["snapshot"]["one"]["one0"] == "last"
    assert page.evaluate(LEFT) == []


def test_a_first_letter_outlives_it_too(page: Page, publish: Callable[[str], str]) -> None:
    questionnaire = publish(TYPED)
    open_whole(page, "en", questionnaire)
    page.evaluate(NOTHING_WRITTEN)
    page.evaluate(TYPED_AND_LEFT, "first")
    page.wait_for_function("() => !window.isOld && document.documentElement.dataset.enhanced === 'yes'")
    page.goto(f"/en/q/{questionnaire}")
    page.locator("#here a").click()
    ready(page)
    expect(page.locator("section.page:not([hidden]) [data-q$='/one0'] [name]")).to_have_value("first")
    assert page.evaluate(LEFT) == []


def test_what_was_left_of_a_deleted_draft_does_not_bring_it_back(
    page: Page, publish: Callable[[str], str]
) -> None:
    questionnaire = publish(TYPED)
    open_whole(page, "en", questionnaire)
    answer = page.locator("section.page:not([hidden]) [data-q$='/one0'] [name]")
    answer.fill("before")
    expect(page.locator("#kept")).to_have_text("Saved on this phone")
    row = draft(page)
    left = {"row": {"id": row["id"], "door": "web", "changed_at": row["changed_at"], "draft": row}}
    call(page, "(keeper, id) => keeper.remove(id)", row["id"])
    page.evaluate(
        "([id, left]) => localStorage.setItem('surveyapp.left ' + id, left)",
        [row["id"], json.dumps(left)],
    )
    page.goto(f"/en/q/{questionnaire}")
    expect(page.locator("form[data-enhanced=yes]")).to_be_attached()
    expect(page.locator("#here")).to_be_hidden()
    assert page.evaluate(LEFT) == []


@pytest.mark.parametrize("round_", KILL_ROUNDS)
def test_every_answer_is_there_after_the_browser_was_killed(
    driver: Playwright, served: str, publish: Callable[[str], str], tmp_path: Path, round_: int
) -> None:
    questionnaire = publish(TYPED)
    context = launch(driver, tmp_path, served)
    page = context.new_page()
    open_whole(page, "en", questionnaire)
    page.evaluate(f"(given) => void ({ANSWERING})(given)", [ROWS, f"{round_} "])
    page.wait_for_timeout(700 + 263 * round_ % 2300)
    given, shown, now = page.evaluate("[window.given, window.shown, performance.now()]")
    kill_browser_of(tmp_path)
    context = launch(driver, tmp_path, served)
    page = context.new_page()
    page.goto(f"/en/q/{questionnaire}")
    page.locator("#here a").click()
    ready(page)
    answers = draft(page)["snapshot"]
    place = key(page)
    context.close()
    due = [name for name, at in given.items() if now - at > PROMISED]
    assert due
    kept = {**answers.get("one", {}), **answers.get("two", {})}
    assert [name for name in due if kept.get(name) != f"{round_} {name}"] == []
    if now - shown[1] > PROMISED:
        # the page may have gone on while it was being killed
        assert place >= shown[0]


def test_a_full_phone_says_so_with_a_way_out_and_loses_nothing(
    page: Page, served: str, publish: Callable[[str], str]
) -> None:
    open_whole(page, "en", publish(TYPED))
    answer = page.locator("section.page:not([hidden]) [data-q$='/one0'] [name]")
    answer.fill("before")
    expect(page.locator("#kept")).to_have_text("Saved on this phone")
    session = limit(page, served, 1)
    page.wait_for_timeout(REMEMBERED)
    answer.fill("meanwhile")
    expect(page.locator("#kept.bad")).to_contain_text("Please delete some photos")
    # what is on this page alone is not left
    address = page.url
    page.locator(".languages a[lang=ru]").click()
    page.wait_for_timeout(PROMISED)
    assert page.url == address
    expect(answer).to_have_value("meanwhile")
    session.send("Storage.overrideQuotaForOrigin", {"origin": served})
    page.locator("section.page:not([hidden]) [data-q$='/one1'] [name]").fill("after")
    expect(page.locator("#kept:not(.bad)")).to_have_text("Saved on this phone")
    page.wait_for_timeout(PROMISED)  # what was typed before is told of first
    page.reload()
    ready(page)
    assert {"one0": "meanwhile", "one1": "after"}.items() <= draft(page)["snapshot"]["one"].items()


def test_it_is_said_before_the_phone_is_full(
    page: Page, served: str, publish: Callable[[str], str]
) -> None:
    questionnaire = publish(TYPED)
    page.goto(f"/en/q/{questionnaire}")
    limit(page, served, 3_000_000)
    page.wait_for_timeout(REMEMBERED)
    open_whole(page, "en", questionnaire)
    expect(page.locator("#low")).to_contain_text("almost full", timeout=30_000)
    page.locator("section.page:not([hidden]) [data-q$='/one0'] [name]").fill("kept all the same")
    expect(page.locator("#kept")).to_have_text("Saved on this phone")
    page.locator("#next").click()
    expect(page.locator("#low")).to_be_visible()


def test_the_receipt_is_shown_in_another_language_too(page: Page, publish: Callable[[str], str]) -> None:
    open_whole(page, "en", publish(TYPED))
    page.locator("section.page:not([hidden]) [data-q$='/one0'] [name]").fill("sent")
    for _ in range(3):
        page.locator("#next").click()
    expect(page.locator("#sent")).to_be_visible(timeout=30_000)
    code = page.locator("#sent .code").inner_text()
    page.locator(".languages a[lang=kk]").click()
    page.wait_for_url("**/kk/q/**")
    expect(page.locator("#sent .code")).to_have_text(code)
