"""Reports counted by the worker, a part each round, and kept until somebody wants them anew.

A page never reads submissions. A count takes in what was there when it began; until it is whole the last
one is shown, with its date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from surveyapp.catalogue import service as catalogue
from surveyapp.database import utc_now
from surveyapp.exports.counting import Counting, Counts
from surveyapp.exports.reader import Reader, Span
from surveyapp.exports.report_models import Report
from surveyapp.exports.request import Selection
from surveyapp.extensions import db
from surveyapp.submissions.models import Submission

#: records that one round of the worker takes on, so that its other chores get their turn
MOST_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Standing:
    """How a report stands: the last count, when it was made, and how far the next one is."""

    counts: Counts | None
    counted_at: datetime | None
    #: somebody waits for a new one
    is_asked: bool
    #: of the count under way, 0 to 1; None: none is
    progress: float | None


def standing(questionnaire: str) -> Standing:
    """What there is; one row is read."""
    row = db.session.get(Report, questionnaire)
    if row is None:
        return Standing(None, None, is_asked=False, progress=None)
    counts = Counts.unpacked(row.counts) if row.counts else None
    progress = row.reached / max(row.last, 1) if row.begun_at else None
    return Standing(counts, row.counted_at, row.asked_at is not None, progress)


def ask(questionnaire: str) -> None:
    """Have it counted anew by the worker; commits."""
    row = db.session.get(Report, questionnaire) or Report(
        questionnaire=questionnaire, reached=0, last=0, submissions=0
    )
    row.asked_at = row.asked_at or utc_now()
    db.session.add(row)
    db.session.commit()


def catch_up(most: int = MOST_AT_ONCE) -> int:
    """Go on with the reports that somebody waits for; how many records were counted."""
    query = select(Report.questionnaire).where(Report.asked_at.is_not(None)).order_by(Report.asked_at)
    # looked at every few seconds: on SQLite it must keep nobody from writing
    with db.engine.connect().execution_options(reads=True) as connection:
        waiting = connection.scalars(query).all()
    done = 0
    for questionnaire in waiting:
        if done < most:
            done += _go_on(questionnaire, most - done)
    return done


def _go_on(questionnaire: str, most: int) -> int:
    """Count on from where it stopped; a part that another worker counted meanwhile is thrown away."""
    row = db.session.get(Report, questionnaire)
    if row is None:
        return 0
    before = row.reached
    if row.begun_at is None:
        row.begun_at, row.reached, row.last = utc_now(), 0, _last(questionnaire)
        row.under_way, before = None, 0
    definitions = [edition.definition for edition in catalogue.all_editions(questionnaire)]
    counts = Counts.unpacked(row.under_way) if row.under_way else None
    counting = Counting(definitions, counts)
    last, begun_at = row.last, row.begun_at
    db.session.commit()  # on SQLite an open transaction would keep every writer out
    reader = Reader(db.engine, questionnaire, Selection())
    done, reached = 0, before
    for serials, batch in reader.numbered(Span(last, 0, 0), after=before):
        for record in batch:
            counting.add(record)
        done, reached = done + len(batch), serials
        if done >= most:
            break
    _keep(questionnaire, before, begun_at, counting.counts, reached if done >= most else last)
    return done


def _keep(
    questionnaire: str, before: int, begun_at: datetime | None, counts: Counts, reached: int
) -> None:
    query = select(Report).where(Report.questionnaire == questionnaire).with_for_update()
    row = db.session.scalar(query)
    if row is None or row.reached != before or row.begun_at != begun_at:
        db.session.rollback()  # another worker was first
        return
    row.reached, row.under_way = reached, counts.packed()
    if reached >= row.last:
        row.counts, row.submissions, row.counted_at = row.under_way, counts.submissions, row.begun_at
        row.under_way, row.begun_at, row.asked_at, row.reached = None, None, None, 0
    db.session.commit()


def _last(questionnaire: str) -> int:
    query = select(func.coalesce(func.max(Submission.serial), 0))
    return int(db.session.scalar(query.where(Submission.questionnaire == questionnaire)) or 0)
