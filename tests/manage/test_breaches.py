"""Breaches: what the log tells of a time, written down edition by edition, printed in three languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit, audit_search
from surveyapp.people.audit import Action
from surveyapp.people.models import AuditEntry, User
from surveyapp.people.rights import Place, RoleName
from surveyapp.submissions import breaches
from surveyapp.submissions.breach_models import BreachEdition
from surveyapp.submissions.breaches import TEXTS, Window, Written
from surveyapp.submissions.models import Submission
from tests.accounts import post
from tests.collecting import QUESTIONNAIRE, envelope, publish, send
from tests.manage.test_records import as_role, entries, text_of
from tests.manage.test_rights import somebody

BREACHES = "/manage/breaches"
FORM = {
    "noticed": "2026-11-27T09:30",
    "since": "2026-11-01",
    "until": "2026-11-27",
    "happened": "A laptop was left in a bus",
    "contact": "Data officer, 8 700 000 00 00",
}
DAY = timedelta(days=1)


def now_window(**changes: object) -> Window:
    return Window(since=utc_now() - DAY, until=utc_now() + DAY, **changes)  # type: ignore[arg-type]  # each test its own


@pytest.fixture
def ids(app: Flask) -> list[str]:
    publish()
    send(envelope(), envelope(), envelope())
    db.session.rollback()
    found = [str(each) for each in db.session.scalars(select(Submission.id))]
    for one, identity in ((0, False), (0, True), (1, False)):
        audit.record(Action.SUBMISSION_OPENED, found[one], {"identity": identity, "sensitive": True})
    audit.record(Action.IDENTITY_SEARCHED, QUESTIONNAIRE, {"identity": True, "reason": "asked"})
    db.session.commit()
    return found


def test_each_record_is_counted_once_and_deeds_as_often_as_they_were_done(ids: list[str]) -> None:
    told = breaches.told_by_log(now_window())
    assert told["questionnaires"] == {
        QUESTIONNAIRE: {"opened": 2, "named": 1, "exported": 0, "exported_named": False}
    }
    assert [(d["action"], d["identity"], d["count"]) for d in told["deeds"]] == [
        ("submission_opened", False, 2),
        ("submission_opened", True, 1),
        ("identity_searched", True, 1),
    ]


def test_an_export_is_of_all_that_had_come_at_most(ids: list[str]) -> None:
    audit.record(Action.EXPORTED, QUESTIONNAIRE, {"identity": True, "sensitive": False})
    db.session.commit()
    send(envelope())
    db.session.rollback()
    told = breaches.told_by_log(now_window())["questionnaires"][QUESTIONNAIRE]
    assert (told["exported"], told["exported_named"]) == (3, True)


def test_only_what_was_asked_for_is_told(ids: list[str]) -> None:
    assert breaches.told_by_log(now_window(questionnaire="another"))["deeds"] == []
    assert breaches.told_by_log(now_window(user_id=99))["deeds"] == []
    past = Window(since=utc_now() - 9 * DAY, until=utc_now() - 8 * DAY)
    assert breaches.told_by_log(past) == {"deeds": [], "questionnaires": {}}


@pytest.mark.parametrize(
    ("noticed", "due"),
    [
        # 27 November 2026 is a Friday; Almaty is five hours ahead
        (datetime(2026, 11, 26, 10, tzinfo=UTC), date(2026, 11, 27)),
        (datetime(2026, 11, 27, 10, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 26, 20, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 28, 10, tzinfo=UTC), date(2026, 11, 30)),
    ],
)
def test_it_is_to_be_told_within_one_working_day(app: Flask, noticed: datetime, due: date) -> None:
    assert breaches.due_on(noticed) == due


def test_what_was_written_before_stays(app: Flask) -> None:
    first = Written(noticed_at=utc_now(), window=now_window(), texts={"happened": "one"})
    number = breaches.write(first)
    again = Written(noticed_at=utc_now(), window=now_window(), texts={"happened": "two"})
    assert breaches.write(again, number) == number
    assert [(e.number, e.texts["happened"]) for e in breaches.editions(number)] == [
        (2, "two"),
        (1, "one"),
    ]
    assert [e.number for e in breaches.last_editions()] == [2]


def test_from_the_form_to_the_sheet(app: Flask, ids: list[str]) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    made = post(client, BREACHES, FORM | {"until": "2030-01-01"})
    assert made.status_code == HTTPStatus.SEE_OTHER
    page = text_of(client.get(made.location))
    assert "to be told by 30 November 2026" in page
    assert "A laptop was left in a bus" in page
    saved = post(client, made.location, FORM | {"until": "2030-01-01", "measures": "Locked"})
    assert saved.status_code == HTTPStatus.SEE_OTHER
    for language, words in (("kk", "Оператор"), ("ru", "Оператор"), ("en", "Operator")):
        answer = client.get(f"{made.location}/sheet/{language}")
        sheet = answer.get_data(as_text=True)
        assert f'<html lang="{language}">' in sheet
        assert words in sheet and "Locked" in sheet
        assert "<strong>T</strong>" in sheet and QUESTIONNAIRE not in sheet
        assert answer.headers["Cache-Control"] == "no-store"
    db.session.rollback()
    logged = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc()).limit(3)).all()
    subject = f"breach {made.location.rsplit('/', 1)[1]}"
    assert [(e.action, e.subject) for e in logged] == [("breach_sheet_opened", subject)] * 3
    assert "edition 2" in text_of(client.get(BREACHES))


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"noticed": "yesterday"}, "Not a valid datetime"),
        ({"noticed": ""}, "Write a day and a time"),
        ({"until": "2026-10-01"}, "It ends before it begins"),
        ({"by": "99"}, "Not a valid choice"),
        ({"happened": "x" * 2001}, "Too long"),
        ({"contact": "a\x00b"}, "cannot"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is_written(
    app: Flask, change: dict[str, str], wrong: str
) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    answer = post(client, BREACHES, FORM | change)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert wrong in text_of(answer)
    assert db.session.scalars(select(BreachEdition)).all() == []


def test_it_is_for_those_who_see_the_whole_log(app: Flask) -> None:
    client = somebody(app, RoleName.REVIEWER, Place(None, None))
    assert client.get(BREACHES).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("number", [1, 2**31, 2**70])
def test_one_that_is_not_there(app: Flask, number: int) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    assert client.get(f"{BREACHES}/{number}").status_code == HTTPStatus.NOT_FOUND
    assert client.get(f"{BREACHES}/{number}/sheet/kk").status_code == HTTPStatus.NOT_FOUND


def test_the_page_of_a_breach_opens_with_every_text_filled_in(app: Flask) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    texts = {name: f"what is written as {name}" for name in TEXTS}
    made = post(client, BREACHES, FORM | texts)
    page = text_of(client.get(made.location))
    assert [name for name, text in texts.items() if page.count(text) != 2] == [], (
        "in the form and in the history"
    )


def test_a_sheet_is_printed_although_somebody_writes_meanwhile(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    made = post(client, BREACHES, FORM)
    people = audit_search.people

    def somebody_writes() -> dict[int, str]:
        found = people()  # this request has read now
        with db.engine.connect().execution_options(reads=True) as connection:
            connection.execute(update(User).values(seen_at=utc_now()))
            connection.commit()
        return found

    monkeypatch.setattr(audit_search, "people", somebody_writes)
    assert client.get(f"{made.location}/sheet/kk").status_code == HTTPStatus.OK
    assert [each["language"] for each in entries("breach_sheet_opened")] == ["kk"]
