"""Work handed over: to a colleague on the same phone, and to another phone by a file and a code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.submissions import reviewing
from surveyapp.submissions.models import Quarantined, Submission
from surveyapp.submissions.quarantine import open_sealed
from tests.browser.conftest import demonstrating, serving
from tests.browser.fielding import PIN, SMALL_PHONE, begin, enrol, go_on, new_code, stored
from tests.collecting import publish
from tests.files import pictures

pytestmark = pytest.mark.chromium

OTHER_PIN = "246801"


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Flask]:
    with demonstrating(tmp_path / "instance") as app:
        with app.app_context():
            publish(access=Access.STAFF)
        yield app


@pytest.fixture
def address(application: Flask) -> Iterator[str]:
    with serving(application) as address:
        yield address


@pytest.fixture
def phones(browser: Browser, address: str) -> Iterator[list[BrowserContext]]:
    contexts = [browser.new_context(base_url=address, viewport=SMALL_PHONE) for _ in range(2)]
    yield contexts
    for context in contexts:
        context.close()


def with_draft(page: Page) -> None:
    """A draft with an answer and a photo, and back to the list of drafts."""
    begin(page)
    page.get_by_label("Astana").check()
    for _ in range(9):
        if page.locator("input[type=file]").first.is_visible():
            break
        page.locator("#next").click()
        page.wait_for_timeout(150)
    photo = {"name": "wall.jpg", "mimeType": "image/jpeg", "buffer": pictures.saved("JPEG")}
    page.locator("input[type=file]").first.set_input_files(photo)  # type: ignore[arg-type]
    page.wait_for_timeout(1500)
    page.goto("/en/field#drafts")
    expect(page.locator("#drafts .card")).to_have_count(1)


def join(page: Page, application: Flask, name: str, pin: str) -> None:
    """Another person is admitted on the phone that is open in the page."""
    page.goto("/en/field#phone")
    page.locator("[data-do=lock]").click()
    page.locator("#unlock [data-go=enrol]").click()
    page.locator("#code").fill(new_code(application, name))
    page.locator("#enrol button.main").click()
    page.locator("#new-pin").fill(pin)
    page.locator("#again").fill(pin)
    page.locator("#pin button.main").click()
    expect(page.locator("#work")).to_be_visible(timeout=30_000)


def unlock(page: Page, name: str, pin: str) -> None:
    page.goto("/en/field#phone")
    page.locator("[data-do=lock]").click()
    open_as(page, name, pin)


def open_as(page: Page, name: str, pin: str) -> None:
    page.get_by_label(name).check()
    page.locator("#given-pin").fill(pin)
    page.locator("#unlock form button").click()
    expect(page.locator("#work")).to_be_visible(timeout=30_000)


def finish(page: Page) -> None:
    page.locator("#drafts .card .go").click()
    expect(page.locator("html[data-enhanced=yes]")).to_be_attached()
    go_on(page)
    page.locator("#next").click()
    expect(page.locator("#sent")).to_be_visible(timeout=30_000)


def the_one(application: Flask) -> Submission:
    with application.app_context():
        [row] = db.session.query(Submission).all()
        db.session.expunge_all()
    return row


def test_a_colleague_on_the_same_phone_goes_on(phones: list[BrowserContext], application: Flask) -> None:
    page = enrol(phones[0], application)
    join(page, application, "Erlan", OTHER_PIN)
    unlock(page, "Aigerim's phone", PIN)
    page.goto("/en/field#questionnaires")
    with_draft(page)
    page.locator("#drafts [data-do=hand]").click()
    page.get_by_role("button", name="A colleague on this phone: Erlan").click()
    expect(page.locator("#said")).to_contain_text("Erlan")
    expect(page.locator("#drafts .card")).to_have_count(0)
    unlock(page, "Erlan", OTHER_PIN)
    expect(page.locator("#said")).to_have_text("Taken over from colleagues: 1")
    page.goto("/en/field#drafts")
    finish(page)
    row = the_one(application)
    assert row.device_id == 2
    assert row.answers["place"]["region"] == "71"
    assert row.answers["photo"]
    unlock(page, "Aigerim's phone", PIN)
    expect(page.locator("#drafts .card")).to_have_count(0)


def test_what_no_colleague_opened_is_in_the_emergency_file(
    phones: list[BrowserContext], application: Flask, tmp_path: Path
) -> None:
    page = enrol(phones[0], application)
    join(page, application, "Erlan", OTHER_PIN)
    unlock(page, "Aigerim's phone", PIN)
    page.goto("/en/field#questionnaires")
    with_draft(page)
    page.locator("#drafts [data-do=hand]").click()
    page.get_by_role("button", name="A colleague on this phone: Erlan").click()
    expect(page.locator("#drafts .card")).to_have_count(0)
    page.goto("/en/field#phone")
    page.locator("[data-do=lock]").click()
    with page.expect_download() as saved:
        page.locator("#unlock [data-do=rescue]").click()
    file = tmp_path / "phone.rescue"
    saved.value.save_as(file)
    outcome = application.test_cli_runner().invoke(args=["import", str(file)])
    assert "under way     1" in outcome.output and "files         1" in outcome.output
    with application.app_context():
        [waiting] = db.session.query(Quarantined).all()
        assert b'"region": "71"' in open_sealed(waiting.serial)
        db.session.remove()
    open_as(page, "Erlan", OTHER_PIN)
    expect(page.locator("#said")).to_have_text("Taken over from colleagues: 1")
    with page.expect_download() as saved:
        page.locator("#phone [data-do=rescue]").evaluate("(button) => button.click()")
    saved.value.save_as(file)
    assert len(file.read_text().splitlines()) == 3  # the head, and now Erlan's draft with its photo


def test_what_was_returned_is_handed_over_mended_and_the_next_revision(
    phones: list[BrowserContext], application: Flask
) -> None:
    page = enrol(phones[0], application)
    join(page, application, "Erlan", OTHER_PIN)
    unlock(page, "Aigerim's phone", PIN)
    page.goto("/en/field#questionnaires")
    with_draft(page)
    finish(page)
    with application.app_context():
        reviewing.return_to_collector(the_one(application).id, {"": "Which region?"})
        db.session.remove()
    page.goto("/en/field#returned")
    page.locator("#returned [data-do=mend]").click()
    expect(page.locator("html[data-enhanced=yes]")).to_be_attached()
    page.goto("/en/field#drafts")
    page.locator("#drafts [data-do=hand]").click()
    page.get_by_role("button", name="A colleague on this phone: Erlan").click()
    expect(page.locator("#drafts .card")).to_have_count(0)
    unlock(page, "Erlan", OTHER_PIN)
    expect(page.locator("#said")).to_have_text("Taken over from colleagues: 1")
    page.goto("/en/field#drafts")
    page.locator("#drafts .card .go").click()
    page.get_by_label("Almaty").check()
    go_on(page)
    page.locator("#next").click()
    expect(page.locator("#sent")).to_be_visible(timeout=30_000)
    row = the_one(application)
    assert (row.revision, row.device_id, row.answers["place"]["region"]) == (2, 2, "75")
    assert row.answers["photo"]


def test_whoever_was_never_here_is_not_offered(phones: list[BrowserContext], application: Flask) -> None:
    page = enrol(phones[0], application)
    with_draft(page)
    page.locator("#drafts [data-do=hand]").click()
    expect(page.locator("#hand")).to_be_visible()
    expect(page.locator("#hand .colleagues button")).to_have_count(0)
    page.locator("#hand [value=no]").click()
    expect(page.locator("#drafts .card")).to_have_count(1)


def test_another_phone_goes_on_by_a_file_and_a_code(
    phones: list[BrowserContext], application: Flask, tmp_path: Path
) -> None:
    page = enrol(phones[0], application)
    with_draft(page)
    page.locator("#drafts [data-do=hand]").click()
    with page.expect_download() as saved:
        page.locator("#hand [data-do=to-file]").click()
    parcel = tmp_path / "parcel"
    saved.value.save_as(parcel)
    expect(page.locator("#hand-code .code")).not_to_be_empty()
    code = page.locator("#hand-code .code").inner_text()
    assert "Astana" not in parcel.read_text()
    page.locator("#hand-code button").click()
    expect(page.locator("#drafts .handed")).to_contain_text("Put into a file")

    other = enrol(phones[1], application, pin=OTHER_PIN)
    phones[1].set_offline(True)  # in a village, by Bluetooth
    other.goto("/en/field#drafts")
    other.get_by_text("Take over from a colleague").click()
    for file, typed, said in (
        (__file__, code, "This is no file"),
        (parcel, "1234 5678 9012 3456", "does not open"),
        (parcel, code.replace(" ", ""), "Taken over from colleagues: 1"),
    ):
        other.locator("#parcel").set_input_files(file)
        other.locator("#parcel-code").fill(typed)
        other.locator("#take button").click()
        expect(other.locator("#said")).to_contain_text(said, timeout=30_000)
    expect(other.locator("#drafts .card")).to_have_count(1)
    phones[1].set_offline(False)
    finish(other)
    row = the_one(application)
    assert row.device_id == 2
    assert row.answers["photo"]

    # who goes on all the same sends a copy, or what waits for a person
    page.locator("#drafts .card .go").click()
    expect(page.locator("html[data-enhanced=yes]")).to_be_attached()
    go_on(page)
    page.locator("#next").click()
    expect(page.locator("#sent")).to_be_visible(timeout=30_000)
    assert stored(application) == 1


def test_what_is_here_already_stays_as_it_is(
    phones: list[BrowserContext], application: Flask, tmp_path: Path
) -> None:
    page = enrol(phones[0], application)
    with_draft(page)
    page.locator("#drafts [data-do=hand]").click()
    with page.expect_download() as saved:
        page.locator("#hand [data-do=to-file]").click()
    saved.value.save_as(tmp_path / "parcel")
    expect(page.locator("#hand-code .code")).not_to_be_empty()
    code = page.locator("#hand-code .code").inner_text()
    other = enrol(phones[1], application, pin=OTHER_PIN)
    for said in ("Taken over", "on this phone already"):
        other.goto("/en/field#drafts")
        other.locator("#drafts details").evaluate("(each) => (each.open = true)")
        other.locator("#parcel").set_input_files(tmp_path / "parcel")
        other.locator("#parcel-code").fill(code)
        other.locator("#take button").click()
        expect(other.locator("#said")).to_contain_text(said, timeout=30_000)
    expect(other.locator("#drafts .card")).to_have_count(1)


def test_a_draft_that_is_open_in_another_window_is_not_handed_over(
    phones: list[BrowserContext], application: Flask
) -> None:
    page = enrol(phones[0], application)
    with_draft(page)
    page.locator("#drafts .card .go").click()
    expect(page.locator("html[data-enhanced=yes]")).to_be_attached()
    second = phones[0].new_page()
    second.goto("/en/field#drafts")
    second.locator("#given-pin").fill(PIN)
    second.locator("#unlock form button").click()
    second.locator("#drafts [data-do=hand]").click()
    second.locator("#hand [data-do=to-file]").click()
    expect(second.locator("#said")).to_contain_text("open in another window")
