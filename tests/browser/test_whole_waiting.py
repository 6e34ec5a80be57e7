"""What a family finished without a network: it is found again, said to wait, and sent when there is one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.windows import Window
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.submissions.models import Quarantined
from tests.browser.conftest import OpenPage
from tests.browser.whole import draft, kept, open_whole, ready
from tests.channels.pages.workbooks import workbook

pytestmark = pytest.mark.chromium

SHORT = workbook("waiting_short", "| | type | name | label |\n| | text | word | A word |\n")
_KEPT = """async () => {
  const starts = await caches.open("surveyapp starts");
  const copies = await Promise.all([location.pathname, "/scripts/start.js"].map(
    (address) => caches.match(address, { ignoreSearch: true })));
  return (await starts.keys()).length >= 7 && copies.every(Boolean);
}"""
#: whoever sends a large file tells every page how far it is
_TELL = """(id) => void setInterval(() => {
  new BroadcastChannel("surveyapp outbox").postMessage({ id, state: "files", size: 100, sent: 40 });
}, 100)"""


def finish(page: Page) -> None:
    page.locator("[data-q=word] input").fill("finished")
    page.locator("#next").click()
    page.locator("#review").wait_for()
    page.locator("#next").click()


def test_it_is_sent_from_the_next_page_that_is_opened_without_any_worker(
    open_page: OpenPage, publish: Callable[[str], str]
) -> None:
    page = open_page(java_script_enabled=True, service_workers="block")
    questionnaire = publish(SHORT)
    open_whole(page, "en", questionnaire)
    expect(page.locator("#kept")).to_be_attached()
    page.wait_for_load_state("networkidle")  # what finishing needs is here
    page.context.set_offline(True)
    finish(page)
    expect(page.locator("#queued")).to_be_visible()
    with page.expect_download() as saved:
        page.locator("#queued [data-do=rescue]").click()
    assert saved.value.suggested_filename.endswith(".rescue")
    page.evaluate(_TELL, page.url.rpartition("#")[2])
    expect(page.locator("#queued .why")).to_have_text("Sending… 40%")
    other = page.context.new_page()
    page.close()
    other.context.set_offline(False)
    other.goto(f"/en/q/{questionnaire}")
    expect(other.locator("#received li b")).not_to_be_empty()
    expect(other.locator("#unsent")).to_be_hidden()
    assert kept(other, "outbox") == []


def test_without_a_network_families_find_their_way_back(
    open_page: OpenPage, publish: Callable[[str], str]
) -> None:
    page = open_page(java_script_enabled=True)
    questionnaire = publish(SHORT)
    open_whole(page, "kk", questionnaire)
    for _look in range(300):
        if page.evaluate(_KEPT):
            break
        page.wait_for_timeout(100)
    page.context.set_offline(True)
    finish(page)
    expect(page.locator("#queued")).to_be_visible()
    page.reload()
    expect(page.locator("#queued")).to_be_visible()
    for address in ("/", "/ru/", f"/ru/q/{questionnaire}"):
        page.goto(address)
    expect(page.locator("#unsent")).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("#received li b")).not_to_be_empty()


def test_every_draft_of_a_questionnaire_is_listed_and_deleted_alone(
    open_page: OpenPage, publish: Callable[[str], str]
) -> None:
    page = open_page(java_script_enabled=True)
    questionnaire = publish(SHORT)
    for word in ("one", "two"):
        open_whole(page, "en", questionnaire)
        page.locator("[data-q=word] input").fill(word)
        expect(page.locator("#kept")).not_to_have_text("")
    page.goto(f"/en/q/{questionnaire}")
    expect(page.locator("#here .box")).to_have_count(2)
    expect(page.locator("#here .begun").first).to_contain_text("Answers: 1")
    page.locator("#here button").first.click()
    page.locator("dialog.sure button").last.click()
    expect(page.locator("#here .box")).to_have_count(1)
    page.locator("#here a").click()
    ready(page)
    assert draft(page)["snapshot"]["word"] == "one"


def test_a_draft_that_is_not_here_is_not_called_deleted(
    open_page: OpenPage, publish: Callable[[str], str]
) -> None:
    page = open_page(java_script_enabled=True)
    open_whole(page, "en", publish(SHORT))
    address = page.url.partition("#")[0]
    page.goto("about:blank")
    page.goto(f"{address}#00000000-0000-4000-8000-000000000000")
    expect(page.locator("#gone")).to_contain_text("are somebody else’s")


def test_who_kept_the_page_beyond_its_time_is_told_that_a_person_looks_at_the_answers(
    open_page: OpenPage, publish: Callable[[str], str], demonstration: Flask
) -> None:
    """The whole page is kept on the phone and the same for everybody: it cannot know that time is over."""
    page = open_page(java_script_enabled=True)
    questionnaire = publish(SHORT.replace("waiting_short", "waiting_late"))
    with demonstration.app_context():
        over = Window(closes_at=utc_now() - timedelta(hours=1))
        open_whole(page, "ru", questionnaire)
        catalogue.set_access(questionnaire, Access.PUBLIC, over)
    finish(page)
    sent = page.locator("#sent")
    expect(sent).to_be_visible()
    expect(sent.locator(".looked-at")).to_have_text(
        "Ответы получены. Прежде чем их учтут, их посмотрит сотрудник."
    )
    expect(sent.locator(".code")).not_to_be_empty()
    with demonstration.app_context():
        [waiting] = db.session.scalars(select(Quarantined).filter_by(questionnaire=questionnaire))
        assert waiting.reason == "closed"
    page.goto(f"/ru/q/{questionnaire}")
    expect(page.locator("#received li b")).not_to_be_empty()


def test_what_waits_on_a_phone_is_found_and_goes_on_when_the_survey_is_closed(
    open_page: OpenPage, demonstration: Flask
) -> None:
    page = open_page(java_script_enabled=True)
    open_whole(page, "en", "family_survey")
    page.locator("main input[type=radio]:visible").first.check()
    draft(page)
    with demonstration.app_context():
        catalogue.close("family_survey")
        db.session.remove()
    try:
        page.goto("/en/q/family_survey")
        expect(page.locator("main")).to_contain_text("It cannot be begun any more")
        expect(page.locator("form[data-whole]")).to_be_hidden()
        page.locator("#here a", has_text="Continue").click()
        ready(page)
        expect(page.locator("main input[type=radio]:visible").first).to_be_checked()
    finally:
        with demonstration.app_context():
            catalogue.set_access("family_survey", Access.PUBLIC)
            db.session.remove()
