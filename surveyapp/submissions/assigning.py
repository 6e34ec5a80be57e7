"""Giving out visits, withdrawing them, and what a phone or a page is told of them.

What an assignment says (its label, the answers that are known beforehand) may name a person, so it lies
sealed under a key of its row. Whoever may assign reads the label; the answers go to the phone alone.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.collectors import Collector
from surveyapp.people.rights import Reach
from surveyapp.questionnaires.canonical import canonical
from surveyapp.submissions import sealing
from surveyapp.submissions.assignment_models import Assignment, Task
from surveyapp.submissions.digests import keyed
from surveyapp.submissions.inserting import insert_new, table_of
from surveyapp.submissions.keys import KeyMissing, Keys, keys_of
from surveyapp.submissions.sealing import CannotOpen, DataKey
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.submissions.verdicts import Sender

logger = logging.getLogger(__name__)

#: open visits that one person or phone can have
MOST_OPEN = 500
#: how long a phone is still told of a visit that is done
SHOWN_DONE = timedelta(days=14)
MOST_DONE = 100


class NotAssigned(LookupError):
    """There is no such assignment."""


class Settled(ValueError):
    """It is done, or was withdrawn: nothing was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What is to be given out; `key` tells it from other visits of the questionnaire."""

    collector: Collector
    label: str
    region: str | None = None
    due: date | None = None
    #: node path → JSON value
    answers: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An assignment as a phone is told of it; `label` and `answers` only as far as it needs them."""

    id: UUID
    questionnaire: str
    region: str | None
    due: date | None
    state: Task
    submission: UUID | None
    label: str | None
    answers: Mapping[str, Any]


# --- giving out -------------------------------------------------------------------------------------


def digest_of(keys: Keys, questionnaire: str, visit: Visit) -> bytes:
    """What the same visit is known by again: the list's own key, else all that is said of it."""
    if visit.key:
        return keyed(keys, "assignment key", questionnaire.encode(), visit.key.encode())
    said = [visit.collector.key, visit.label, visit.region, str(visit.due or ""), dict(visit.answers)]
    return keyed(keys, "assignment", questionnaire.encode(), canonical(said))


def known_already(questionnaire: str, visits: Sequence[Visit]) -> list[bool]:
    """Of each visit whether it was given out before; a query for each 500."""
    digests = [digest_of(keys_of(), questionnaire, visit) for visit in visits]
    known: set[bytes] = set()
    for begin in range(0, len(digests), 500):
        query = select(Assignment.key_digest).where(
            Assignment.questionnaire == questionnaire,
            Assignment.key_digest.in_(digests[begin : begin + 500]),
        )
        known |= set(db.session.scalars(query))
    return [digest in known for digest in digests]


def open_by_collector(questionnaire: str | None = None) -> dict[str, int]:
    """How many open visits each collector (`Collector.key`) has."""
    query = select(Assignment.user_id, Assignment.device_id, func.count()).where(
        Assignment.state == Task.OPEN
    )
    if questionnaire is not None:
        query = query.where(Assignment.questionnaire == questionnaire)
    rows = db.session.execute(query.group_by(Assignment.user_id, Assignment.device_id))
    return {Collector("", user_id=row[0], device_id=row[1]).key: row[2] for row in rows}


def give_out(questionnaire: str, visits: Sequence[Visit], by: int | None) -> int:
    """Make the assignments, all in one transaction; those that were made before stay as they are.

    How many are new. The database session's open transaction ends here.
    """
    keys = keys_of()
    rows = [_row(keys, questionnaire, visit, by) for visit in visits]

    def work(connection: Connection) -> int:
        key = ["questionnaire", "key_digest"]
        made = len(insert_new(connection, Assignment, rows, key=key))
        if made:
            action, details = audit.Action.ASSIGNMENTS_MADE, {"count": made}
            audit.record_on(connection, action, questionnaire, details, user_id=by)
        return made

    db.session.commit()  # on SQLite an open one would be in the way
    return in_one_transaction(work) if rows else 0


def _row(keys: Keys, questionnaire: str, visit: Visit, by: int | None) -> dict[str, Any]:
    number = uuid4()
    key = DataKey.new(keys, sealing.Row.of_assignment(number))
    return {
        "id": number,
        "questionnaire": questionnaire,
        "user_id": visit.collector.user_id,
        "device_id": visit.collector.device_id,
        "region": visit.region,
        "due": visit.due,
        "state": Task.OPEN.value,
        "key_digest": digest_of(keys, questionnaire, visit),
        "sealed": key.seal_json("sealed", {"label": visit.label, "answers": dict(visit.answers)}),
        "data_key": key.wrapped,
        "key_id": key.key_id,
        "created_at": utc_now(),
        "created_by": by,
    }


# --- changing ---------------------------------------------------------------------------------------


def one(assignment_id: UUID) -> Assignment | None:
    """The assignment of this id."""
    return db.session.scalars(select(Assignment).where(Assignment.id == assignment_id)).one_or_none()


def withdraw(assignment_id: UUID, by: int | None) -> None:
    """Take an open visit back; its phones are told. Raises `NotAssigned`, `Settled`."""
    _change(assignment_id, Task.OPEN, Task.CANCELLED, audit.Action.ASSIGNMENT_WITHDRAWN, by)


def open_again(assignment_id: UUID, by: int | None) -> None:
    """Give one out again that was withdrawn, or whose record is no good. Raises as `withdraw`."""
    found = one(assignment_id)
    if found is None:
        raise NotAssigned(assignment_id)
    _change(assignment_id, Task(found.state), Task.OPEN, audit.Action.ASSIGNMENT_REOPENED, by)


def _change(
    assignment_id: UUID, before: Task, after: Task, action: audit.Action, by: int | None
) -> None:
    """Only from the state that was looked at: a record that comes in meanwhile has done it."""
    found = one(assignment_id)
    if found is None:
        raise NotAssigned(assignment_id)
    changed = db.session.execute(
        update(Assignment)
        .where(Assignment.id == assignment_id, Assignment.state == before.value)
        .where(Assignment.state != after.value, Assignment.sealed.is_not(None))
        .values(state=after.value, settled_at=None if after is Task.OPEN else utc_now())
        .returning(Assignment.serial)
    ).all()
    if not changed:
        db.session.rollback()
        raise Settled(assignment_id)
    audit.record(action, found.questionnaire, {"count": 1}, user_id=by)
    db.session.commit()


def forget(connection: Connection, submission_id: UUID) -> None:
    """Destroy what was said of the visit that a submission did, when that is erased."""
    table = table_of(Assignment)
    named = table.c.submission_id == submission_id
    nothing = {"sealed": None, "data_key": None, "key_id": None}
    connection.execute(update(table).where(named).values(**nothing))


# --- what a phone is told ---------------------------------------------------------------------------


def told_to(
    connection: Connection, sender: Sender, *, after: int | None, below: int, now: datetime
) -> list[Told]:
    """What a phone or a person is to know: without `after` what is open and what was done lately;

    with it, everything of theirs that changed above it. Only changes below `below`, in their order.
    """
    table = table_of(Assignment)
    news = (
        or_(
            table.c.state == Task.OPEN.value,
            and_(table.c.state == Task.DONE.value, table.c.settled_at >= now - SHOWN_DONE),
        )
        if after is None
        else table.c.changed > after
    )
    query = select(table).where(_of(sender), table.c.changed < below, news)
    if sender.questionnaires is not None:
        query = query.where(table.c.questionnaire.in_(sorted(sender.questionnaires)))
    rows = connection.execute(query.order_by(table.c.changed, table.c.serial)).all()
    if after is None:
        done = [row.serial for row in rows if row.state == Task.DONE.value][:-MOST_DONE]
        rows = [row for row in rows if row.serial not in set(done)]
    return [_told(keys_of(), row) for row in rows]


def last_change(connection: Connection, sender: Sender, below: int) -> int:
    """The last change of theirs below a number; -1: none."""
    table = table_of(Assignment)
    query = select(func.max(table.c.changed)).where(_of(sender), table.c.changed < below)
    found = connection.scalar(query)
    return -1 if found is None else int(found)


def _of(sender: Sender) -> ColumnElement[bool]:
    table = table_of(Assignment)
    named = [("user_id", sender.user_id), ("device_id", sender.device_id)]
    return or_(*(table.c[column] == owner for column, owner in named if owner is not None))


def _told(keys: Keys, row: Row[Any]) -> Told:
    state = Task(row.state)
    said = {} if state is Task.CANCELLED else said_of(keys, row)
    return Told(
        id=row.id,
        questionnaire=row.questionnaire,
        region=row.region,
        due=row.due,
        state=state,
        submission=row.submission_id,
        label=said.get("label"),
        answers=said.get("answers", {}) if state is Task.OPEN else {},
    )


def said_of(keys: Keys, row: Any) -> dict[str, Any]:
    """What an assignment says (`label`, `answers`); nothing, if it was destroyed or does not open."""
    if row.sealed is None or row.data_key is None:
        return {}
    try:
        key = DataKey.unwrap(keys, sealing.Row.of_assignment(row.id), row.data_key, row.key_id)
        said: dict[str, Any] = key.open_json("sealed", row.sealed)
    except (CannotOpen, KeyMissing) as error:
        logger.error("an assignment cannot be opened: %s", type(error).__name__)
        return {}
    return said


# --- what a page is told ----------------------------------------------------------------------------


def listed(
    questionnaire: str, seen: Reach, *, state: Task | None, before: int | None, limit: int
) -> Sequence[Assignment]:
    """Assignments that somebody sees, the newest first."""
    query: Select[Any] = select(Assignment).where(
        Assignment.questionnaire == questionnaire, _within(seen)
    )
    if state is not None:
        query = query.where(Assignment.state == state)
    if before is not None:
        query = query.where(Assignment.serial < before)
    return db.session.scalars(query.order_by(Assignment.serial.desc()).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many visits there are of each state, and how many of the open ones are overdue."""

    open: int = 0
    done: int = 0
    cancelled: int = 0
    overdue: int = 0

    def __bool__(self) -> bool:
        return bool(self.open + self.done + self.cancelled)


def tally(questionnaire: str, seen: Reach, today: date) -> Tally:
    """The counts of what somebody sees."""
    query = (
        select(
            Assignment.state,
            func.count(),
            func.count().filter(Assignment.state == Task.OPEN, Assignment.due < today),
        )
        .where(Assignment.questionnaire == questionnaire, _within(seen))
        .group_by(Assignment.state)
    )
    rows = {row[0]: (row[1], row[2]) for row in db.session.execute(query)}
    counts = {task.value: rows.get(task.value, (0, 0))[0] for task in Task}
    return Tally(**counts, overdue=rows.get(Task.OPEN.value, (0, 0))[1])


def _within(seen: Reach) -> ColumnElement[bool]:
    return seen.rows(Assignment.questionnaire, Assignment.region)
