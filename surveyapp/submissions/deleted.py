"""What was deleted can be restored for a set time; then it is destroyed for good.

Not while a family waits for a copy of it, or for another answer that it would be needed for.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from sqlalchemy import func, select

from surveyapp.extensions import db
from surveyapp.submissions import destroying, subject_requests
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Act, ReviewAct, State, Submission
from surveyapp.submissions.refusals import Refused
from surveyapp.wiring import settings_of

logger = logging.getLogger(__name__)

BATCH = 100


def destroyed_on(deleted_at: datetime) -> datetime:
    """When what was deleted then is destroyed."""
    return deleted_at + timedelta(days=settings_of().deleted_kept_days)


def destroy_deleted(now: datetime, until: float = float("inf")) -> int:
    """Destroy what was deleted long enough ago and not restored; how many. Commits each.

    `until`: the reading of `time.monotonic` at which it stops; it goes on the next time.
    """
    done = last = 0
    while rows := _next(now - timedelta(days=settings_of().deleted_kept_days), last):
        for serial, submission_id in rows:
            if monotonic() >= until:
                return done
            last = serial
            done += _destroyed(submission_id)
    return done


def _destroyed(submission_id: UUID) -> bool:
    try:
        destroying.destroy_if_deleted(submission_id)
    except Refused:  # it was restored a moment ago
        return False
    except Exception:
        logger.exception("submission %s could not be destroyed", submission_id)
        return False
    return True


def _next(before: datetime, after: int) -> Sequence[tuple[int, UUID]]:
    table, acts = table_of(Submission), table_of(ReviewAct)
    last = (
        select(func.max(acts.c.at))
        .where(acts.c.submission_id == table.c.id, acts.c.act == Act.DELETE)
        .scalar_subquery()
    )
    query = (
        select(table.c.serial, table.c.id)
        .where(table.c.status == State.DELETED, table.c.serial > after, last < before)
        .where(table.c.id.not_in(subject_requests.awaited()))
        .order_by(table.c.serial)
        .limit(BATCH)
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        return [(row.serial, row.id) for row in connection.execute(query)]
