"""How the field work goes, looked up among counts that the worker keeps; never among records."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from surveyapp.extensions import db
from surveyapp.people import devices
from surveyapp.people.rights import Reach
from surveyapp.people.service import names_of
from surveyapp.submissions.assignment_models import Assignment, Task
from surveyapp.submissions.field_models import (
    ALWAYS,
    EVERY_REGION,
    Measuring,
    Plan,
    Quality,
    Tally,
    Target,
)

#: interviewers on one page
MOST_INTERVIEWERS = 500


def counted_at(questionnaire: str) -> datetime | None:
    """When the counts were reckoned last; None: never."""
    return db.session.scalar(select(Measuring.at).where(Measuring.questionnaire == questionnaire))


def plan(questionnaire: str) -> Plan | None:
    """What was planned, if anything was."""
    return db.session.get(Plan, questionnaire)


def targets(questionnaire: str, seen: Reach) -> dict[str, int]:
    """How many records are wanted of each region that somebody sees."""
    query = select(Target.region, Target.wanted).where(Target.questionnaire == questionnaire)
    regions = seen.regions(questionnaire)
    rows = db.session.execute(query).all()
    return {row[0]: row[1] for row in rows if regions is None or row[0] in regions}


def by_day(questionnaire: str, seen: Reach, first: date) -> dict[date, int]:
    """How many were received on each day from `first` on."""
    return _counts(Tally.day, questionnaire, seen, Tally.day >= first)


def by_region(questionnaire: str, seen: Reach) -> dict[str, int]:
    """How many there are of each region's code; "": it is not known."""
    return _counts(Tally.region, questionnaire, seen, Tally.day == ALWAYS)


def by_result(questionnaire: str, seen: Reach) -> dict[str, int]:
    """How many visits went how; "": not said."""
    return _counts(Tally.result, questionnaire, seen, Tally.day == ALWAYS)


def by_consent(questionnaire: str, seen: Reach) -> dict[str, tuple[int, int]]:
    """Of visits that went how, in how many consent was given, and in how many it was not."""
    query = (
        select(Tally.result, func.sum(Tally.agreed), func.sum(Tally.declined))
        .where(Tally.questionnaire == questionnaire, _within(questionnaire, seen))
        .where(Tally.day == ALWAYS)
        .group_by(Tally.result)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in db.session.execute(query)}


def by_collector(questionnaire: str, seen: Reach, since: date) -> Sequence[Any]:
    """Interviewers with all their records and those since a day, the busiest first."""
    total = func.coalesce(func.sum(Tally.count).filter(Tally.day == ALWAYS), 0)
    query = (
        select(
            Tally.collector,
            total.label("total"),
            func.coalesce(func.sum(Tally.count).filter(Tally.day >= since), 0).label("lately"),
        )
        .where(Tally.questionnaire == questionnaire, _within(questionnaire, seen))
        .where(or_(Tally.day == ALWAYS, Tally.day >= since))
        .group_by(Tally.collector)
        .order_by(total.desc(), Tally.collector)
        .limit(MOST_INTERVIEWERS)
    )
    return db.session.execute(query).all()


def visits_by_collector(questionnaire: str, seen: Reach) -> dict[str, tuple[int, int]]:
    """Interviewer → visits to do and visits done."""
    query = (
        select(
            Assignment.user_id,
            Assignment.device_id,
            func.count().filter(Assignment.state == Task.OPEN),
            func.count().filter(Assignment.state == Task.DONE),
        )
        .where(Assignment.questionnaire == questionnaire)
        .where(seen.rows(Assignment.questionnaire, Assignment.region))
        .group_by(Assignment.user_id, Assignment.device_id)
    )
    return {
        (f"user {row[0]}" if row[0] is not None else f"device {row[1]}"): (row[2], row[3])
        for row in db.session.execute(query)
    }


def qualities(questionnaire: str, seen: Reach) -> Sequence[Quality]:
    """How records are, by interviewer; for somebody of some regions by interviewer and region."""
    regions = seen.regions(questionnaire)
    shown = [EVERY_REGION] if regions is None else sorted(regions)
    query = select(Quality).where(Quality.questionnaire == questionnaire, Quality.region.in_(shown))
    return db.session.scalars(query.order_by(Quality.records.desc()).limit(MOST_INTERVIEWERS)).all()


def names(collectors: Collection[str]) -> Mapping[str, str]:
    """`user 7`, `device 3` → their names; two queries."""
    numbers: dict[str, set[int]] = {"user": set(), "device": set()}
    for collector in collectors:
        kind, _space, number = collector.partition(" ")
        if number:
            numbers[kind].add(int(number))
    people = {f"user {n}": name for n, name in names_of(numbers["user"]).items()}
    return people | {f"device {n}": name for n, name in devices.names_of(numbers["device"]).items()}


def _counts(column: Any, questionnaire: str, seen: Reach, *more: ColumnElement[bool]) -> dict[Any, int]:
    query = (
        select(column, func.sum(Tally.count))
        .where(Tally.questionnaire == questionnaire, _within(questionnaire, seen), *more)
        .group_by(column)
    )
    return {row[0]: int(row[1]) for row in db.session.execute(query)}


def _within(questionnaire: str, seen: Reach) -> ColumnElement[bool]:
    regions = seen.regions(questionnaire)
    return Tally.questionnaire.is_not(None) if regions is None else Tally.region.in_(sorted(regions))
