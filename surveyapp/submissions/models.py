"""Tables of what was answered. Answers that point at a person are in no column but the sealed ones."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, change_number, utc_now

#: 64 bits on PostgreSQL; SQLite numbers its rows only when the key is a plain INTEGER.
Serial = BigInteger().with_variant(Integer(), "sqlite")


class Channel(StrEnum):
    """The way a submission came."""

    WEB = "web"
    FIELD = "field"
    OPENROSA = "openrosa"
    API = "api"
    #: entered from a paper sheet, by two people
    PAPER = "paper"


class Flag(StrEnum):
    """What a reviewer should know of a stored submission."""

    INVALID = "invalid"
    FOREIGN = "foreign"
    MISCALCULATED = "miscalculated"
    CLOCK_SKEW = "clock_skew"
    NO_FINISH_TIME = "no_finish_time"
    #: a file came along that no answer names
    UNNAMED_FILE = "unnamed_file"
    #: a file is not what its question asks for, damaged, or too large to be looked at
    UNFIT_FILE = "unfit_file"


class Cause(StrEnum):
    """What made a revision."""

    SENT = "sent"
    #: an edit by whoever collected it
    EDITED = "edited"
    #: an administrator's decision over work in quarantine
    DECIDED = "decided"
    #: a reviewer's correction, for a reason
    CORRECTED = "corrected"
    #: who is meant was destroyed: the same answers, without what points at a person
    IDENTITY_ERASED = "identity_erased"
    #: a tombstone: everything that could be erased was erased
    ERASED = "erased"


class Act(StrEnum):
    """What a reviewer does with a submission."""

    ACCEPT = "accept"
    RETURN = "return"
    REJECT = "reject"
    #: takes the last verdict back
    WITHDRAW = "withdraw"
    DELETE = "delete"
    RESTORE = "restore"
    ERASE = "erase"
    #: destroys who is meant, and keeps the other answers
    ERASE_IDENTITY = "erase_identity"
    BLOCK = "block"
    UNBLOCK = "unblock"
    #: changed answers, which made the revision that it stands with
    CORRECT = "correct"


class Decision(StrEnum):
    """What an administrator does with work in quarantine."""

    ACCEPT = "accept"
    ACCEPT_AS_REVISION = "accept_as_revision"
    MERGE = "merge"
    ATTACH = "attach"
    DISCARD = "discard"


class Fault(StrEnum):
    """What can be amiss with a file; it is kept all the same."""

    #: of another kind than its question asks for
    WRONG_KIND = "wrong_kind"
    #: more bytes or pixels than are looked at
    TOO_LARGE = "too_large"
    DAMAGED = "damaged"
    #: places could not be taken out of its metadata
    NOT_CLEANED = "not_cleaned"


class State(StrEnum):
    """What has become of a submission: a review's verdict on it, or its end."""

    STORED = "stored"
    ACCEPTED = "accepted"
    #: sent back to its collector with comments
    RETURNED = "returned"
    #: not to be counted on: kept, and left out of exports unless they are asked for
    REJECTED = "rejected"
    DELETED = "deleted"
    #: nothing is done with it: somebody whom it is about asked for that
    BLOCKED = "blocked"
    #: its key is destroyed; what is left tells late copies from new work
    ERASED = "erased"

    @property
    def is_gone(self) -> bool:
        """Whether it is nobody's data any more."""
        return self in {State.DELETED, State.BLOCKED, State.ERASED}


class Reason(StrEnum):
    """Why readable work waits in quarantine."""

    UNKNOWN_QUESTIONNAIRE = "unknown_questionnaire"
    UNKNOWN_VERSION = "unknown_version"
    #: begun after the questionnaire was closed
    CLOSED = "closed"
    #: the sender may not send for this questionnaire
    SCOPE = "scope"
    #: the invitation is missing, unknown, used up or expired
    INVITATION = "invitation"
    #: wrong types or unknown choices for its version
    WRONG_TYPE = "wrong_type"
    #: text that a database cannot hold
    UNSTORABLE = "unstorable"
    #: the same id is stored with other content, and this is no edit of its current revision
    CONFLICT = "conflict"
    #: an edit of a submission that is not here
    EDIT = "edit"
    #: the submission was deleted or erased
    DELETED = "deleted"
    #: the device was revoked before it sent this
    REVOKED = "revoked"
    #: one address sent too much without an account
    CEILING = "ceiling"
    #: encrypted to a key that the server does not have
    SEALED = "sealed"
    #: the program failed over it
    FAILURE = "failure"


class Submission(Base):
    """One filled questionnaire in its current revision; its receipt follows from this row alone.

    Its former revisions are in `SubmissionRevision`: one that was never edited is this row only.
    """

    __tablename__ = "submission"
    __table_args__ = (
        Index("ix_submission_questionnaire_serial", "questionnaire", "serial"),
        Index("ix_submission_questionnaire_received_at", "questionnaire", "received_at"),
        # what retention dates destroy
        Index("ix_submission_questionnaire_first_received_at", "questionnaire", "first_received_at"),
        # the filters of lists, each newest first; the number of queries and rows read stays small
        *(
            Index(f"ix_submission_questionnaire_{column}", "questionnaire", column, "received_at")
            for column in ("region", "version", "channel")
        ),
        # the same, and what an export counts before its first byte
        Index(
            "ix_submission_questionnaire_status",
            "questionnaire",
            "status",
            "received_at",
            "synthetic",
        ),
        Index(
            "ix_submission_flagged",
            "questionnaire",
            "received_at",
            postgresql_where=text("flags <> '[]'"),
            sqlite_where=text("flags <> '[]'"),
        ),
        Index("ix_submission_questionnaire_changed", "questionnaire", "changed", "serial"),
        Index("ix_submission_device_id_changed", "device_id", "changed"),
        Index(
            "ix_submission_sender_id_changed",
            "sender_id",
            "changed",
            postgresql_where=text("sender_id IS NOT NULL"),
            sqlite_where=text("sender_id IS NOT NULL"),
        ),
    )

    #: order of storing; increases, gaps are allowed
    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    #: order of changing, for cursors (`changes`); another one whenever the row is written
    changed: Mapped[int] = mapped_column(BigInteger, default=change_number(), onupdate=change_number())
    #: UUID that the client made for the first revision
    id: Mapped[UUID] = mapped_column(unique=True)
    questionnaire: Mapped[str]
    version: Mapped[str]
    language: Mapped[str]
    channel: Mapped[str]
    #: a `State`
    status: Mapped[str] = mapped_column(default=State.STORED)
    flags: Mapped[list[Any]] = mapped_column(default=list)
    #: broken rules as `{"path", "code", "params"}`; no answers inside
    errors: Mapped[list[Any]] = mapped_column(default=list)
    synthetic: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)
    #: what made this revision: a `Cause`
    cause: Mapped[str] = mapped_column(default=Cause.SENT)

    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    #: the device's offset from UTC when it finished, in minutes; wall time = finished_at + offset
    utc_offset: Mapped[int | None]
    #: when this revision was received; `first_received_at`: when the first one was
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    first_received_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: device time minus server time when it was sent, in seconds; positive: the device is ahead
    clock_skew: Mapped[int | None] = mapped_column(BigInteger)

    app: Mapped[str | None]
    #: the task that the device says it was working on
    assignment: Mapped[str | None]
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    #: breakdown name → code (`{"region": "100000000", "area": "rural"}`), for lists and counts
    breakdowns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    region: Mapped[str | None]

    #: answers without identity and without what nobody knows; nested as in the JSON API
    answers: Mapped[dict[str, Any]]
    answer_languages: Mapped[dict[str, Any]] = mapped_column(default=dict)
    paradata: Mapped[dict[str, Any]] = mapped_column(default=dict)
    consent: Mapped[dict[str, Any] | None]

    #: `{node path: answer}` of the identity answers, sealed under the data key
    identity_sealed: Mapped[bytes | None]
    #: fields that no one knows, sealed under the data key
    foreign_sealed: Mapped[bytes | None]
    #: the data key, wrapped by the key `key_id` of the settings; destroyed when a person is erased
    data_key: Mapped[bytes | None]
    key_id: Mapped[str | None] = mapped_column(index=True)
    #: when who is meant was destroyed, if it was; the chain knows of it too (`Cause.IDENTITY_ERASED`)
    identity_erased_at: Mapped[datetime | None]
    #: keyed commitments (HMAC-SHA-256) to the answers, the identity and what nobody knows, apart
    answers_commitment: Mapped[bytes]
    identity_commitment: Mapped[bytes | None]
    foreign_commitment: Mapped[bytes | None]
    #: keyed digest over the questionnaire, the version, these commitments and the attachments
    content_digest: Mapped[bytes]
    #: keyed commitment to this revision and, through its forerunner's, to all before it (`chains`)
    chain: Mapped[bytes]
    receipt_code: Mapped[str] = mapped_column(unique=True)


class SubmissionRevision(Base):
    """A former revision, as its submission's row was; written once, when the next one came."""

    __tablename__ = "submission_revision"
    __table_args__ = (
        UniqueConstraint("submission_id", "revision"),
        Index("ix_submission_revision_device_id", "device_id"),
        Index(
            "ix_submission_revision_sender_id",
            "sender_id",
            postgresql_where=text("sender_id IS NOT NULL"),
            sqlite_where=text("sender_id IS NOT NULL"),
        ),
    )

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    revision: Mapped[int]
    cause: Mapped[str]
    version: Mapped[str]
    language: Mapped[str]
    channel: Mapped[str]
    flags: Mapped[list[Any]]
    errors: Mapped[list[Any]]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    utc_offset: Mapped[int | None]
    received_at: Mapped[datetime]
    clock_skew: Mapped[int | None] = mapped_column(BigInteger)
    app: Mapped[str | None]
    assignment: Mapped[str | None]
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    answers: Mapped[dict[str, Any]]
    answer_languages: Mapped[dict[str, Any]]
    paradata: Mapped[dict[str, Any]]
    consent: Mapped[dict[str, Any] | None]
    #: sealed under the data key of the submission
    identity_sealed: Mapped[bytes | None]
    foreign_sealed: Mapped[bytes | None]
    answers_commitment: Mapped[bytes]
    identity_commitment: Mapped[bytes | None]
    foreign_commitment: Mapped[bytes | None]
    content_digest: Mapped[bytes]
    chain: Mapped[bytes]
    receipt_code: Mapped[str] = mapped_column(unique=True)


class Instance(Base):
    """The id that a client gave to a later revision: an edit in OpenRosa is a new instance.

    A first revision has the id of its submission and no row here. An edit that changed nothing is one
    more id of the revision that it found.
    """

    __tablename__ = "instance"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), index=True
    )
    revision: Mapped[int]


class Attachment(Base):
    """A file of one revision; `held_at` is empty until its bytes are here."""

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("submission_id", "revision", "name"),
        # those that have come and were not taken in: few, and looked for again and again
        Index(
            "ix_attachment_due",
            "serial",
            sqlite_where=text("address IS NOT NULL AND NOT sealed"),
            postgresql_where=text("address IS NOT NULL AND NOT sealed"),
        ),
    )

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    revision: Mapped[int] = mapped_column(default=1)
    #: its name; of one that an identity question names, or none, a keyed digest of it (`/…`)
    name: Mapped[str]
    #: the name of such a file, sealed under the submission's data key
    name_sealed: Mapped[bytes | None]
    #: whether an answer names it; another one is kept all the same
    named: Mapped[bool] = mapped_column(default=True)
    #: SHA-256 of the bytes as they were sent, in hex; empty until they come (OpenRosa tells names only)
    sha256: Mapped[str | None] = mapped_column(index=True)
    #: bytes as they were sent
    size: Mapped[int | None] = mapped_column(BigInteger)
    type: Mapped[str | None]
    held_at: Mapped[datetime | None]
    #: where the media store keeps it; empty: it is not here yet, or not any more
    address: Mapped[str | None] = mapped_column(index=True)
    #: whether it was taken in: cleaned of places, sealed under the submission's data key
    sealed: Mapped[bool] = mapped_column(default=False)
    #: what its question asks for (`image`, `audio`, `video`, `file`)
    wanted: Mapped[str | None]
    #: whether the questionnaire asks for the places in its metadata (`survey:keep_place`)
    keeps_place: Mapped[bool] = mapped_column(default=False)
    #: its media type, told by its content when it was taken in
    kind: Mapped[str | None]
    #: what was found amiss then: a `Fault`
    fault: Mapped[str | None]


class Quarantined(Base):
    """Readable work that could not be accepted as it is; its bytes wait, sealed, for a person."""

    __tablename__ = "quarantine"
    __table_args__ = (
        UniqueConstraint("submission_id", "content_digest"),
        Index(
            "ix_quarantine_waiting",
            "serial",
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(index=True)
    questionnaire: Mapped[str]
    version: Mapped[str]
    language: Mapped[str]
    channel: Mapped[str]
    #: why it waits: a `Reason`
    reason: Mapped[str]
    errors: Mapped[list[Any]] = mapped_column(default=list)
    synthetic: Mapped[bool] = mapped_column(default=False)
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"), index=True)
    sealed: Mapped[bytes]
    size: Mapped[int]
    #: SHA-256 (hex) of the files that it names
    files: Mapped[list[Any]] = mapped_column(default=list)
    #: the same files as `{"name", "sha256", "size", "type"}`, where the bytes do not tell (OpenRosa)
    brought: Mapped[list[Any]] = mapped_column(default=list)
    data_key: Mapped[bytes | None]
    key_id: Mapped[str | None] = mapped_column(index=True)
    content_digest: Mapped[bytes]
    receipt_code: Mapped[str] = mapped_column(unique=True)
    decided_at: Mapped[datetime | None]
    #: a `Decision`
    decision: Mapped[str | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: the administrator's words
    decision_reason: Mapped[str | None]


class ReviewAct(Base):
    """What a reviewer did with a submission; append-only."""

    __tablename__ = "review_act"
    __table_args__ = (
        # what was destroyed since a moment: of many acts these are few
        Index(
            "ix_review_act_erased",
            "at",
            sqlite_where=text("act IN ('erase', 'erase_identity')"),
            postgresql_where=text("act IN ('erase', 'erase_identity')"),
        ),
    )

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), index=True
    )
    revision: Mapped[int]
    #: an `Act`
    act: Mapped[str]
    #: empty: done on the command line
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    #: comments `{node path or "": text}`, sealed under the submission's data key: they may name a person
    comments_sealed: Mapped[bytes | None]


class Event(Base):
    """Something others must learn of, written in the transaction it happened in (`disclosure` …)."""

    __tablename__ = "event"

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    kind: Mapped[str] = mapped_column(index=True)
    submission_id: Mapped[UUID]
    #: never an answer: paths, levels, codes
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Upload(Base):
    """A file under way (tus 1.0): so many of its bytes are on disk, synced."""

    __tablename__ = "upload"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: SHA-256 that the client announced, in hex
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    #: number of the start token that somebody without an account began it by
    start: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class UploadPart(Base):
    """Some bytes of a file under way, from `offset` on; synced before the row was written."""

    __tablename__ = "upload_part"

    upload_id: Mapped[UUID] = mapped_column(
        ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True
    )
    offset: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    #: where the media store keeps them, sealed
    address: Mapped[str] = mapped_column(index=True)


class KeptFile(Base):
    """A file that has come and is held for whoever brought it, until a submission takes it in."""

    __tablename__ = "kept_file"
    __table_args__ = (UniqueConstraint("owner", "sha256"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: `user:7`, `device:3` or `anybody`
    owner: Mapped[str]
    #: SHA-256 of the bytes as they were sent, in hex
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    #: where the media store keeps it
    address: Mapped[str] = mapped_column(index=True)
    kept_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class Epoch(Base):
    """Which life of the database this is: another one after a restore, so that no cursor outlives it."""

    __tablename__ = "epoch"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    began_at: Mapped[datetime] = mapped_column(default=utc_now)


class ChangeCounter(Base):
    """SQLite only: the last number of a change; a trigger of the migrations keeps its one row."""

    __tablename__ = "change_counter"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
