"""Giving out visits and withdrawing them; `assigned` has what a phone or a page is told of them.

What an assignment says (its label, the answers that are known beforehand) may name a person, so it lies
sealed under a key of its row. Whoever may assign reads the label; the answers go to the phone alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, func, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.collectors import Collector
from surveyapp.questionnaires.canonical import canonical
from surveyapp.submissions import sealing
from surveyapp.submissions.assignment_models import Assignment, Task
from surveyapp.submissions.digests import keyed
from surveyapp.submissions.inserting import insert_new, table_of
from surveyapp.submissions.keys import Keys, keys_of
from surveyapp.submissions.models import State, Submission
from surveyapp.submissions.sealing import DataKey
from surveyapp.submissions.transactions import in_one_transaction

#: what an assignment says, destroyed
_NOTHING: Mapping[str, None] = {"sealed": None, "data_key": None, "key_id": None}
#: open visits that one person or phone can have
MOST_OPEN = 500


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
    connection.execute(update(table).where(named).values(**_NOTHING))


def forget_before(connection: Connection, questionnaire: str, before: datetime) -> int:
    """Destroy what was said of the visits given out before; how many. Open ones are withdrawn.

    Those whose record is blocked are left as they are.
    """
    table, records = table_of(Assignment), table_of(Submission)
    blocked = select(records.c.id).where(records.c.status == State.BLOCKED)
    due = (
        (table.c.questionnaire == questionnaire)
        & (table.c.created_at < before)
        & table.c.sealed.is_not(None)
        & (table.c.submission_id.is_(None) | table.c.submission_id.not_in(blocked))
    )
    withdrawn = {"state": Task.CANCELLED.value, "settled_at": utc_now()}
    connection.execute(update(table).where(due, table.c.state == Task.OPEN.value).values(**withdrawn))
    return connection.execute(update(table).where(due).values(**_NOTHING)).rowcount
