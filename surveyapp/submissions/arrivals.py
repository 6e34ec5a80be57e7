"""“Did it arrive?” by the code that people keep: whether it is here, whole, and since which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from surveyapp.extensions import db
from surveyapp.submissions.holdings import Held, held_quarantined, held_submissions
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Quarantined, State, Submission, SubmissionRevision


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is here under a code; says neither what it is nor what became of it."""

    since: datetime
    #: whether every file that belongs to it is here too
    whole: bool


def arrival(code: str) -> Arrival | None:
    """What is here under a receipt code (as `receipts.read_code` spells it), of any revision.

    None: nothing; also when it was erased.
    """
    with db.engine.connect().execution_options(reads=True) as connection:
        held = _revision(connection, code) or _quarantined(connection, code)
    return Arrival(held.received_at, held.whole) if held else None


def _revision(connection: Connection, code: str) -> Held | None:
    current, former = table_of(Submission), table_of(SubmissionRevision)
    query = select(current.c.id, current.c.revision).where(current.c.receipt_code == code)
    earlier = select(former.c.submission_id, former.c.revision).where(former.c.receipt_code == code)
    found = connection.execute(query).one_or_none() or connection.execute(earlier).one_or_none()
    if found is None:
        return None
    history = held_submissions(connection, [found[0]])[found[0]]
    return None if history.state is State.ERASED else history.of_revision(found.revision)


def _quarantined(connection: Connection, code: str) -> Held | None:
    table = table_of(Quarantined)
    query = select(table.c.submission_id, table.c.content_digest).where(
        table.c.receipt_code == code, table.c.data_key.is_not(None)
    )
    found = connection.execute(query).one_or_none()
    if found is None:
        return None
    held = held_quarantined(connection, [found.submission_id])
    return held[found.submission_id, found.content_digest]
