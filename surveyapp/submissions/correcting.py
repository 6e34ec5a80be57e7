"""A reviewer's correction: answers changed on a page become the next revision, for a reason.

It goes the way of every further revision (`editing.revise`), under the submission's lock: another one
that came meanwhile is never overwritten. All but the answers stays as it was: times, consent, files that
no other one has replaced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, insert, select

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions import deciding, kept_files, merging, opening, taking_in, waiting_work
from surveyapp.submissions.assessing import Assessed
from surveyapp.submissions.comments import LONGEST_COMMENT
from surveyapp.submissions.content import Content
from surveyapp.submissions.editing import lock, names_anew, revise
from surveyapp.submissions.envelope import Envelope, NamedFile
from surveyapp.submissions.fitting import Fitting
from surveyapp.submissions.holdings import held_submissions
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.instances import name_revision
from surveyapp.submissions.kept_files import Brought, Held
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Act, Cause, ReviewAct, Submission
from surveyapp.submissions.refusals import (
    BadComment,
    Gone,
    NamesAnew,
    NoReason,
    NothingNew,
    NotThere,
    Overtaken,
)
from surveyapp.submissions.rows import RowMaker
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.submissions.verdicts import Sender
from surveyapp.wiring import settings_of


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that a corrected answer names: its name, media type and bytes."""

    name: str
    type: str
    content: bytes = field(repr=False)

    @property
    def named(self) -> NamedFile:
        """As an envelope names it."""
        digest = hashlib.sha256(self.content).hexdigest()
        return NamedFile(self.name, digest, len(self.content), self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a revision becomes: all answers, with identity, and why.

    `revision`: the one that was looked at. `languages`: node path → language of an answer that was given
    in another one than the submission's.
    """

    submission_id: UUID
    revision: int
    answers: Answers = field(repr=False)
    reason: str = field(repr=False)
    languages: Mapping[str, str] = field(default_factory=dict)
    files: tuple[NewFile, ...] = ()


def answers_of(head: Submission, definition: Questionnaire) -> Answers:
    """Its answers with identity: whoever shows them writes that down.

    Raises `opening.Erased`, `sealing.CannotOpen`, `keys.KeyMissing`.
    """
    return partition.join_identity(definition, head.answers, opening.identity_of(keys_of(), head))


def correct(correction: Correction, user_id: int | None) -> int:
    """Make it the next revision, whose number is returned; commits.

    Raises `Refused` (`Overtaken`: somebody else made one meanwhile), `opening.Erased`,
    `sealing.CannotOpen`, `keys.KeyMissing`.
    """
    _check_reason(correction.reason)
    head = _head(correction)
    definition = waiting_work.published(head.questionnaire, head.version)
    now = utc_now()
    maker = waiting_work.row_maker(Sender(user_id=user_id), now, head.synthetic)
    found = _judged(maker, definition, head, correction)
    db.session.commit()  # an open transaction here would stand in the way of the one that follows
    brought = [kept_files.put([file.content]) for file in correction.files]

    def in_its_transaction(connection: Connection) -> int:
        its = replace(maker, data_keys={}, held_files=_held(connection, maker, brought))
        return _write(connection, its, found, correction)

    try:
        number = in_one_transaction(in_its_transaction)
    except BaseException:
        kept_files.discard(file.address for file in brought)
        raise
    if brought:
        taking_in.take_in([correction.submission_id])
        kept_files.discard(in_one_transaction(partial(kept_files.surplus, brought=brought)))
    return number


def _held(connection: Connection, maker: RowMaker, brought: Sequence[Brought]) -> Held:
    owner = kept_files.owner_of_sender(maker.sender)
    return kept_files.keep(connection, owner, brought) if brought else {}


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise NoReason
    if len(reason) > LONGEST_COMMENT or not is_storable(reason):
        raise BadComment("")


def _head(correction: Correction) -> Submission:
    query = select(Submission).filter_by(id=correction.submission_id)
    head = db.session.scalars(query).one_or_none()
    if head is None:
        raise NotThere(correction.submission_id)
    return head


def _judged(
    maker: RowMaker, definition: Questionnaire, head: Submission, correction: Correction
) -> Assessed:
    envelope = merging.envelope_of(head, correction.answers)
    files = _files(definition, head, envelope, correction.files)
    envelope = replace(envelope, attachments=files, answer_languages=dict(correction.languages))
    fitting = Fitting(
        settings=settings_of(),
        keys=maker.keys,
        sender=maker.sender,
        received_at=maker.received_at,
        offers={},
    )
    return fitting.fit(definition, envelope, merging.aside_of(head))


def _files(
    definition: Questionnaire, head: Submission, envelope: Envelope, new: Sequence[NewFile]
) -> tuple[NamedFile, ...]:
    """The submission's files and the new ones, without those that no answer names any more."""
    before = {name for _path, name in partition.file_names(definition, answers_of(head, definition))}
    after = {name for _path, name in partition.file_names(definition, dict(envelope.answers))}
    files = merging.files_of(head) | {file.name: file.named for file in new if file.name in after}
    return tuple(file for name, file in files.items() if name in after or name not in before)


def _write(connection: Connection, maker: RowMaker, found: Assessed, correction: Correction) -> int:
    head = deciding.refuse_gone(lock(connection, found.envelope.id), found.envelope.id)
    if head.data_key is None:
        raise Gone(head.id, head.status)
    if head.revision != correction.revision:
        raise Overtaken(head.id, head.revision)
    if names_anew(head, cast(Content, found.content)):
        raise NamesAnew(head.id)
    current = held_submissions(connection, [head.id])[head.id].current
    if current.has(found.envelope, cast(Content, found.content)):
        raise NothingNew(head.id)
    number: int = head.revision + 1
    name_revision(connection, head.id, None, number)
    revise(connection, maker, found, head, Cause.CORRECTED)
    _write_down(connection, maker, found.envelope.id, number, correction.reason)
    return number


def _write_down(
    connection: Connection, maker: RowMaker, submission_id: UUID, number: int, reason: str
) -> None:
    key, user_id = maker.data_keys[submission_id], maker.sender.user_id
    row: dict[str, Any] = {
        "submission_id": submission_id,
        "revision": number,
        "act": Act.CORRECT,
        "user_id": user_id,
        "at": maker.received_at,
        "comments_sealed": key.seal_json("comments_sealed", {"": reason.strip()}),
    }
    connection.execute(insert(table_of(ReviewAct)), [row])
    action = audit.Action.SUBMISSION_CORRECTED
    audit.record_on(connection, action, str(submission_id), user_id=user_id)
