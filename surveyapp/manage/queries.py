"""What administrators see, as few queries as pages: their number does not grow with the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, Select, and_, column, func, select, values

from surveyapp.catalogue.models import CatalogueEntry, PublishedVersion
from surveyapp.database import UtcDateTime
from surveyapp.days import day_of, end_of, start_of
from surveyapp.extensions import db
from surveyapp.people.rights import Reach
from surveyapp.submissions.models import Quarantined, State, Submission

#: rows on one page of a list
PAGE = 50


@dataclass(frozen=True, slots=True)
class Counts:
    """How many submissions a questionnaire has; `week` is today and the six days before."""

    total: int = 0
    today: int = 0
    week: int = 0
    flagged: int = 0
    synthetic: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """One questionnaire's line on the first page."""

    entry: CatalogueEntry
    newest: PublishedVersion
    counts: Counts
    quarantined: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody sees: of submissions, and of what waits in quarantine."""

    submissions: Reach
    quarantine: Reach


def overviews(seen: Seen, now: datetime, zone: ZoneInfo) -> list[Overview]:
    """Every questionnaire somebody sees, in the order of first publication, with its counts."""
    newest = {version.questionnaire_id: version for version in db.session.scalars(_versions())}
    entries = db.session.scalars(select(CatalogueEntry).order_by(CatalogueEntry.created_at))
    counts = _counts(seen.submissions, now, zone)
    waiting = waiting_by_questionnaire(seen.quarantine)
    return [
        Overview(entry, newest[entry.id], counts.get(entry.id, Counts()), waiting.get(entry.id, 0))
        for entry in entries
        if entry.id in newest and seen.submissions.touches(entry.id)
    ]


def overview(questionnaire_id: str, seen: Seen, now: datetime, zone: ZoneInfo) -> Overview | None:
    """One questionnaire with its counts; None if there is none of this id."""
    entry = db.session.get(CatalogueEntry, questionnaire_id)
    newest = db.session.scalars(
        _versions().where(PublishedVersion.questionnaire_id == questionnaire_id)
    ).all()
    if entry is None or not newest:
        return None
    counts = _counts(seen.submissions, now, zone, questionnaire_id).get(entry.id, Counts())
    waiting = waiting_by_questionnaire(seen.quarantine).get(entry.id, 0)
    return Overview(entry, newest[-1], counts, waiting)


def by_day(
    questionnaire_id: str, seen: Reach, days: Sequence[date], zone: ZoneInfo
) -> list[tuple[date, int]]:
    """How many were received on each of the days, in their order.

    The days' limits go into the query as a small table: where a day begins depends on the zone and
    its history, of which SQLite knows nothing.
    """
    limits = (
        values(column("number", Integer), column("begins", UtcDateTime()), column("ends", UtcDateTime()))
        .data([(number, start_of(day, zone), end_of(day, zone)) for number, day in enumerate(days)])
        .cte("day")
    )
    query = (
        select(limits.c.number, func.count())
        .join(
            Submission,
            (Submission.received_at >= limits.c.begins) & (Submission.received_at < limits.c.ends),
        )
        .where(Submission.questionnaire == questionnaire_id, _within(seen))
        .group_by(limits.c.number)
    )
    found = {row[0]: row[1] for row in db.session.execute(query)}
    return [(day, found.get(number, 0)) for number, day in enumerate(days)]


def by_region(questionnaire_id: str, seen: Reach) -> dict[str | None, int]:
    """How many there are of each region's code; None: the region is not known."""
    query = (
        select(Submission.region, func.count())
        .where(Submission.questionnaire == questionnaire_id, _within(seen))
        .group_by(Submission.region)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def waiting_by_questionnaire(seen: Reach) -> Mapping[str, int]:
    """How many wait in quarantine under each questionnaire's id, as it was sent."""
    query = (
        select(Quarantined.questionnaire, func.count())
        .where(Quarantined.decided_at.is_(None), seen.rows(Quarantined.questionnaire))
        .group_by(Quarantined.questionnaire)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def last_days(count: int, now: datetime, zone: ZoneInfo) -> list[date]:
    """The last days up to today, oldest first."""
    today = day_of(now, zone)
    return [today - timedelta(days=ago) for ago in reversed(range(count))]


# --- inside -----------------------------------------------------------------------------------------


def _within(seen: Reach) -> ColumnElement[bool]:
    """Those that somebody sees; without what is gone, as in lists and on the pages of field work."""
    here = Submission.status.not_in([state for state in State if state.is_gone])
    return and_(seen.rows(Submission.questionnaire, Submission.region), here)


def _counts(
    seen: Reach, now: datetime, zone: ZoneInfo, questionnaire_id: str | None = None
) -> dict[str, Counts]:
    today, week = (start_of(last_days(days, now, zone)[0], zone) for days in (1, 7))
    query = select(
        Submission.questionnaire,
        func.count(),
        func.count().filter(Submission.received_at >= today),
        func.count().filter(Submission.received_at >= week),
        func.count().filter(Submission.flags != []),
        func.count().filter(Submission.synthetic),
    ).group_by(Submission.questionnaire)
    query = query.where(_within(seen))
    if questionnaire_id is not None:
        query = query.where(Submission.questionnaire == questionnaire_id)
    return {row[0]: Counts(*row[1:]) for row in db.session.execute(query)}


def _versions() -> Select[PublishedVersion]:
    return select(PublishedVersion).order_by(PublishedVersion.serial)
