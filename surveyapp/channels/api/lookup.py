"""What is held under an id, for its sender and for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import defer

from surveyapp.catalogue.definitions import find_published
from surveyapp.catalogue.models import CatalogueEntry
from surveyapp.channels.api.presenting import held_json, sentences
from surveyapp.extensions import db
from surveyapp.people.rights import Reach, Right, reach_of_account
from surveyapp.people.tokens import TokenHolder
from surveyapp.questionnaires.answers import AnswerError, with_authors_words
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions import taking_in
from surveyapp.submissions.awaited_files import heal
from surveyapp.submissions.collectors import last_sent_by
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
    """The submission of this id and what waits under it; None if the holder sent neither.

    Receipt, `complete` and what is missing are of the last revision that the holder sent; for whoever
    may read what others send, of the current one.
    """
    stored = db.session.scalars(select(Submission).filter_by(id=submission_id)).one_or_none()
    waiting = db.session.scalars(
        select(Quarantined)
        .options(defer(Quarantined.sealed))
        .filter_by(submission_id=submission_id)
        .order_by(Quarantined.serial)
    ).all()
    revision = stored.revision if stored else None
    if stored and not _may_read(stored, holder):
        revision = last_sent_by(db.session.connection(), stored, _sender(holder))
    waiting = [row for row in waiting if _is_senders(row, holder) or _may_review(row, holder)]
    if revision is None and not waiting:
        return None
    known = (
        _stored_json(stored, revision) if stored and revision else {"status": Status.QUARANTINED.value}
    )
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
    if not mine and not _may_read(current, holder):
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


def _stored_json(stored: Submission, revision: int) -> dict[str, Any]:
    held = held_submissions(db.session.connection(), [stored.id])[stored.id].of_revision(revision)
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
    return _sender(holder).may_edit(row.sender_id, row.device_id)


def _sender(holder: TokenHolder) -> Sender:
    return Sender(user_id=holder.user_id, device_id=holder.device_id)


def reach(holder: TokenHolder, right: Right) -> Reach:
    """Where a token's holder has a right over what others send."""
    # a phone is for field work, whoever carries it; a start token only for sending
    if holder.device is not None or holder.start is not None:
        return Reach()
    return reach_of_account(holder.user_id, right)


def _may_read(row: Submission, holder: TokenHolder) -> bool:
    return reach(holder, Right.READ).covers(row.questionnaire, row.region)


def _may_review(row: Quarantined, holder: TokenHolder) -> bool:
    return reach(holder, Right.REVIEW).covers(row.questionnaire, None)
