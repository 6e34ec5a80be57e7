"""From when to when a questionnaire is begun, in every channel; what was begun in time still comes in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access, CatalogueEntry
from surveyapp.catalogue.windows import Phase, Window
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import devices
from surveyapp.people.devices import Purpose
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.models import Channel
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Sender, Status
from tests.accounts import browser, make_user, post, sign_in
from tests.questionnaires.test_differences import BEFORE

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def home(app: Flask) -> None:
    assert app
    compiled = compile_workbook(BEFORE.encode(), "home.md")
    catalogue.publish(compiled, access=Access.PUBLIC, demonstration=True)


def open_between(opens: timedelta | None, closes: timedelta | None) -> None:
    """From and until so long after now."""
    now = utc_now()
    ends = [now + each if each is not None else None for each in (opens, closes)]
    catalogue.set_access("home", Access.PUBLIC, Window(*ends))


def verdict(began: timedelta, ended: timedelta) -> tuple[Status, list[str]]:
    """What becomes of a record that was begun and ended so long after now."""
    now = utc_now()
    item: dict[str, Any] = {
        "id": str(uuid4()),
        "questionnaire": "home",
        "version": "1",
        "language": "kk",
        "answers": {"remark": "x"},
        "started_at": (now + began).isoformat(),
        "finished_at": (now + ended).isoformat(),
    }
    [result] = receive([load_envelope(item, Channel.WEB)], Sender())
    return result.status, [error.code for error in result.errors]


def test_a_window_is_open_from_its_beginning_up_to_its_end() -> None:
    begin, end = datetime(2027, 2, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)
    window = Window(begin, end)
    moments = (begin - HOUR, begin, end - HOUR, end)
    assert [window.phase(each) for each in moments] == [
        Phase.BEFORE,
        Phase.OPEN,
        Phase.OPEN,
        Phase.AFTER,
    ]
    assert Window().has(begin)


def test_what_was_begun_in_time_comes_in_after_the_end() -> None:
    open_between(-5 * HOUR, -HOUR)
    assert verdict(-2 * HOUR, timedelta(minutes=-5))[0] is Status.STORED


@pytest.mark.parametrize(
    ("opens", "closes", "began"), [(-5, -2, -1), (1, 5, 0), (None, -2, -1), (1, None, 0)]
)
def test_what_was_begun_at_another_time_waits_for_a_person(
    opens: int | None, closes: int | None, began: int
) -> None:
    ends = [each * HOUR if each is not None else None for each in (opens, closes)]
    open_between(*ends)
    status, codes = verdict(began * HOUR, began * HOUR)
    assert (status, codes) == (Status.QUARANTINED, ["closed"])


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize(("opens", "closes"), [(1, 5), (-5, -1)])
def test_the_start_page_says_when_and_begins_nothing(
    app: Flask, language: str, opens: int, closes: int
) -> None:
    open_between(opens * HOUR, closes * HOUR)
    client = browser(app)
    page = client.get(f"/{language}/q/home")
    assert page.status_code == HTTPStatus.OK
    text = page.get_data(as_text=True)
    assert len(re.findall(r"\d\d:\d\d \(UTC\+5\)", text)) == 2
    assert re.search(r"<form hidden", text)
    begun = client.post(f"/{language}/q/home", data={"phone": "own"})
    assert begun.status_code == HTTPStatus.FORBIDDEN
    assert "Set-Cookie" not in begun.headers
    assert "/q/home" not in client.get(f"/{language}/").get_data(as_text=True)


def test_answers_under_way_go_on_after_the_end(app: Flask) -> None:
    client = browser(app)
    begun = client.post("/en/q/home", data={"phone": "own"})
    open_between(None, -timedelta(seconds=1))
    assert client.get(begun.location).status_code == HTTPStatus.OK
    assert "Continue" in client.get("/en/q/home").get_data(as_text=True)


def test_phones_are_offered_it_while_it_may_be_begun(app: Flask) -> None:
    made = devices.enrol("phone", Purpose.OPENROSA, questionnaires=(), language="en", username=None)
    address = f"/openrosa/{made.key}/formList"
    client = browser(app)
    seen = []
    for opens, closes in ((-1, 1), (1, 2), (-2, -1), (None, None)):
        ends = [each * HOUR if each is not None else None for each in (opens, closes)]
        open_between(*ends)
        seen.append("<formID>home</formID>" in client.get(address).get_data(as_text=True))
    assert seen == [True, False, False, True]


def test_the_list_of_phones_changes_with_the_clock_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_between(-HOUR, HOUR)
    made = devices.enrol("phone", Purpose.OPENROSA, questionnaires=(), language="en", username=None)
    client, address = browser(app), f"/openrosa/{made.key}/formList"
    before = client.get(address)
    later = utc_now() + 2 * HOUR
    monkeypatch.setattr("surveyapp.channels.openrosa.offering.utc_now", lambda: later)
    after = client.get(address)
    assert "<formID>home</formID>" in before.get_data(as_text=True)
    assert "<formID>home</formID>" not in after.get_data(as_text=True)
    assert before.headers["ETag"] != after.headers["ETag"]


def test_the_page_says_it_in_the_time_zone_of_the_installation(app: Flask) -> None:
    make_user("author", RoleName.ADMINISTRATOR)
    client = browser(app)
    sign_in(client, "author")
    form = {"access": "public", "opens": "2027-02-01T09:00", "closes": "2027-03-01T00:00"}
    assert post(client, "/manage/q/home/access", form).status_code == HTTPStatus.SEE_OTHER
    [entry] = catalogue.entries()
    assert entry.opens_at == datetime(2027, 2, 1, 4, tzinfo=UTC)
    assert entry.closes_at == datetime(2027, 2, 28, 19, tzinfo=UTC)
    db.session.rollback()
    page = client.get("/manage/q/home/versions").get_data(as_text=True)
    assert 'value="2027-02-01T09:00"' in page
    assert "Asia/Almaty" in page
    cleared = post(client, "/manage/q/home/access", {"access": "public"})
    assert cleared.status_code == HTTPStatus.SEE_OTHER
    [entry] = catalogue.entries()
    assert entry.window == Window()


@pytest.mark.parametrize(
    "form",
    [
        {"opens": "2027-02-01T09:00", "closes": "2027-02-01T09:00"},
        {"opens": "0001-01-01T00:00"},
        {"closes": "9999-12-31T23:59"},
        {"opens": "tomorrow"},
        {"opens": "2027-02-30T09:00"},
        {"closes": "\x00"},
    ],
)
def test_impossible_times_are_told_and_change_nothing(app: Flask, form: dict[str, str]) -> None:
    make_user("author", RoleName.ADMINISTRATOR)
    client = browser(app)
    sign_in(client, "author")
    answer = post(client, "/manage/q/home/access", {"access": "closed", **form})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    [entry] = catalogue.entries()
    assert (entry.access, entry.window) == (Access.PUBLIC, Window())


def test_a_command_says_it_too(app: Flask) -> None:
    arguments = ["questionnaire", "access", "home", "public", "--from", "2027-02-01T09:00"]
    output = app.test_cli_runner().invoke(args=arguments, prog_name="surveyapp").output
    assert "from 2027-02-01 09:00" in output
    again = app.test_cli_runner().invoke(args=arguments[:4], prog_name="surveyapp").output
    assert "from 2027-02-01 09:00" in again
    backwards = [*arguments, "--until", "2027-01-01"]
    assert app.test_cli_runner().invoke(args=backwards, prog_name="surveyapp").exit_code == 2
    assert db.session.scalars(select(CatalogueEntry.closes_at)).one() is None
