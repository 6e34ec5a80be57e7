"""How many records there are, exactly and at once, however many that is.

The worker keeps counts (`Tally`) and knows how far they reach. What came or changed since is little; of
that, what the counts hold is taken away, and what there is now is added: one statement, so that both are
of the same moment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import g
from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Select,
    and_,
    case,
    column,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
    values,
)

from surveyapp.database import UtcDateTime
from surveyapp.days import end_of, start_of
from surveyapp.extensions import db
from surveyapp.people.rights import Reach
from surveyapp.submissions.field_models import ALWAYS, NONE, Measure, Measuring, Tally
from surveyapp.submissions.models import Epoch, State, Submission

_GONE = [state for state in State if state.is_gone]
_NAMES = ("count", "flagged", "synthetic")


def counts(
    questionnaires: Collection[str], seen: Reach, days: Sequence[date], zone: ZoneInfo
) -> Sequence[Any]:
    """Rows of questionnaire, day (one of `days`, or `ALWAYS`: all there are), count, flagged, synthetic.

    A record is of the day on which it was received first; deleted ones do not count.
    """
    return _summed(questionnaires, seen, (days, zone), "questionnaire", "day")


def counts_by_region(questionnaire: str, seen: Reach) -> Sequence[Any]:
    """Rows of region ("": not known), count, flagged, synthetic, of all days together."""
    return _summed([questionnaire], seen, None, "region")


def _summed(
    questionnaires: Collection[str],
    seen: Reach,
    by_day: tuple[Sequence[date], ZoneInfo] | None,
    *keys: str,
) -> Sequence[Any]:
    late = _late(questionnaires)
    days = by_day[0] if by_day else []
    parts = [
        _kept(questionnaires, seen, days),
        _taken_away(late, seen, days),
        _there_now(late, seen),
        *([_there_on(late, seen, _limits(*by_day))] if by_day else []),
    ]
    found = union_all(*parts).subquery()
    sums = [func.sum(found.c[name]).label(name) for name in _NAMES]
    columns = [found.c[name] for name in keys]
    return db.session.execute(select(*columns, *sums).group_by(*columns)).all()


def _late(questionnaires: Collection[str]) -> ColumnElement[bool]:
    """The records that came or changed after those that are in the counts."""
    reached, place = _reached(), tuple_(Submission.changed, Submission.serial)
    return or_(
        false(),
        *(
            and_(Submission.questionnaire == name, place > tuple_(*reached.get(name, (-1, 0))))
            for name in sorted(questionnaires)
        ),
    )


def _reached() -> Mapping[str, tuple[int, int]]:
    """Questionnaire → the place up to which it was reckoned in this life of the database.

    Looked up once a request, and apart from the counts: given as values the database sees that little
    lies beyond them. That the worker goes on meanwhile changes no sum: what it has put into the counts
    since is taken away again.
    """
    if "reckoned_up_to" not in g:
        epoch = select(Epoch.id).order_by(Epoch.began_at.desc(), Epoch.id.desc()).limit(1)
        query = select(Measuring.questionnaire, Measuring.changed, Measuring.serial).where(
            Measuring.epoch == epoch.scalar_subquery()
        )
        g.reckoned_up_to = {row[0]: (row[1], row[2]) for row in db.session.execute(query)}
    return cast(Mapping[str, tuple[int, int]], g.reckoned_up_to)


def _kept(questionnaires: Collection[str], seen: Reach, days: Sequence[date]) -> Select[Any]:
    return select(
        Tally.questionnaire,
        Tally.day,
        Tally.region,
        *(getattr(Tally, name).label(name) for name in _NAMES),
    ).where(
        Tally.questionnaire.in_(questionnaires),
        Tally.day.in_([ALWAYS, *days]),
        seen.rows(Tally.questionnaire, Tally.region),
    )


def _taken_away(late: ColumnElement[bool], seen: Reach, days: Sequence[date]) -> Select[Any]:
    """What the counts hold of late records; each counts for its day, and for all of them."""
    day = values(column("day", Date)).data([(ALWAYS,), *((day,) for day in days)]).cte("counted")
    return (
        select(
            Measure.questionnaire,
            day.c.day,
            Measure.region,
            literal(-1).label("count"),
            case((Measure.flagged, -1), else_=0).label("flagged"),
            case((Measure.synthetic, -1), else_=0).label("synthetic"),
        )
        .join(Submission, Submission.id == Measure.submission_id)
        .join(day, or_(day.c.day == ALWAYS, day.c.day == Measure.day))
        .where(late, seen.rows(Measure.questionnaire, Measure.region))
    )


def _there_now(late: ColumnElement[bool], seen: Reach) -> Select[Any]:
    return select(Submission.questionnaire, literal(ALWAYS, Date).label("day"), *_of_one()).where(
        late, *_counting(seen)
    )


def _there_on(late: ColumnElement[bool], seen: Reach, limits: CTE) -> Select[Any]:
    at = Submission.first_received_at
    return (
        select(Submission.questionnaire, limits.c.day, *_of_one())
        .join(limits, and_(at >= limits.c.begins, at < limits.c.ends))
        .where(late, *_counting(seen))
    )


def _of_one() -> list[Any]:
    return [
        func.coalesce(Submission.region, NONE).label("region"),
        literal(1).label("count"),
        case((Submission.flags != [], 1), else_=0).label("flagged"),
        case((Submission.synthetic, 1), else_=0).label("synthetic"),
    ]


def _counting(seen: Reach) -> list[ColumnElement[bool]]:
    return [Submission.status.not_in(_GONE), seen.rows(Submission.questionnaire, Submission.region)]


def _limits(days: Sequence[date], zone: ZoneInfo) -> CTE:
    """Where days begin and end, as a small table: SQLite knows nothing of zones."""
    rows = [(day, start_of(day, zone), end_of(day, zone)) for day in days]
    names = (column("day", Date), column("begins", UtcDateTime()), column("ends", UtcDateTime()))
    return values(*names).data(rows).cte("limits")
