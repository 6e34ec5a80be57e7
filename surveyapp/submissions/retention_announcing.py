"""Setting and stopping rules of how long records are kept, and announcing what falls due by them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from surveyapp.database import utc_now
from surveyapp.days import day_of
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.audit import Action
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import State, Submission
from surveyapp.submissions.retention_models import Destruction, RetentionRule
from surveyapp.submissions.retention_rules import NoRule, Rule, due, received_before, rules
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of


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


def _newly_due(connection: Connection, rule: Row[Any], before: datetime) -> int:
    """How many records are due and in no announcement that is open."""
    open_ = table_of(Destruction)
    told: datetime | None = connection.scalar(
        select(func.max(open_.c.received_before)).where(
            open_.c.questionnaire == rule.questionnaire, open_.c.ended_at.is_(None)
        )
    )
    submissions = table_of(Submission)
    conditions = [*due(rule.questionnaire, rule.fate, before), submissions.c.status != State.BLOCKED]
    if told is not None:
        conditions.append(submissions.c.first_received_at >= told)
    query = select(func.count()).select_from(submissions).where(*conditions)
    return int(connection.scalar(query) or 0)
