"""How long records are kept: what the worker does by the rules of `retention_rules`.

A rule says how long since a record was first received, or until which day, and what happens then. Each
day the worker announces what falls due so many days later as one `Destruction`, and carries out those
whose day has come, a record at a time, each in a transaction of its own. Stopped half-way it goes on
where it was. Blocked records are left as they are: somebody whom they are about, or a court, wants that;
and so are those of which a family waits for a copy, a correction or a block: they are announced again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, select, update

from surveyapp.database import utc_now
from surveyapp.days import day_of
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.audit import Action
from surveyapp.submissions import assigning, deleted, destroying, erasing, reviewing, subject_requests
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Decision, Quarantined, State, Submission
from surveyapp.submissions.refusals import Gone, Refused
from surveyapp.submissions.retention_announcing import announce
from surveyapp.submissions.retention_models import Destruction, Fate
from surveyapp.submissions.retention_rules import ahead, due, received_before, rules
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of

logger = logging.getLogger(__name__)

#: records looked for at once
BATCH = 100
#: seconds of one round of the worker; what is left is done in the next one
SECONDS = 120.0


_DEEDS: Mapping[str, Callable[[UUID], None]] = {
    Fate.IDENTITY: partial(destroying.erase_identity, spare_blocked=True),
    Fate.ALL: partial(reviewing.erase, spare_blocked=True),
}


def tend(now: datetime, *, seconds: float = SECONDS) -> None:
    """What the worker does: announce, carry out what is due, destroy what was deleted long ago."""
    announce(now)
    until = monotonic() + seconds
    carry_out(now, until)
    forget_visits(now)
    deleted.destroy_deleted(now, until)


def carry_out(now: datetime, until: float = float("inf")) -> int:
    """Carry out the announced destructions whose day has come; how many records. Commits each.

    `until`: the reading of `time.monotonic` at which it stops; it goes on the next time.
    """
    today = day_of(now, settings_of().timezone)
    announced = [
        (row.serial, row.questionnaire, row.fate, row.received_before)
        for row in ahead()
        if row.day <= today
    ]
    db.session.commit()
    done = 0
    for serial, questionnaire, fate, before in announced:
        condition = due(questionnaire, fate, before)
        while rows := _next(serial, condition):
            for row in rows:
                if monotonic() >= until:
                    return done
                outcome = _destroy(row, fate)
                if not _count(serial, row.serial, outcome):
                    return done  # called off meanwhile
                done += outcome == "done"
        _end(serial, questionnaire, before)
    return done


def forget_visits(now: datetime) -> int:
    """Destroy what was said of visits that are as old as records that are destroyed; how many. Commits.

    They may name a person and were perhaps never done. A rule that was set lately holds for them as late
    as for the records, after its notice.
    """
    db.session.commit()
    zone, dues = settings_of().timezone, list[tuple[str, datetime]]()
    for rule in rules():
        before = received_before(rule, day_of(now, zone))
        if before and rule.set_at + timedelta(days=rule.notice) <= now:
            dues.append((rule.questionnaire, before))
    db.session.commit()
    return sum(in_one_transaction(partial(_forget_visits, of=each, before=at)) for each, at in dues)


def _forget_visits(connection: Connection, *, of: str, before: datetime) -> int:
    count = assigning.forget_before(connection, of, before)
    if count:
        audit.record_on(connection, Action.RETENTION_VISITS, of, {"count": count})
    return count


def _next(serial: int, condition: Sequence[ColumnElement[bool]]) -> Sequence[Row[Any]]:
    table, mine = table_of(Submission), table_of(Destruction)
    reached = select(mine.c.reached).where(mine.c.serial == serial).scalar_subquery()
    query: Select[Any] = (
        select(table.c.serial, table.c.id)
        .where(*condition, table.c.serial > reached)
        .order_by(table.c.serial)
        .limit(BATCH)
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        rows: Sequence[Row[Any]] = connection.execute(query).all()
    return rows


def _destroy(row: Row[Any], fate: str) -> str:
    """Which count it adds to."""
    if _is_awaited(row.id):
        return "spared"
    try:
        _DEEDS[fate](row.id)
    except Gone:
        return "spared"
    except Refused:  # somebody destroyed it a moment ago
        return "done"
    except Exception:
        logger.exception("submission %s could not be destroyed", row.id)
        return "failed"
    return "done"


def _is_awaited(submission_id: UUID) -> bool:
    awaited = subject_requests.awaited().subquery()
    query = select(awaited.c.submission_id).where(awaited.c.submission_id == submission_id).limit(1)
    with db.engine.connect().execution_options(reads=True) as connection:
        return connection.scalar(query) is not None


def _count(serial: int, reached: int, outcome: str) -> bool:
    """Note that a record is done with; False: the destruction was called off."""

    def work(connection: Connection) -> bool:
        table = table_of(Destruction)
        noted = connection.execute(
            update(table)
            .where(table.c.serial == serial, table.c.ended_at.is_(None))
            .values({"reached": reached, outcome: table.c[outcome] + 1})
        )
        return bool(noted.rowcount)

    return in_one_transaction(work)


def _end(serial: int, questionnaire: str, before: datetime) -> None:
    """Destroy what was left of it in quarantine, and write down that it is over."""

    def work(connection: Connection) -> None:
        table = table_of(Destruction)
        ended = connection.execute(
            update(table)
            .where(table.c.serial == serial, table.c.ended_at.is_(None))
            .values(ended_at=utc_now())
            .returning(table)
        ).one_or_none()
        if ended is None:
            return
        _empty_quarantine(connection, questionnaire, before)
        details: dict[str, audit.Detail] = {"decision": ended.fate, "count": ended.done}
        audit.record_on(connection, Action.RETENTION_DONE, questionnaire, details)

    in_one_transaction(work)


def _empty_quarantine(connection: Connection, questionnaire: str, before: datetime) -> None:
    """What came to quarantine in that time holds answers and names too, decided over or not."""
    table = table_of(Quarantined)
    mine = (table.c.questionnaire == questionnaire) & (table.c.received_at < before)
    told = {"decided_at": utc_now(), "decision": Decision.DISCARD, "decision_reason": "retention"}
    blocked = select(Submission.id).where(Submission.status == State.BLOCKED)
    mine &= table.c.submission_id.not_in(blocked)
    mine &= table.c.submission_id.not_in(subject_requests.awaited())
    connection.execute(update(table).where(mine, table.c.decided_at.is_(None)).values(**told))
    erasing.destroy_quarantined(connection, mine & table.c.data_key.is_not(None))
