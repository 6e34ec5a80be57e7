"""What is held under an id, for its sender and for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import defer

from surveyapp.catalogue.definitions import find_published
from surveyapp.catalogue.models import CatalogueEntry
from surveyapp.channels.api.presenting import held_json, sentences
from surveyapp.extensions import db
from surveyapp.people.models import Role, User
from surveyapp.people.roles import RoleName
from surveyapp.people.tokens import TokenHolder
from surveyapp.questionnaires.answers import AnswerError, with_authors_words
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions import taking_in
from surveyapp.submissions.awaited_files import heal
from surveyapp.submissions.holdings import held_quarantined, held_submissions
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Quarantined, Submission, SubmissionRevision
from surveyapp.submissions.verdicts import Sender, Status


def is_questionnaire(questionnaire_id: str) -> bool:
    """Whether a questionnaire of this id was ever published."""
    # none is named otherwise, and PostgreSQL refuses to be asked
    named = is_storable(questionnaire_id)
    return named and db.session.get(CatalogueEntry, questionnaire_id) is not None


def held_under(submission_id: UUID, holder: TokenHolder) -> dict[str, Any] | None:
    """The submission of this id and what waits under it; None if the holder sent neither."""
    stored = db.session.scalars(select(Submission).filter_by(id=submission_id)).one_or_none()
    waiting = db.session.scalars(
        select(Quarantined)
        .options(defer(Quarantined.sealed))
        .filter_by(submission_id=submission_id)
        .order_by(Quarantined.serial)
    ).all()
    if not is_administrator(holder):
        stored = stored if stored and _is_senders(stored, holder) else None
        waiting = [row for row in waiting if _is_senders(row, holder)]
    if stored is None and not waiting:
        return None
    known = _stored_json(stored) if stored else {"status": Status.QUARANTINED.value}
    return (
        {"id": str(submission_id), "flags": [], "errors": [], "missing_attachments": []}
        | known
        | {"quarantined": _waiting_json(submission_id, waiting)}
    )


def revisions_of(submission_id: UUID, holder: TokenHolder) -> list[dict[str, Any]] | None:
    """The revisions of a submission, oldest first; None if it is not here, or not the holder's."""
    current = db.session.scalars(select(Submission).filter_by(id=submission_id)).one_or_none()
    if current is None:
        return None
    former = db.session.scalars(
        select(SubmissionRevision)
        .filter_by(submission_id=submission_id)
        .order_by(SubmissionRevision.revision)
    ).all()
    rows: list[Submission | SubmissionRevision] = [*former, current]
    mine = any(_is_senders(row, holder) for row in rows)
    if not mine and not is_administrator(holder):
        return None
    history = held_submissions(db.session.connection(), [submission_id])[submission_id]
    return [
        held_json(keys_of(), history.of_revision(row.revision))
        | {name: getattr(row, name) for name in _REVISION}
        | {"by_caller": _is_senders(row, holder)}
        for row in rows
    ]


_REVISION = (
    "revision",
    "cause",
    "version",
    "language",
    "channel",
    "flags",
    "finished_at",
    "received_at",
)


def missing_of(submission_id: UUID, holder: TokenHolder) -> dict[str, Any] | None:
    """What is still to come of a submission, and `complete` if nothing is; None as `held_under`."""
    if held_under(submission_id, holder) is None:
        return None
    db.session.rollback()  # on SQLite an open look would not see what is healed
    taking_in.take_in(heal([submission_id]))
    known = held_under(submission_id, holder) or {}
    return {name: known.get(name) for name in ("id", "missing_attachments", "complete", "quarantined")}


def _stored_json(stored: Submission) -> dict[str, Any]:
    held = held_submissions(db.session.connection(), [stored.id])[stored.id].current
    return held_json(keys_of(), held) | {
        "status": stored.status,
        "revision": stored.revision,
        "questionnaire": stored.questionnaire,
        "version": stored.version,
        "received_at": stored.received_at,
        "flags": stored.flags,
        "errors": _errors(stored),
    }


def _errors(stored: Submission) -> list[dict[str, str]]:
    errors = [AnswerError(kept["path"], kept["code"], kept["params"]) for kept in stored.errors]
    published = find_published(stored.questionnaire, stored.version) if errors else None
    if published is None:
        return sentences(errors, stored.language)
    definition = published.definition
    said = with_authors_words(errors, definition)
    return sentences(said, stored.language, definition.default_language)


def _waiting_json(submission_id: UUID, rows: Sequence[Quarantined]) -> list[dict[str, Any]]:
    if not rows:
        return []
    held = held_quarantined(db.session.connection(), [submission_id])
    return [
        held_json(keys_of(), held[submission_id, row.content_digest])
        | {"reason": row.reason, "received_at": row.received_at}
        for row in rows
    ]


def _is_senders(row: Submission | SubmissionRevision | Quarantined, holder: TokenHolder) -> bool:
    """Whether the holder sent it: by this device, or as this person."""
    return Sender(user_id=holder.user_id, device_id=holder.device_id).may_edit(
        row.sender_id, row.device_id
    )


def is_administrator(holder: TokenHolder) -> bool:
    """Whether a token is an administrator's, who sees what others have sent."""
    if holder.device is not None:  # a phone is for field work, whoever carries it
        return False
    role = User.roles.any(Role.name == RoleName.ADMINISTRATOR)
    return bool(db.session.scalar(select(exists().where(User.id == holder.user_id, role))))
