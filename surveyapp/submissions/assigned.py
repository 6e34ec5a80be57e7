"""What is told of assignments: to phones in their inbox, and to pages."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from surveyapp.extensions import db
from surveyapp.people.rights import Reach
from surveyapp.submissions import sealing
from surveyapp.submissions.assignment_models import Assignment, Task
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import KeyMissing, Keys, keys_of
from surveyapp.submissions.sealing import CannotOpen, DataKey
from surveyapp.submissions.verdicts import Sender

logger = logging.getLogger(__name__)

#: how long a phone is still told of a visit that is done
SHOWN_DONE = timedelta(days=14)
MOST_DONE = 100


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


# --- to phones --------------------------------------------------------------------------------------


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


# --- to pages ---------------------------------------------------------------------------------------


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
