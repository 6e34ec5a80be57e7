"""Counts and measures of records, kept beside them: reckoned by the worker, looked up by pages.

What changed since the last time is read in the order of changes (`changes`), so that a page goes through
days and interviewers instead of records. A record's own measures are kept, so that what it added to the
counts can be taken back when it is edited or deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, Select, delete, insert, select, tuple_

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import CatalogueEntry
from surveyapp.database import utc_now
from surveyapp.days import day_of
from surveyapp.extensions import db
from surveyapp.questionnaires.canonical import canonical
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.submissions import households, judging, tallying
from surveyapp.submissions.changes import Cursor, current_epoch, horizon
from surveyapp.submissions.digests import keyed
from surveyapp.submissions.field_models import (
    NONE,
    Measure,
    Measuring,
    Plan,
    Quality,
    Tally,
)
from surveyapp.submissions.households import household_of
from surveyapp.submissions.inserting import INSERTS, table_of
from surveyapp.submissions.keys import Keys, keys_of
from surveyapp.submissions.measures import consent_in, counted, is_night, results, seconds_taken
from surveyapp.submissions.models import Cause, State, Submission, SubmissionRevision
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of

BATCH = 200
#: records that one round of the worker takes on, so that its other chores get their turn
MOST_AT_ONCE = 20_000
#: how measures are made; another number, and all are reckoned anew (2: what is no answer is none)
_RULES = "2"
_READ = (
    "id",
    "serial",
    "changed",
    "questionnaire",
    "version",
    "status",
    "region",
    "sender_id",
    "device_id",
    "started_at",
    "finished_at",
    "utc_offset",
    "cause",
    "received_at",
    "first_received_at",
    "paradata",
    "flags",
    "synthetic",
    "answers",
    "identity_sealed",
    "foreign_sealed",
    "data_key",
    "key_id",
)


class _Reached(NamedTuple):
    """How far a questionnaire's records are reckoned, by which rules, and what named a household."""

    cursor: Cursor
    household: str


@dataclass(frozen=True, slots=True)
class _Reckoned:
    """A batch, reckoned: new measures, the records it is about, and how far it reaches."""

    measures: Sequence[dict[str, Any]]
    ids: Collection[UUID]
    reached: _Reached


def catch_up(most: int = MOST_AT_ONCE) -> int:
    """Reckon what came or changed since the last time; how many records that were."""
    done = 0
    ids = db.session.scalars(select(CatalogueEntry.id)).all()
    db.session.rollback()
    for questionnaire in ids:
        while done < most and (count := _next_batch(questionnaire)):
            done += count
    return done


def begin_anew(connection: Connection, questionnaire: str) -> None:
    """Forget what was reckoned of a questionnaire: all of it is reckoned again by the next rounds."""
    for model in (Measure, Tally, Quality, Measuring):
        table = table_of(model)
        connection.execute(delete(table).where(table.c.questionnaire == questionnaire))


def _next_batch(questionnaire: str) -> int:
    epoch, naming = current_epoch(), households.naming(questionnaire)
    db.session.rollback()
    with db.engine.connect().execution_options(reads=True) as connection:
        before = _reached(connection, questionnaire)
        known = _is_known(before, epoch, naming)
        place = before.cursor if before is not None and known else Cursor(epoch, -1, 0)
        rows = _rows(connection, questionnaire, place)
        corrected = _first_senders(connection, rows)
        path = connection.scalar(select(Plan.result_path).where(Plan.questionnaire == questionnaire))
    if not rows:
        return 0
    maker = _Maker(keys_of(), _result_path(questionnaire, path), naming)
    measures = [found for row in rows if (found := maker.measure(row, corrected.get(row.id, row)))]
    last = _Reached(Cursor(epoch, rows[-1].changed, rows[-1].serial), _by(naming))
    db.session.rollback()  # versions were looked up: on SQLite that would be in the way
    reckoned = _Reckoned(measures, {row.id for row in rows}, last)

    def work(connection: Connection) -> bool:
        if _reached(connection, questionnaire, lock=True) != before:
            return False  # another worker was first
        if not known:
            begin_anew(connection, questionnaire)
        _put(connection, questionnaire, reckoned)
        return True

    return len(rows) if in_one_transaction(work) else 0


def _is_known(before: _Reached | None, epoch: UUID, naming: Sequence[str]) -> bool:
    """Whether what was reckoned holds still: in this life of the database, by the same questions."""
    same = before is not None and before.household == _by(naming)
    return same and before is not None and before.cursor.epoch == epoch


def _by(naming: Sequence[str]) -> str:
    """By what records are reckoned: what names a household, and the rules."""
    return "\n".join([_RULES, *naming])


def _reached(connection: Connection, questionnaire: str, *, lock: bool = False) -> _Reached | None:
    table = table_of(Measuring)
    query = select(table).where(table.c.questionnaire == questionnaire)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    return _Reached(Cursor(row.epoch, row.changed, row.serial), row.household) if row else None


def _rows(connection: Connection, questionnaire: str, after: Cursor) -> Sequence[Row[Any]]:
    table = table_of(Submission)
    place = (table.c.changed, table.c.serial)
    query = select(*(table.c[name] for name in _READ)).where(
        table.c.questionnaire == questionnaire,
        tuple_(*place) > (after.changed, after.serial),
        table.c.changed < horizon(connection),
    )
    return connection.execute(query.order_by(*place).limit(BATCH)).all()


def _first_senders(connection: Connection, rows: Sequence[Row[Any]]) -> dict[UUID, Row[Any]]:
    """Who sent those that a reviewer has corrected: they stay the collector's."""
    table = table_of(SubmissionRevision)
    ids = [row.id for row in rows if row.cause == Cause.CORRECTED]
    if not ids:
        return {}
    query = select(table.c.submission_id, table.c.sender_id, table.c.device_id)
    first: Select[Any] = query.where(table.c.submission_id.in_(ids), table.c.revision == 1)
    return {row.submission_id: row for row in connection.execute(first).all()}


def result_path(questionnaire: str) -> str:
    """The question that says how a visit went, if the plan names one or one is plainly meant."""
    planned = db.session.scalar(select(Plan.result_path).where(Plan.questionnaire == questionnaire))
    return _result_path(questionnaire, planned)


def _result_path(questionnaire: str, planned: str | None) -> str:
    if planned is not None:
        return planned
    edition = catalogue.current(questionnaire)
    return likely_result(edition.definition) if edition else NONE


def likely_result(definition: Questionnaire) -> str:
    """The question whose list of choices is called `visit`, as in the household survey; else none."""
    for question in results(definition):
        if question.choices and question.choices.list_name in {"visit", "visit_result"}:
            return question.path
    return NONE


# --- one record -------------------------------------------------------------------------------------


class _Maker:
    """Makes the measures of records."""

    def __init__(self, keys: Keys, path: str, naming: Sequence[str]) -> None:
        self._keys, self._path, self._naming = keys, path, naming
        self._zone = settings_of().timezone

    def measure(self, row: Row[Any], sent: Row[Any]) -> dict[str, Any] | None:
        """A record's measures, `sent` telling by whom; None: it is nobody's data any more."""
        edition = catalogue.edition(row.questionnaire, row.version)
        if State(row.status).is_gone or edition is None:
            return None
        found = counted(edition.definition, row.answers)
        compared = canonical(dict(found.compared)) if found.compared else None
        questionnaire = row.questionnaire.encode()
        return {
            "submission_id": row.id,
            "questionnaire": row.questionnaire,
            "received_at": row.received_at,
            "day": day_of(row.first_received_at, self._zone),
            "region": row.region or NONE,
            "collector": collector_of(sent),
            "result": self._result(row.answers),
            "seconds": seconds_taken(row.started_at, row.finished_at, row.paradata),
            "asked": found.asked,
            "missing": found.missing,
            "runs": found.runs,
            "straight": found.straight,
            "night": is_night(row.finished_at, row.utc_offset),
            "lat": found.place.lat if found.place else None,
            "lon": found.place.lon if found.place else None,
            "flagged": bool(row.flags),
            "synthetic": row.synthetic,
            "consent": consent_in(edition.definition, row.answers),
            "digest": keyed(self._keys, "equal answers", questionnaire, compared) if compared else None,
            "household": household_of(self._keys, row, edition.definition, self._naming),
        }

    def _result(self, answers: Any) -> str:
        value = answers
        for step in self._path.split("/") if self._path else ():
            value = value.get(step) if isinstance(value, Mapping) else None
        return value if isinstance(value, str) and len(value) <= 100 else NONE


def collector_of(row: Any) -> str:
    """Who collected a record: `user 7`, `device 3`, or nobody known."""
    if row.sender_id is not None:
        return f"user {row.sender_id}"
    return f"device {row.device_id}" if row.device_id is not None else NONE


# --- writing it down --------------------------------------------------------------------------------


def _put(connection: Connection, questionnaire: str, reckoned: _Reckoned) -> None:
    table = table_of(Measure)
    mine = table.c.submission_id.in_(reckoned.ids)
    former = [row._asdict() for row in connection.execute(select(table).where(mine))]
    connection.execute(delete(table).where(mine))
    # one that was erased meanwhile may be gone as a whole
    there = set(connection.scalars(select(Submission.id).where(Submission.id.in_(reckoned.ids))))
    fresh = [measure for measure in reckoned.measures if measure["submission_id"] in there]
    if fresh:
        connection.execute(insert(table), fresh)
    tallying.count(connection, fresh, former)
    judging.judge(connection, questionnaire, judging.touched(connection, questionnaire, fresh, former))
    _note(connection, questionnaire, reckoned.reached)


def _note(connection: Connection, questionnaire: str, reached: _Reached) -> None:
    table, cursor = table_of(Measuring), reached.cursor
    values = {
        "epoch": cursor.epoch,
        "changed": cursor.changed,
        "serial": cursor.serial,
        "at": utc_now(),
        "household": reached.household,
    }
    put = INSERTS[connection.dialect.name](table).values(questionnaire=questionnaire, **values)
    connection.execute(put.on_conflict_do_update(index_elements=["questionnaire"], set_=values))
