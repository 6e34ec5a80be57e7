"""Days that an administrator tells: what they move, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.database import utc_now
from surveyapp.days import working_day_after
from surveyapp.extensions import db
from surveyapp.people.models import AuditEntry
from surveyapp.submissions import breaches, subject_finding, subject_requests, telling_days, told_days
from surveyapp.submissions.breaches import Window, Written
from surveyapp.submissions.subject_models import SubjectRequest, Wish
from surveyapp.submissions.subject_requests import Asked
from surveyapp.submissions.telling_days import (
    AlreadyTold,
    NothingNew,
    NotTold,
    OutOfReach,
    SecondKurbanAit,
)
from surveyapp.submissions.told_day_models import Kind
from tests.collecting import answers, envelope, publish, send

#: the noon before Kurban Ait of 2026, in UTC; a Tuesday
BEFORE = datetime(2026, 5, 26, 7, tzinfo=UTC)
KURBAN_AIT = date(2026, 5, 27)


def a_request(asked_at: datetime) -> int:
    (result,) = send(envelope(answers=answers(rooms=None, twice=None)))
    subject = subject_finding.asked_about(str(result.receipt_code))
    assert subject is not None
    number = subject_requests.ask(Asked(subject, Wish.COPY)).serial
    due = subject_requests.due_on(asked_at.date())
    moved = update(SubjectRequest).where(SubjectRequest.serial == number)
    db.session.execute(moved.values(asked_at=asked_at, due_on=due))
    db.session.commit()
    return number


def a_breach(noticed_at: datetime) -> int:
    window = Window(since=noticed_at, until=noticed_at + timedelta(days=1))
    return breaches.write(Written(noticed_at=noticed_at, window=window, texts={}))


def due_of_request(number: int) -> date:
    db.session.rollback()
    return subject_requests.one(number).due_on


def due_of_breach(number: int) -> list[date]:
    db.session.rollback()
    return [each.due_on for each in breaches.editions(number)]


def test_deadlines_that_were_reckoned_before_move_and_move_back(app: Flask) -> None:
    publish()
    request, breach = a_request(BEFORE), a_breach(BEFORE)
    assert due_of_request(request) == date(2026, 5, 29)
    assert due_of_breach(breach) == [KURBAN_AIT]
    assert telling_days.tell(KURBAN_AIT, Kind.KURBAN_AIT) == 2
    assert due_of_request(request) == date(2026, 6, 1)
    assert due_of_breach(breach) == [date(2026, 5, 28)]
    assert telling_days.tell(date(2026, 5, 30), Kind.WORKING) == 1
    assert due_of_request(request) == date(2026, 5, 30)
    telling_days.take_away(date(2026, 5, 30))
    telling_days.take_away(KURBAN_AIT)
    assert (due_of_request(request), due_of_breach(breach)) == (date(2026, 5, 29), [KURBAN_AIT])


def test_what_is_closed_or_overtaken_keeps_its_day(app: Flask) -> None:
    publish()
    request, breach = a_request(BEFORE), a_breach(BEFORE)
    subject_requests.carry_out(request)
    window = Window(since=BEFORE, until=BEFORE)
    breaches.write(Written(noticed_at=BEFORE, window=window, texts={}), breach)
    assert telling_days.tell(KURBAN_AIT, Kind.KURBAN_AIT) == 1
    assert due_of_request(request) == date(2026, 5, 29)
    assert due_of_breach(breach) == [date(2026, 5, 28), KURBAN_AIT]


def test_what_is_written_afterwards_reckons_with_it(app: Flask) -> None:
    publish()
    today = utc_now().astimezone().date()
    for ahead in range(1, 6):  # the next days of work are none
        day = today + timedelta(days=ahead)
        if working_day_after(day - timedelta(days=1), 1) == day:
            telling_days.tell(day, Kind.REST)
    (result,) = send(envelope(answers=answers(rooms=None, twice=None)))
    subject = subject_finding.asked_about(str(result.receipt_code))
    assert subject is not None
    made = subject_requests.ask(Asked(subject, Wish.COPY))
    asked, due = made.asked_at.astimezone(app.config["SETTINGS"].timezone).date(), made.due_on
    told = told_days.told_on(db.session.connection())
    assert due == subject_requests.due_on(asked, told) > subject_requests.due_on(asked)


def test_a_told_day_stands_in_the_log(app: Flask) -> None:
    telling_days.tell(KURBAN_AIT, Kind.KURBAN_AIT)
    telling_days.take_away(KURBAN_AIT)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc()).limit(2)).all()
    assert [(e.action, e.subject) for e in entries] == [
        ("day_taken_back", "2026-05-27"),
        ("day_told", "2026-05-27"),
    ]
    assert entries[0].details == {"decision": "kurban_ait", "count": 0}


def test_what_makes_no_sense_is_refused_and_changes_nothing(app: Flask) -> None:
    telling_days.tell(KURBAN_AIT, Kind.KURBAN_AIT)
    with pytest.raises(AlreadyTold):
        telling_days.tell(KURBAN_AIT, Kind.REST)
    with pytest.raises(SecondKurbanAit):
        telling_days.tell(date(2026, 5, 28), Kind.KURBAN_AIT)
    for day, kind in (
        (date(2026, 5, 30), Kind.REST),  # a Saturday
        (date(2026, 12, 16), Kind.REST),  # Independence Day
        (date(2026, 5, 28), Kind.WORKING),
    ):
        with pytest.raises(NothingNew):
            telling_days.tell(day, kind)
    for year in (2019, 2100):
        with pytest.raises(OutOfReach):
            telling_days.tell(date(year, 5, 27), Kind.REST)
    with pytest.raises(NotTold):
        telling_days.take_away(date(2026, 5, 28))
    assert [each.day for each in told_days.told_of(2026)] == [KURBAN_AIT]


def test_kurban_ait_may_fall_on_a_sunday(app: Flask) -> None:
    telling_days.tell(date(2027, 5, 16), Kind.KURBAN_AIT)
    assert told_days.knows_kurban_ait(2027) and not told_days.knows_kurban_ait(2026)
