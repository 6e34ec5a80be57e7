"""What a family's request is about: a submission, or what waits in quarantine and is none yet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select

from surveyapp.extensions import db
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Quarantined, State, Submission, SubmissionRevision

#: the state of what is no submission yet
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Subject:
    """The submission that a request is about; `status` is a `State`, or `WAITING`."""

    id: UUID
    questionnaire: str
    region: str | None
    status: str


def asked_about(code: str) -> Subject | None:
    """The submission with a receipt code, of any revision, or what waits in quarantine under it.

    None: there is none, or it was erased.
    """
    found = known_by(code) or _waiting(table_of(Quarantined).c.receipt_code == code)
    return found if found and found.status != State.ERASED else None


def known_by(code: str) -> Subject | None:
    """The submission with a receipt code, of any revision, also one that was erased."""
    current, former = table_of(Submission), table_of(SubmissionRevision)
    earlier = select(former.c.submission_id).where(former.c.receipt_code == code)
    return _subject(current.c.receipt_code == code) or _subject(current.c.id.in_(earlier))


def subject_of(submission_id: UUID) -> Subject | None:
    """A submission, or what waits under its id, as a request wants it."""
    found = _subject(table_of(Submission).c.id == submission_id)
    return found or _waiting(table_of(Quarantined).c.submission_id == submission_id)


def _subject(condition: ColumnElement[bool]) -> Subject | None:
    table = table_of(Submission)
    query = select(table.c.id, table.c.questionnaire, table.c.region, table.c.status).where(condition)
    with db.engine.connect().execution_options(reads=True) as connection:
        row = connection.execute(query).one_or_none()
    return Subject(row.id, row.questionnaire, row.region, row.status) if row else None


def _waiting(condition: ColumnElement[bool]) -> Subject | None:
    """What waits, or the submission that it would be another revision of."""
    table, stored = table_of(Quarantined), table_of(Submission)
    query = (
        select(table.c.submission_id, table.c.questionnaire)
        .where(condition, table.c.decided_at.is_(None))
        .order_by(table.c.serial)
        .limit(1)
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    head = _subject(stored.c.id == row.submission_id)
    return head or Subject(row.submission_id, row.questionnaire, None, WAITING)
