"""Telling which days are days of rest, and what that changes: deadlines that were reckoned before.

Reckoned anew are the deadlines of requests that are open and of the edition of each breach that stands;
what is closed keeps the day by which it was answered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection, delete, func, insert, select, update

from surveyapp.database import utc_now
from surveyapp.days import Told, day_of, is_working_day
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.audit import Action
from surveyapp.submissions import breaches, subject_requests
from surveyapp.submissions.breach_models import BreachEdition
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.refusals import Refused
from surveyapp.submissions.subject_models import SubjectRequest
from surveyapp.submissions.told_day_models import Kind, ToldDay
from surveyapp.submissions.told_days import told_on
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of

#: years of which days can be told; a slip of the finger is not one of them
FIRST_YEAR, LAST_YEAR = 2020, 2099


class AlreadyTold(Refused):
    """Something is told of this day; it is taken away first."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{day} is told already: take it away first.")


class NothingNew(Refused):
    """By the rules the day is what it is told to be."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{day} is that by the rules already.")


class OutOfReach(Refused):
    """No year of which days are told."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{day} is not of the years {FIRST_YEAR} to {LAST_YEAR}.")


class SecondKurbanAit(Refused):
    """Its first day is told of this year; the other one is taken away first."""

    def __init__(self, year: int) -> None:
        super().__init__(f"Kurban Ait of {year} is told already: take it away first.")


class NotTold(Refused):
    """Nothing is told of this day."""

    def __init__(self, day: date) -> None:
        super().__init__(f"Nothing is told of {day}.")


def tell(day: date, kind: Kind, *, by: int | None = None) -> int:
    """Say what a day is; of how many requests and breaches the deadline moved. Commits.

    Raises `AlreadyTold`, `NothingNew`, `OutOfReach`, `SecondKurbanAit`.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise OutOfReach(day)

    def work(connection: Connection) -> int:
        _check_new(connection, day, kind)
        values = {"day": day, "kind": kind, "told_at": utc_now(), "told_by": by}
        connection.execute(insert(table_of(ToldDay)).values(**values))
        return _reckoned_anew(connection, Action.DAY_TOLD, day, kind, by)

    return _committed(work)


def take_away(day: date, *, by: int | None = None) -> int:
    """Let the rules say what a day is; of how many the deadline moved. Commits. Raises `NotTold`."""

    def work(connection: Connection) -> int:
        table = table_of(ToldDay)
        gone = delete(table).where(table.c.day == day).returning(table.c.kind)
        kind = connection.scalar(gone)
        if kind is None:
            raise NotTold(day)
        return _reckoned_anew(connection, Action.DAY_TAKEN_BACK, day, kind, by)

    return _committed(work)


def _committed(work: Callable[[Connection], int]) -> int:
    db.session.commit()
    return in_one_transaction(work)


def _check_new(connection: Connection, day: date, kind: Kind) -> None:
    table = table_of(ToldDay)
    rows = connection.execute(select(table.c.day, table.c.kind)).all()
    if any(row.day == day for row in rows):
        raise AlreadyTold(day)
    if kind is Kind.KURBAN_AIT:
        if any(row.day.year == day.year and row.kind == kind for row in rows):
            raise SecondKurbanAit(day.year)
        return  # it may fall on any day, a day of rest too
    if is_working_day(day, told_on(connection)) == (kind is Kind.WORKING):
        raise NothingNew(day)


def _reckoned_anew(connection: Connection, action: Action, day: date, kind: str, by: int | None) -> int:
    told = told_on(connection)
    moved = _requests(connection, told) + _breaches(connection, told)
    details: dict[str, audit.Detail] = {"decision": str(kind), "count": moved}
    audit.record_on(connection, action, day.isoformat(), details, user_id=by)
    return moved


def _requests(connection: Connection, told: Told) -> int:
    table, zone, moved = table_of(SubjectRequest), settings_of().timezone, 0
    columns = (table.c.serial, table.c.asked_at, table.c.due_on)
    # locked, so that one that is closed meanwhile keeps the day that it was closed with
    waiting = select(*columns).where(table.c.closed_at.is_(None)).with_for_update()
    for row in connection.execute(waiting).all():
        due = subject_requests.due_on(day_of(row.asked_at, zone), told)
        if due != row.due_on:
            connection.execute(update(table).where(table.c.serial == row.serial).values(due_on=due))
            moved += 1
    return moved


def _breaches(connection: Connection, told: Told) -> int:
    table, moved = table_of(BreachEdition), 0
    last = select(func.max(table.c.serial)).group_by(table.c.breach_serial)
    columns = (table.c.serial, table.c.noticed_at, table.c.due_on)
    for row in connection.execute(select(*columns).where(table.c.serial.in_(last))).all():
        due = breaches.due_on(row.noticed_at, told)
        if due != row.due_on:
            connection.execute(update(table).where(table.c.serial == row.serial).values(due_on=due))
            moved += 1
    return moved
