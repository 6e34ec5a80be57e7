"""The field staff's program in Chromium, from the code on paper to the receipt, with and without a network."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import select

from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.people import devices
from surveyapp.submissions import reviewing
from surveyapp.submissions.models import Quarantined, Submission
from surveyapp.submissions.quarantine import open_sealed
from tests.browser.conftest import demonstrating, serving
from tests.browser.fielding import KEPT, PIN, SMALL_PHONE, answer, begin, enrol, go_on, new_code, stored
from tests.browser.keeping import call
from tests.browser.test_whole_devices import DETECTOR
from tests.browser.whole import kept
from tests.collecting import QUESTIONNAIRE, answers, item, publish

pytestmark = pytest.mark.chromium


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with demonstrating(tmp_path_factory.mktemp("field")) as app:
        with app.app_context():
            publish(access=Access.STAFF)
        yield app


@pytest.fixture(scope="module")
def address(application: Flask) -> Iterator[str]:
    with serving(application) as address:
        yield address


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=address, viewport=SMALL_PHONE)
    yield context
    context.close()


def test_a_phone_is_set_up_by_the_link_on_paper(phone: BrowserContext, application: Flask) -> None:
    page = enrol(phone, application)
    assert "enrol" not in page.url
    expect(page.locator("#copies")).to_have_text(KEPT, timeout=30_000)


def test_the_phone_tells_how_it_is_and_so_does_the_office(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    page.goto("/en/field#phone")
    expect(page.locator("#named")).to_have_text("Aigerim's phone")
    expect(page.locator("#clock")).to_have_text("The clock is right")
    expect(page.locator("#room")).to_contain_text("MB free")
    with application.app_context():
        device = max(devices.devices(), key=lambda each: each.id)
        assert (device.app, device.unsent) == ("field/1.0", 0)
        assert device.free_storage
        db.session.remove()


def test_everything_works_without_a_network_after_the_first_visit(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    expect(page.locator("#copies")).to_have_text(KEPT, timeout=30_000)
    phone.set_offline(True)
    page.reload()
    expect(page.locator("#questionnaires .card")).to_have_count(5)
    begin(page)
    answer(page)
    page.locator("#next").click()
    expect(page.locator("#queued")).to_be_visible()
    page.goto("/ru/field#outbox")
    expect(page.locator("#outbox .list .card")).to_have_count(1)
    [entry] = page.locator("#outbox .list .card").all()
    expect(entry.locator(".state")).not_to_have_text("")
    page.goto("/en/field#outbox")
    phone.set_offline(False)
    page.locator("#outbox [data-do=send]").click()
    expect(page.locator("#receipts .card")).to_have_count(1)
    expect(page.locator("#outbox .list .card")).to_have_count(0)


def test_drafts_are_named_continued_and_deleted_after_a_second_question(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    begin(page)
    page.get_by_label("Almaty").check()
    expect(page.locator("#kept")).not_to_have_text("")
    page.goto("/en/field#drafts")
    card = page.locator("#drafts .card")
    card.get_by_role("button", name="Name it").click()
    expect(page.locator("#ask")).to_have_accessible_name("Name")
    page.locator("#answer").fill("Ахметовтер, 12-үй")
    page.locator("#ask [value=yes]").click()
    expect(card.locator(".name-given")).to_have_text("Ахметовтер, 12-үй")
    card.get_by_role("link", name="Continue").click()
    expect(page.get_by_label("Almaty")).to_be_checked()
    page.goto("/en/field#drafts")
    card.get_by_role("button", name="Delete").click()
    expect(page.locator("#ask [value=no]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(card).to_have_count(1)
    card.get_by_role("button", name="Delete").click()
    page.locator("#ask [value=yes]").click()
    expect(card).to_have_count(0)


def test_a_code_that_is_being_typed_stays_in_another_language(
    phone: BrowserContext, application: Flask
) -> None:
    page = phone.new_page()
    page.goto(f"/en/field#enrol={new_code(application)}")
    page.locator("#code").fill("ABC-123")
    page.locator(".languages a[lang=kk]").click()
    expect(page.locator("html[lang=kk] #code")).to_have_value("ABC-123")
    assert "#" not in page.url


def test_the_pin_is_asked_for_in_another_tab_and_leads_back_to_the_draft(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    begin(page)
    page.get_by_label("Almaty").check()
    expect(page.locator("#kept")).not_to_have_text("")
    address = page.url
    page.close()
    other = phone.new_page()
    other.goto(address)
    other.locator("#given-pin").fill("000000")
    other.locator("#unlock form button").click()
    expect(other.locator("#said")).to_have_text("This is not the PIN.")
    other.locator("#given-pin").fill(PIN)
    other.locator("#unlock form button").click()
    expect(other.get_by_label("Almaty")).to_be_checked()


@pytest.mark.parametrize(
    ("pin", "again", "said"),
    [
        ("12345", "12345", "six digits"),
        ("123456", "123456", "too easy"),
        ("777777", "777777", "too easy"),
        ("121212", "121212", "too easy"),
        ("135790", "135791", "not the same"),
    ],
)
def test_a_pin_that_is_none_is_refused(
    phone: BrowserContext, application: Flask, pin: str, again: str, said: str
) -> None:
    page = phone.new_page()
    page.goto(f"/en/field#enrol={new_code(application)}")
    page.locator("#enrol button.main").click()
    page.locator("#new-pin").fill(pin)
    page.locator("#again").fill(again)
    page.locator("#pin button.main").click()
    expect(page.locator("#said")).to_contain_text(said)


def test_what_is_left_empty_is_told_in_the_workers_language_and_counts_as_no_try(
    phone: BrowserContext, application: Flask
) -> None:
    page = phone.new_page()
    page.goto("/kk/field")
    page.locator("#enrol button.main").click()
    expect(page.locator("#said")).to_have_text("Кеңсе берген кодты теріңіз.")
    page = enrol(phone, application, language="kk")
    page.goto("/kk/field#drafts")
    page.locator("#drafts summary").click()
    page.locator("#take button.main").click()
    expect(page.locator("#said")).to_contain_text("Файлды таңдаңыз")
    page.goto("/kk/field#phone")
    page.locator("[data-do=lock]").click()
    for _press in range(7):  # after five wrong ones there would be a pause
        page.locator("#unlock form button").click()
    expect(page.locator("#said")).to_have_text("PIN-кодта кемінде алты цифр болады.")
    page.locator("[data-go=enrol]").click()
    expect(page.locator("#said")).to_be_hidden()
    page.locator("#enrol [data-go=unlock]").click()
    page.locator("#given-pin").fill(PIN)
    page.locator("#unlock form button").click()
    expect(page.locator("#questionnaires")).to_be_visible()


def test_a_wrong_code_is_told_in_the_workers_language(phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto("/ru/field")
    page.locator("#code").fill("AAAA-BBBB-CCCC")
    page.locator("#enrol button.main").click()
    expect(page.locator("#said")).to_contain_text("Такого кода здесь нет")


def test_the_queue_is_sent_without_the_pin(phone: BrowserContext, application: Flask) -> None:
    page = enrol(phone, application)
    begin(page)
    answer(page)
    phone.set_offline(True)
    page.locator("#next").click()
    expect(page.locator("#queued")).to_be_visible()
    page.close()
    phone.set_offline(False)
    page = phone.new_page()
    page.goto("/en/field")
    expect(page.locator("#unlock")).to_be_visible()
    expect(page.locator("#unlock .waits")).to_have_text("Nothing waits to be sent.")
    assert stored(application) >= 1


def test_the_browser_wakes_the_worker_to_send_when_no_page_is_open(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    begin(page)
    answer(page)
    before = stored(application)
    elsewhere = phone.new_page()  # of no program of ours, so that none of our pages can send
    workers = phone.new_cdp_session(elsewhere)
    registered: list[str] = []
    workers.on("ServiceWorker.workerRegistrationUpdated", lambda told: note(told, registered))
    workers.send("ServiceWorker.enable")
    phone.set_offline(True)
    page.locator("#next").click()
    expect(page.locator("#queued")).to_be_visible()
    page.close()
    assert stored(application) == before
    origin = phone.service_workers[0].url.rpartition("/")[0]
    phone.set_offline(False)
    if not is_sent_soon(elsewhere, application, before):  # a browser that tried meanwhile waits minutes
        told = {"origin": origin, "registrationId": registered[-1], "tag": "send", "lastChance": False}
        workers.send("ServiceWorker.dispatchSyncEvent", told)
    assert is_sent_soon(elsewhere, application, before)
    assert stored(application) == before + 1


def note(told: dict[str, Any], registered: list[str]) -> None:
    """The identifiers of registrations that a browser tells of."""
    registered += [each["registrationId"] for each in told["registrations"] if not each["isDeleted"]]


def is_sent_soon(page: Page, application: Flask, before: int) -> bool:
    for _look in range(50):
        if stored(application) > before:
            return True
        page.wait_for_timeout(200)
    return False


def test_hours_pass_and_the_phone_locks_itself_asks_ever_more_seldom_and_sends_in_the_end(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    page.clock.install()
    page.reload()
    begin(page)
    answer(page)
    before, asked = stored(application), list[Route]()

    def refuse(route: Route) -> None:
        asked.append(route)
        route.abort()

    phone.route("**/api/v1/submissions", refuse)
    page.locator("#next").click()
    expect(page.locator("#queued")).to_be_visible()
    page.goto("/en/field#outbox")
    pauses = [pause_before_the_next_try(page)]
    for _ten_minutes in range(18):
        page.clock.fast_forward(600_000)
        pauses.append(pause_before_the_next_try(page))
    expect(page.locator("#unlock")).to_be_visible()
    expect(page.locator("#unlock .waits")).to_have_text("Waiting to be sent: 1")
    assert len(asked) < len(pauses), "some of these times nobody was asked"
    assert pauses[0] < 120_000
    assert 1_000_000 < max(pauses) < 5_500_000
    phone.unroute("**/api/v1/submissions")
    page.clock.fast_forward(5_500_000)
    expect(page.locator("#unlock .waits")).to_have_text("Nothing waits to be sent.")
    assert stored(application) == before + 1


def pause_before_the_next_try(page: Page) -> float:
    """Milliseconds of the page's clock, once what was due has been tried."""
    for _look in range(200):
        with suppress(PlaywrightError):  # a phone that locks itself loads its page anew
            [row] = kept(page, "outbox")
            pause: float = row["next_try"] - page.evaluate("Date.now()")
            if pause > 0:
                return pause
        page.wait_for_timeout(50)
    raise AssertionError("nothing was put off")


def last(application: Flask) -> Submission:
    """What was stored last."""
    with application.app_context():
        row = db.session.scalars(select(Submission).order_by(Submission.serial.desc())).first()
        assert row is not None
        db.session.expunge(row)
        db.session.remove()
    return row


def test_practice_is_marked_and_never_sent(phone: BrowserContext, application: Flask) -> None:
    before = stored(application)
    page = enrol(phone, application)
    page.get_by_label("Practice").check()
    begin(page)
    page.get_by_label("Almaty").check()
    page.goto("/en/field#drafts")
    expect(page.locator("#drafts .card .mark")).to_have_text("Practice")
    page.locator("#drafts .card .go").click()
    answer(page)
    page.locator("#next").click()
    page.goto("/en/field#outbox")
    expect(page.locator("#outbox .waits")).to_have_text("Nothing waits to be sent.")
    assert stored(application) == before


def test_two_people_share_a_phone(phone: BrowserContext, application: Flask) -> None:
    page = enrol(phone, application)
    begin(page)
    page.get_by_label("Almaty").check()
    expect(page.locator("#kept")).not_to_have_text("")
    page.close()
    other = phone.new_page()
    other.goto(f"/en/field#enrol={new_code(application, 'Erlan')}")
    other.locator("#enrol button.main").click()
    other.locator("#new-pin").fill("864202")
    other.locator("#again").fill("864202")
    other.locator("#pin button.main").click()
    expect(other.locator("#questionnaires .card")).to_have_count(5)
    other.goto("/en/field#drafts")
    expect(other.locator("#drafts .none")).to_be_visible()
    other.goto("/en/field#phone")
    other.locator("[data-do=lock]").click()
    expect(other.locator("#people label")).to_have_count(2)
    other.get_by_label("Aigerim's phone").check()
    other.locator("#given-pin").fill(PIN)
    other.locator("#unlock form button").click()
    other.goto("/en/field#drafts")
    expect(other.locator("#drafts .card")).to_have_count(1)


def test_what_was_returned_is_mended_from_the_phones_own_copy(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    begin(page)
    answer(page)
    page.locator("#next").click()
    expect(page.locator("#sent")).to_be_visible()
    id_ = last(application).id
    with application.app_context():
        reviewing.return_to_collector(id_, {"place/region": "Which region?"})
        db.session.remove()
    page.goto("/en/field#returned")
    card = page.locator("#returned .card")
    expect(card.locator(".comments")).to_contain_text("Which region?")
    phone.set_offline(True)
    card.get_by_role("button", name="Mend").click()
    asked = page.locator("[data-q='place/region']")
    expect(asked.locator(".returned")).to_have_text("The office says: Which region?")
    expect(asked.locator("[aria-describedby*='returned']")).to_have_count(1)
    page.get_by_label("Astana").check()
    expect(asked.locator(".returned")).to_be_visible()
    phone.set_offline(False)
    go_on(page)
    page.locator("#next").click()
    expect(page.locator("#sent")).to_be_visible()
    mended = last(application)
    assert (mended.id, mended.revision, mended.answers["place"]["region"]) == (id_, 2, "71")
    # also before the office was asked again: mended once more it would be an edit of a former revision
    phone.route("**/api/v1/inbox*", lambda route: route.abort())
    page.goto("/en/field#returned")
    expect(page.locator("#returned .none")).to_be_visible()
    expect(page.locator("#returned .card")).to_have_count(0)


def test_what_was_rejected_is_told_apart_with_its_reason(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    begin(page)
    answer(page)
    page.locator("#next").click()
    expect(page.locator("#sent")).to_be_visible()
    page.goto("/en/field#outbox")
    expect(page.locator("#receipts .card")).to_have_count(1)
    with application.app_context():
        reviewing.reject(last(application).id, "Nobody lives at this address")
        db.session.remove()
    page.goto("/en/field#returned")
    page.reload()
    card = page.locator("#returned .card")
    expect(card).to_contain_text("Rejected by the office: nothing is to be done.")
    expect(page.locator("#returned .some")).to_be_hidden()
    expect(card.locator(".reason")).to_have_text("Nobody lives at this address")
    expect(card.get_by_role("button")).to_have_count(0)


def test_a_revoked_phone_says_so_and_still_sends(phone: BrowserContext, application: Flask) -> None:
    page = enrol(phone, application)
    begin(page)
    answer(page)
    with application.app_context():
        number = max(device.id for device in devices.devices())
        devices.revoke(number)
        db.session.commit()
        db.session.remove()
    page.locator("#next").click()
    expect(page.locator("#sent .looked-at")).to_be_visible()
    page.goto("/en/field#outbox")
    expect(page.locator("#said")).to_contain_text("out of service")
    expect(page.locator("#receipts .state")).to_contain_text("a person at the office")


def test_all_that_is_on_a_phone_comes_in_by_the_emergency_file(
    phone: BrowserContext, application: Flask, tmp_path: Path
) -> None:
    page = enrol(phone, application)
    expect(page.locator("#copies")).to_have_text(KEPT, timeout=60_000)
    begin(page)
    answer(page)
    phone.set_offline(True)
    page.locator("#next").click()
    expect(page.locator("#queued")).to_be_visible()
    page.goto("/en/field")
    begin(page)
    page.get_by_label("Astana").check()
    expect(page.locator("#kept")).not_to_have_text("")
    page.goto("/en/field#phone")
    with page.expect_download() as saved:
        page.locator("#phone [data-do=rescue]").click()
    file = tmp_path / "phone.rescue"
    saved.value.save_as(file)
    assert "Astana" not in file.read_text()
    before = stored(application)
    outcomes = [application.test_cli_runner().invoke(args=["import", str(file)]) for _ in range(2)]
    assert [outcome.exit_code for outcome in outcomes] == [0, 0]
    assert "stored        1" in outcomes[0].output and "duplicate     1" in outcomes[1].output
    assert stored(application) == before + 1
    with application.app_context():
        waiting = db.session.scalars(select(Quarantined).order_by(Quarantined.serial.desc())).first()
        assert waiting is not None
        assert b'"region": "71"' in open_sealed(waiting.serial)
        db.session.remove()
    phone.set_offline(False)
    page.goto("/en/field#outbox")
    page.locator("#outbox [data-do=send]").click()
    expect(page.locator("#receipts .card")).to_have_count(1)
    assert stored(application) == before + 1


def test_after_sending_the_way_leads_back_to_ones_work(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    begin(page)
    answer(page)
    page.locator("#next").click()
    expect(page.locator("#sent a.button")).to_have_text("Back to my work", timeout=30_000)
    page.locator(".languages a[lang=kk]").click()
    expect(page.locator("html[lang=kk] #sent a.button")).to_have_text("Жұмысыма оралу")
    page.reload()
    expect(page.locator("#outbox")).to_be_visible()
    expect(page.locator("#receipts .card")).not_to_have_count(0)
    phone.set_offline(True)
    page.goto("/en/field#questionnaires")
    begin(page)
    answer(page)
    page.locator("#next").click()
    page.locator("#queued a.button").click()
    expect(page.locator("#outbox .list .card")).to_have_count(1)


def test_little_room_is_told_with_what_can_be_done(
    phone: BrowserContext, application: Flask, address: str
) -> None:
    page = enrol(phone, application)
    expect(page.locator("#low")).to_be_hidden()
    session = phone.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": address, "quotaSize": 3_000_000})
    page.wait_for_timeout(31_000)  # so long Chromium goes by the room that it saw last
    page.reload()
    expect(page.locator("#low")).to_contain_text("Little room is left on this phone", timeout=30_000)
    for button in ("Send now", "Save to a file"):
        expect(page.locator("#low").get_by_role("button", name=button)).to_be_visible()


def test_nobody_becomes_a_colleague_who_has_no_pin_yet(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application, pin=PIN)
    page.goto("about:blank")
    page.goto(f"/en/field#enrol={new_code(application, 'Bolat')}")
    page.locator("#enrol button.main").click()
    expect(page.locator("#whose")).to_have_text("Bolat")
    # her drafts are closed as soon as the phone is his: in this tab too nobody is at work
    page.locator(".languages a[lang=kk]").click()
    expect(page.locator("html[lang=kk] #whose")).to_have_text("Bolat")
    # he is interrupted; later somebody else takes the phone. A tab that is really closed takes its secret along,
    # while one that a script forgets may reach the next page of the same tab, which is another process's
    page.close()
    page = phone.new_page()
    page.goto("/en/field")
    expect(page.locator("#people label")).to_have_count(2)
    page.get_by_label("Bolat (no PIN yet)").check()
    expect(page.locator("#given-pin")).to_be_hidden()
    page.locator("#unlock button.main").click()
    expect(page.locator("#whose")).to_have_text("Bolat")
    page.locator("#pin [data-go=unlock]").click()
    page.get_by_label("Aigerim's phone").check()
    page.locator("#given-pin").fill(PIN)
    page.locator("#unlock button.main").click()
    expect(page.locator("#questionnaires .card")).to_have_count(5)


def test_a_record_that_is_being_sent_says_so_and_the_lists_keep_the_focus(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    expect(page.locator("#copies")).to_have_text(KEPT, timeout=30_000)
    begin(page)
    answer(page)
    phone.set_offline(True)
    page.locator("#next").click()
    expect(page.locator("#queued")).to_be_visible()
    page.goto("/en/field#outbox")
    state = page.locator("#outbox .list .state")
    expect(state).to_contain_text("Waiting")
    # as the service worker, or another tab, tells of it
    told = "(data) => new BroadcastChannel('surveyapp outbox').postMessage(data)"
    record = page.locator("#outbox .list .card").get_attribute("data-id")
    for _turn in range(50):  # the page's own round, without a network, may end in between
        page.evaluate(told, {"id": record, "state": "sending"})
        page.wait_for_timeout(300)
        if state.inner_text() == "Sending":
            break
    expect(state).to_have_text("Sending")
    page.goto("/en/field#questionnaires")
    button = page.locator("#questionnaires .card button").first
    button.focus()
    page.evaluate(told, {"state": "done"})
    expect(state).to_contain_text("Waiting")
    expect(button).to_be_focused()


_PHOTO = """async (keeper, [fields, record]) => {
  const { id } = await keeper.begin(fields);
  const bytes = new Uint8Array(600_000).map((_, at) => (at * 31) % 251);
  await keeper.addFile(id, "photo", new Blob([bytes], { type: "image/png" }), "wall.png");
  await keeper.finish(id, record);
}"""


def test_how_much_of_a_large_file_is_sent_is_told_in_three_languages(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    expect(page.locator("#copies")).to_have_text(KEPT, timeout=30_000)
    pieces: list[Route] = []

    def one_at_a_time(route: Route) -> None:
        pieces.append(route)
        if len(pieces) == 1 or route.request.method != "PATCH":
            route.continue_()

    phone.route("**/api/v1/uploads/**", one_at_a_time)
    record = item()
    del record["id"]
    fields = {"questionnaire": QUESTIONNAIRE, "version": "1", "language": "kk"}
    call(page, _PHOTO, [fields, record | {"answers": answers(photo="wall.png")}], "field")
    told = {
        "en": "Sending: {} of its files",
        "kk": "Файлдары жіберілуде: {}",
        "ru": "Отправляются файлы: {}",
    }
    for language, sentence in told.items():
        pieces.clear()
        page.goto(f"/{language}/field?again#outbox")
        words = re.compile(sentence.format(r"[1-9]\d?\s?%"))
        expect(page.locator("#outbox .list .state")).to_have_text(words)
    phone.unroute("**/api/v1/uploads/**")
    page.goto("/en/field?once#outbox")
    expect(page.locator("#receipts .card")).to_have_count(1)


#: a page that is being left hears of no cipher any more; here every time, otherwise now and then
_TYPED_AND_LEFT = """
(words) => {
  crypto.subtle.encrypt = () => new Promise(() => {});
  const field = document.querySelector("[name='place/gps@lat']");
  field.value = words;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  window.isOld = true;
  location.reload();
}
"""

#: a camera that shows an empty sheet
_CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const sheet = document.createElement("canvas");
  sheet.getContext("2d").fillRect(0, 0, 9, 9);
  return sheet.captureStream(9);
};
"""
#: bytes lie ready for whoever leaves the page
_LAID = """(former) => new Promise((resolve) => {
  const opening = indexedDB.open("surveyapp");
  opening.onsuccess = () => {
    const database = opening.result;
    const asked = database.transaction("settings").objectStore("settings").getAll(IDBKeyRange.bound("pad ", "pad~"));
    asked.onsuccess = () => {
      database.close();
      const mark = asked.result[0]?.value.mark;
      resolve(mark !== former && mark);
    };
  };
})"""


def test_the_last_letter_of_an_encrypted_draft_outlives_a_page_that_is_left_in_that_moment(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    begin(page)
    page.get_by_label("Almaty").check()
    expect(page.locator("#kept")).not_to_have_text("")
    page.add_init_script("window.waited = JSON.stringify({ ...localStorage });")
    mark = ""
    for round_ in range(int(os.environ.get("LEAVING_ROUNDS", "3"))):
        mark = page.wait_for_function(_LAID, arg=mark).json_value()
        page.evaluate(_TYPED_AND_LEFT, f"last {round_}")
        page.wait_for_function(
            "() => !window.isOld && document.documentElement.dataset.enhanced === 'yes'"
        )
        expect(page.locator("[name='place/gps@lat']")).to_have_value(f"last {round_}", timeout=1000)
        waited = page.evaluate("window.waited")
        assert "surveyapp.parting" in waited
        assert "last" not in waited and "region" not in waited
    assert page.evaluate("localStorage.length") == 0


def test_the_code_on_paper_is_read_by_the_camera(phone: BrowserContext, application: Flask) -> None:
    code = new_code(application)
    page = phone.new_page()
    link = f"https://surveyapp.example/kk/field#enrol={code}"
    page.add_init_script(DETECTOR.replace("4870001234567", link) + _CAMERA)
    page.goto("/en/field")
    page.get_by_role("button", name="Read the code with the camera").click()
    expect(page.locator("#code")).to_have_value(code)
    expect(page.locator("#enrol video")).to_have_count(0)
    page.locator("#enrol button.main").click()
    expect(page.locator("#pin")).to_be_visible()


def test_what_is_no_code_of_the_office_and_a_camera_that_is_refused_are_told(
    phone: BrowserContext,
) -> None:
    page = phone.new_page()
    page.add_init_script(DETECTOR + _CAMERA)
    page.goto("/ru/field")
    reader = page.get_by_role("button", name="Прочитать код камерой")
    reader.click()
    expect(page.locator("#said")).to_contain_text("Этот код не для настройки телефона")
    page.evaluate("void (navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error()))")
    reader.click()
    expect(page.locator("#said")).to_contain_text("Введите код вручную")


def test_consent_is_read_aloud_at_the_field_door_and_what_is_not_here_leads_back_to_work(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    begin(page, "Family survey")
    page.locator("[data-q='start/b_consent'] input[value=agree]").check(force=True)
    expect(page.locator("#kept")).not_to_have_text("")
    address, _, id_ = page.url.partition("#field/")
    consent = "async (keeper, id) => (await keeper.read(id)).consent.how"
    assert call(page, consent, id_, "field") == "read aloud"
    page.goto("about:blank")
    page.goto(f"{address}#field/00000000-0000-4000-8000-000000000000")
    expect(page.locator("#gone")).to_be_visible()
    page.locator("#gone").get_by_role("link", name="Back to my work").click()
    expect(page.locator("#questionnaires .card")).to_have_count(5)
