"""What administrators see, as few queries as pages: their number does not grow with the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from surveyapp.catalogue.models import CatalogueEntry, PublishedVersion
from surveyapp.days import day_of
from surveyapp.extensions import db
from surveyapp.manage import counting
from surveyapp.people.rights import Reach
from surveyapp.submissions.field_models import ALWAYS
from surveyapp.submissions.models import Quarantined

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
    entries = [
        entry
        for entry in db.session.scalars(select(CatalogueEntry).order_by(CatalogueEntry.created_at))
        if entry.id in newest and seen.submissions.touches(entry.id)
    ]
    found = _counts([entry.id for entry in entries], seen.submissions, now, zone)
    waiting = waiting_by_questionnaire(seen.quarantine)
    return [
        Overview(entry, newest[entry.id], found[entry.id], waiting.get(entry.id, 0)) for entry in entries
    ]


def overview(questionnaire_id: str, seen: Seen, now: datetime, zone: ZoneInfo) -> Overview | None:
    """One questionnaire with its counts; None if there is none of this id."""
    entry = db.session.get(CatalogueEntry, questionnaire_id)
    newest = db.session.scalars(
        _versions().where(PublishedVersion.questionnaire_id == questionnaire_id)
    ).all()
    if entry is None or not newest:
        return None
    found = _counts([questionnaire_id], seen.submissions, now, zone)[questionnaire_id]
    waiting = waiting_by_questionnaire(seen.quarantine).get(entry.id, 0)
    return Overview(entry, newest[-1], found, waiting)


def by_day(
    questionnaire_id: str, seen: Reach, days: Sequence[date], zone: ZoneInfo
) -> list[tuple[date, int]]:
    """How many were received first on each of the days, in their order."""
    rows = counting.counts([questionnaire_id], seen, days, zone)
    found = {row.day: int(row.count) for row in rows}
    return [(day, found.get(day, 0)) for day in days]


def by_region(questionnaire_id: str, seen: Reach) -> dict[str | None, int]:
    """How many there are of each region's code; None: the region is not known."""
    rows = counting.counts_by_region(questionnaire_id, seen)
    return {row.region or None: int(row.count) for row in rows if row.count}


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


def _counts(
    questionnaires: Sequence[str], seen: Reach, now: datetime, zone: ZoneInfo
) -> dict[str, Counts]:
    days = last_days(7, now, zone)
    rows = {
        (row.questionnaire, row.day): row for row in counting.counts(questionnaires, seen, days, zone)
    }
    found = {}
    for name in questionnaires:
        by_day = [int(row.count) if (row := rows.get((name, day))) else 0 for day in days]
        every = rows.get((name, ALWAYS))
        of_all = {each: int(getattr(every, each)) if every else 0 for each in ("flagged", "synthetic")}
        total = int(every.count) if every else 0
        found[name] = Counts(total=total, today=by_day[-1], week=sum(by_day), **of_all)
    return found


def _versions() -> Select[PublishedVersion]:
    return select(PublishedVersion).order_by(PublishedVersion.serial)
