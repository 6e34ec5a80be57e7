"""Rules of how long records are kept: what they say, what is due by them, what was announced."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from surveyapp.days import end_of, start_of
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import State, Submission
from surveyapp.submissions.refusals import Refused
from surveyapp.submissions.retention_models import Destruction, Fate, RetentionRule, Unit
from surveyapp.wiring import settings_of

#: days between an announcement and the deed
LEAST_NOTICE, MOST_NOTICE = 1, 365
#: of days or months
MOST_AMOUNT = 36_500


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


def rule_of(questionnaire: str) -> RetentionRule | None:
    """The rule of a questionnaire, if it has one."""
    return db.session.get(RetentionRule, questionnaire, populate_existing=True)


def rules() -> Sequence[RetentionRule]:
    """All rules."""
    return db.session.scalars(select(RetentionRule).order_by(RetentionRule.questionnaire)).all()


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


def due(questionnaire: str, fate: str, before: datetime) -> list[ColumnElement[bool]]:
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
