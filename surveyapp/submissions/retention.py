"""How long records are kept: a rule for each questionnaire, announced, then carried out by the worker.

A rule says how long since a record was first received, or until which day, and what happens then. Each
day the worker announces what falls due so many days later as one `Destruction`, and carries out those
whose day has come, a record at a time, each in a transaction of its own. Stopped half-way it goes on
where it was. Blocked records are left as they are: somebody whom they are about, or a court, wants that.
"""

from __future__ import annotations

import logging
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, func, insert, select, update

from surveyapp.database import utc_now
from surveyapp.days import day_of, end_of, start_of
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.audit import Action
from surveyapp.submissions import deleted, destroying, erasing, reviewing
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Decision, Quarantined, State, Submission
from surveyapp.submissions.refusals import Gone, Refused
from surveyapp.submissions.retention_models import Destruction, Fate, RetentionRule, Unit
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of

logger = logging.getLogger(__name__)

#: days between an announcement and the deed
LEAST_NOTICE, MOST_NOTICE = 1, 365
#: of days or months
MOST_AMOUNT = 36_500
#: records looked for at once
BATCH = 100
#: seconds of one round of the worker; what is left is done in the next one
SECONDS = 120.0


class BadRule(Refused):
    """It says neither how long nor until when, or both, or a number that makes no sense."""

    def __init__(self) -> None:
        super().__init__(
            "Say either how long records are kept (1 or more days or months) or the last day, "
            f"and {LEAST_NOTICE} to {MOST_NOTICE} days between the announcement and the deed."
        )


class NoRule(Refused):
    """The questionnaire has no rule."""

    def __init__(self, questionnaire: str) -> None:
        super().__init__(f"There is no rule for {questionnaire}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is set: either `amount` of `unit` since a record was received, or `last_day` for all."""

    fate: Fate
    notice: int
    amount: int | None = None
    unit: Unit | None = None
    last_day: date | None = None

    def checked(self) -> Rule:
        """Itself. Raises `BadRule`."""
        is_span = self.amount is not None and self.unit is not None
        if is_span == (self.last_day is not None) or not LEAST_NOTICE <= self.notice <= MOST_NOTICE:
            raise BadRule
        if is_span and not 1 <= (self.amount or 0) <= MOST_AMOUNT:
            raise BadRule
        return self

    def details(self) -> dict[str, audit.Detail]:
        """What the log keeps of it."""
        until = f"{self.amount} {self.unit}" if self.last_day is None else str(self.last_day)
        return {"decision": str(self.fate), "expires": until, "count": self.notice}


# --- the rule ---------------------------------------------------------------------------------------


def rule_of(questionnaire: str) -> RetentionRule | None:
    """The rule of a questionnaire, if it has one."""
    return db.session.get(RetentionRule, questionnaire, populate_existing=True)


def rules() -> Sequence[RetentionRule]:
    """All rules."""
    return db.session.scalars(select(RetentionRule).order_by(RetentionRule.questionnaire)).all()


def set_rule(questionnaire: str, rule: Rule, *, by: int | None = None) -> None:
    """Put a rule in the place of the former one; what was announced is called off. Commits.

    What falls due by the new one is announced at once. Raises `BadRule`.
    """
    values = {
        "fate": rule.checked().fate,
        "amount": rule.amount,
        "unit": rule.unit,
        "last_day": rule.last_day,
        "notice": rule.notice,
        "set_at": utc_now(),
        "set_by": by,
    }

    def work(connection: Connection) -> None:
        table = table_of(RetentionRule)
        connection.execute(delete(table).where(table.c.questionnaire == questionnaire))
        connection.execute(insert(table).values(questionnaire=questionnaire, **values))
        _call_off(connection, questionnaire, by)
        audit.record_on(connection, Action.RETENTION_SET, questionnaire, rule.details(), user_id=by)

    db.session.commit()
    in_one_transaction(work)
    announce(utc_now(), questionnaire, by=by)


def stop(questionnaire: str, *, by: int | None = None) -> None:
    """Take the rule away; what was announced is called off. Commits. Raises `NoRule`."""

    def work(connection: Connection) -> None:
        table = table_of(RetentionRule)
        gone = connection.execute(delete(table).where(table.c.questionnaire == questionnaire))
        if not gone.rowcount:
            raise NoRule(questionnaire)
        _call_off(connection, questionnaire, by)
        audit.record_on(connection, Action.RETENTION_STOPPED, questionnaire, user_id=by)

    db.session.commit()
    in_one_transaction(work)


def _call_off(connection: Connection, questionnaire: str, by: int | None) -> None:
    table = table_of(Destruction)
    off = connection.execute(
        update(table)
        .where(table.c.questionnaire == questionnaire, table.c.ended_at.is_(None))
        .values(ended_at=utc_now(), called_off=True)
        .returning(table.c.day, table.c.announced)
    ).all()
    for row in off:
        details: dict[str, audit.Detail] = {"expires": str(row.day), "count": row.announced}
        audit.record_on(connection, Action.RETENTION_CALLED_OFF, questionnaire, details, user_id=by)


# --- announcing -------------------------------------------------------------------------------------


def announce(now: datetime, questionnaire: str | None = None, *, by: int | None = None) -> int:
    """Announce what falls due by the rules (or by one of them); of how many records. Commits.

    `by`: who is signed in, if somebody is; on SQLite their session must not be asked meanwhile.
    """
    db.session.commit()
    names = [rule.questionnaire for rule in rules() if questionnaire in {None, rule.questionnaire}]
    db.session.commit()
    one = partial(_announce, now=now, by=by)
    return sum(in_one_transaction(partial(one, questionnaire=name)) for name in names)


def _announce(connection: Connection, *, now: datetime, questionnaire: str, by: int | None) -> int:
    table = table_of(RetentionRule)
    # locked, so that two workers do not announce the same
    query = select(table).where(table.c.questionnaire == questionnaire).with_for_update()
    rule = connection.execute(query).one_or_none()
    if rule is None:
        return 0
    day = day_of(now, settings_of().timezone) + timedelta(days=rule.notice)
    before = received_before(rule, day)
    count = _newly_due(connection, rule, before) if before else 0
    if count and before:
        values = {"questionnaire": questionnaire, "fate": rule.fate, "day": day, "announced": count}
        values |= {"received_before": before, "announced_at": now, "done": 0, "spared": 0}
        values |= {"failed": 0, "reached": 0, "called_off": False}
        connection.execute(insert(table_of(Destruction)).values(**values))
        details: dict[str, audit.Detail] = {
            "decision": rule.fate,
            "expires": str(day),
            "count": count,
        }
        action = Action.RETENTION_ANNOUNCED
        audit.record_on(connection, action, questionnaire, details, user_id=by)
    return count


def received_before(rule: RetentionRule | Row[Any], day: date) -> datetime | None:
    """Records first received before this are due on a day; None: none is yet."""
    zone = settings_of().timezone
    if rule.last_day is not None:
        return start_of(day, zone) if day > rule.last_day else None
    back = months_before if rule.unit == Unit.MONTHS else _days_before
    try:
        return end_of(back(day, rule.amount or 0), zone)
    except (ValueError, OverflowError):  # before the first year there is
        return None


def _days_before(day: date, count: int) -> date:
    return day - timedelta(days=count)


def months_before(day: date, count: int) -> date:
    """The same day of an earlier month; its last one, where it has none of that number."""
    year, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _newly_due(connection: Connection, rule: Row[Any], before: datetime) -> int:
    """How many records are due and in no announcement that is open."""
    open_ = table_of(Destruction)
    told: datetime | None = connection.scalar(
        select(func.max(open_.c.received_before)).where(
            open_.c.questionnaire == rule.questionnaire, open_.c.ended_at.is_(None)
        )
    )
    submissions = table_of(Submission)
    conditions = [*_due(rule.questionnaire, rule.fate, before), submissions.c.status != State.BLOCKED]
    if told is not None:
        conditions.append(submissions.c.first_received_at >= told)
    query = select(func.count()).select_from(submissions).where(*conditions)
    return int(connection.scalar(query) or 0)


def _due(questionnaire: str, fate: str, before: datetime) -> list[ColumnElement[bool]]:
    """What a record is like that is to be destroyed; blocked ones are among them."""
    table = table_of(Submission)
    due = [
        table.c.questionnaire == questionnaire,
        table.c.first_received_at < before,
        table.c.status != State.ERASED,
    ]
    return [*due, table.c.identity_erased_at.is_(None)] if fate == Fate.IDENTITY else due


def ahead(questionnaire: str | None = None) -> Sequence[Destruction]:
    """What was announced and is not over, the next first."""
    query = select(Destruction).where(Destruction.ended_at.is_(None))
    if questionnaire is not None:
        query = query.where(Destruction.questionnaire == questionnaire)
    return db.session.scalars(query.order_by(Destruction.day, Destruction.serial)).all()


def past(questionnaire: str, count: int) -> Sequence[Destruction]:
    """What is over, the last first."""
    query = select(Destruction).where(
        Destruction.questionnaire == questionnaire, Destruction.ended_at.is_not(None)
    )
    return db.session.scalars(query.order_by(Destruction.serial.desc()).limit(count)).all()


# --- carrying out -----------------------------------------------------------------------------------

_DEEDS: Mapping[str, Callable[[UUID], None]] = {
    Fate.IDENTITY: partial(destroying.erase_identity, spare_blocked=True),
    Fate.ALL: partial(reviewing.erase, spare_blocked=True),
}


def tend(now: datetime, *, seconds: float = SECONDS) -> None:
    """What the worker does: announce, carry out what is due, destroy what was deleted long ago."""
    announce(now)
    until = monotonic() + seconds
    carry_out(now, until)
    deleted.destroy_deleted(now, until)


def carry_out(now: datetime, until: float = float("inf")) -> int:
    """Carry out the announced destructions whose day has come; how many records. Commits each.

    `until`: the reading of `time.monotonic` at which it stops; it goes on the next time.
    """
    today = day_of(now, settings_of().timezone)
    due = [
        (row.serial, row.questionnaire, row.fate, row.received_before)
        for row in ahead()
        if row.day <= today
    ]
    db.session.commit()
    done = 0
    for serial, questionnaire, fate, before in due:
        condition = _due(questionnaire, fate, before)
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
    connection.execute(update(table).where(mine, table.c.decided_at.is_(None)).values(**told))
    erasing.destroy_quarantined(connection, mine & table.c.data_key.is_not(None))
