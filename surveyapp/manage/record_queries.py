"""What one submission's page reads: a fixed number of queries, however long its history is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from surveyapp.extensions import db
from surveyapp.people.models import Device, User
from surveyapp.questionnaires.answers import Answers
from surveyapp.submissions.comments import opened_comments
from surveyapp.submissions.keys import KeyMissing, keys_of
from surveyapp.submissions.models import ReviewAct, Submission, SubmissionRevision
from surveyapp.submissions.sealing import CannotOpen

_OF_A_REVISION = (
    "revision",
    "cause",
    "version",
    "channel",
    "language",
    "flags",
    "started_at",
    "finished_at",
    "utc_offset",
    "received_at",
    "clock_skew",
    "app",
)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One act of review; the comments by node path, "" for all of it."""

    serial: int
    act: str
    at: Any
    who: str | None
    revision: int
    #: None: they cannot be opened
    comments: Mapping[str, str] | None


def one(submission_id: UUID) -> Submission | None:
    """The submission of this id."""
    return db.session.scalars(select(Submission).filter_by(id=submission_id)).one_or_none()


def place_of(submission_id: UUID) -> tuple[str, str | None] | None:
    """Its questionnaire and its region; None: it is not here."""
    query = select(Submission.questionnaire, Submission.region).filter_by(id=submission_id)
    row = db.session.execute(query).one_or_none()
    return (row.questionnaire, row.region) if row else None


def history(found: Submission) -> Sequence[Row[Any]]:
    """Its revisions, newest first, each with who sent it."""
    return [*_revisions(Submission, found.id), *_revisions(SubmissionRevision, found.id)]


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a submission, with what opens it."""

    id: UUID
    number: int
    version: str
    language: str
    cause: str
    received_at: datetime
    ended_at: datetime
    answers: Answers
    identity_commitment: bytes | None
    identity_sealed: bytes | None
    foreign_sealed: bytes | None
    data_key: bytes | None
    key_id: str | None


def revision(found: Submission, number: int) -> Revision:
    """A revision, the current or a former one. Raises `NoSuchRevision`."""
    if number == found.revision:
        return _revision(found, found)
    if not 1 <= number < found.revision:  # a number that a database may not even hold
        raise NoSuchRevision(number)
    query = select(SubmissionRevision).filter_by(submission_id=found.id, revision=number)
    row = db.session.scalars(query).one_or_none()
    if row is None:
        raise NoSuchRevision(number)
    return _revision(found, row)


class NoSuchRevision(LookupError):
    """The submission has no revision of this number."""


def _revision(found: Submission, row: Submission | SubmissionRevision) -> Revision:
    return Revision(
        id=found.id,
        number=row.revision,
        version=row.version,
        language=row.language,
        cause=row.cause,
        received_at=row.received_at,
        ended_at=ended(row.finished_at or row.received_at, row.utc_offset),
        answers=row.answers,
        identity_commitment=row.identity_commitment,
        identity_sealed=row.identity_sealed,
        foreign_sealed=row.foreign_sealed,
        data_key=found.data_key,
        key_id=found.key_id,
    )


def ended(moment: datetime, utc_offset: int | None) -> datetime:
    """When an interview ended, in the device's own offset: by that moment it is judged."""
    return moment.astimezone(UTC if utc_offset is None else timezone(timedelta(minutes=utc_offset)))


def acts(found: Submission) -> list[Reviewed]:
    """What reviewers did, newest first."""
    query = (
        select(ReviewAct, User.username)
        .outerjoin(User, User.id == ReviewAct.user_id)
        .where(ReviewAct.submission_id == found.id)
        .order_by(ReviewAct.serial.desc())
    )
    return [
        Reviewed(act.serial, act.act, act.at, who, act.revision, _comments(found, act))
        for act, who in db.session.execute(query)
    ]


def _comments(found: Submission, act: ReviewAct) -> Mapping[str, str] | None:
    try:
        return opened_comments(keys_of(), found, act.comments_sealed)
    except (CannotOpen, KeyMissing):
        return None


def _revisions(model: Any, submission_id: UUID) -> Sequence[Row[Any]]:
    own = model.id if model is Submission else model.submission_id
    query: Select[Any] = (
        select(
            *(getattr(model, name) for name in _OF_A_REVISION),
            User.username.label("who"),
            Device.name.label("device"),
        )
        .outerjoin(User, User.id == model.sender_id)
        .outerjoin(Device, Device.id == model.device_id)
        .where(own == submission_id)
        .order_by(model.revision.desc())
    )
    found: Sequence[Row[Any]] = db.session.execute(query).all()
    return found
