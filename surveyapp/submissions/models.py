"""Tables of what was answered. Answers that point at a person are in no column but the sealed ones."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, utc_now

#: 64 bits on PostgreSQL; SQLite numbers its rows only when the key is a plain INTEGER.
Serial = BigInteger().with_variant(Integer(), "sqlite")


class Channel(StrEnum):
    """The way a submission came."""

    WEB = "web"
    FIELD = "field"
    OPENROSA = "openrosa"
    API = "api"


class Flag(StrEnum):
    """What a reviewer should know of a stored submission."""

    INVALID = "invalid"
    FOREIGN = "foreign"
    MISCALCULATED = "miscalculated"
    CLOCK_SKEW = "clock_skew"
    NO_FINISH_TIME = "no_finish_time"


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
    #: the same id is stored with other content
    CONFLICT = "conflict"
    #: a change of a stored submission
    EDIT = "edit"
    #: encrypted to a key that the server does not have
    SEALED = "sealed"
    #: the program failed over it
    FAILURE = "failure"


class Submission(Base):
    """One filled questionnaire in its current revision; its receipt follows from this row alone."""

    __tablename__ = "submission"
    __table_args__ = (
        Index("ix_submission_questionnaire_serial", "questionnaire", "serial"),
        Index("ix_submission_questionnaire_received_at", "questionnaire", "received_at"),
    )

    #: order of storing; increases, gaps are allowed
    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    #: UUID that the client made
    id: Mapped[UUID] = mapped_column(unique=True)
    questionnaire: Mapped[str]
    version: Mapped[str]
    language: Mapped[str]
    channel: Mapped[str]
    #: `stored` (later also `accepted`, `returned`, `deleted`)
    status: Mapped[str] = mapped_column(default="stored")
    flags: Mapped[list[Any]] = mapped_column(default=list)
    #: broken rules as `{"path", "code", "params"}`; no answers inside
    errors: Mapped[list[Any]] = mapped_column(default=list)
    synthetic: Mapped[bool] = mapped_column(default=False, index=True)
    revision: Mapped[int] = mapped_column(default=1)

    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    #: the device's offset from UTC when it finished, in minutes; wall time = finished_at + offset
    utc_offset: Mapped[int | None]
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: device time minus server time when it was sent, in seconds; positive: the device is ahead
    clock_skew: Mapped[int | None] = mapped_column(BigInteger)

    app: Mapped[str | None]
    #: the task that the device says it was working on
    assignment: Mapped[str | None]
    sender_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: breakdown name → code (`{"region": "100000000", "area": "rural"}`), for lists and counts
    breakdowns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    region: Mapped[str | None] = mapped_column(index=True)

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
    #: keyed commitments (HMAC-SHA-256) to the answers, the identity and what nobody knows, apart
    answers_commitment: Mapped[bytes]
    identity_commitment: Mapped[bytes | None]
    foreign_commitment: Mapped[bytes | None]
    #: keyed digest over the questionnaire, the version, these commitments and the attachments
    content_digest: Mapped[bytes]
    receipt_code: Mapped[str] = mapped_column(unique=True)


class Attachment(Base):
    """A file that a submission names; `held_at` is empty until its bytes are here."""

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("submission_id", "name"),)

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str]
    #: SHA-256 of the bytes, in hex: also the file's address in the media store
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    type: Mapped[str]
    held_at: Mapped[datetime | None]


class Quarantined(Base):
    """Readable work that could not be accepted as it is; its bytes wait, sealed, for a person."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("submission_id", "content_digest"),)

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
    sealed: Mapped[bytes]
    size: Mapped[int]
    #: SHA-256 (hex) of the files that it names
    files: Mapped[list[Any]] = mapped_column(default=list)
    data_key: Mapped[bytes | None]
    key_id: Mapped[str | None] = mapped_column(index=True)
    content_digest: Mapped[bytes]
    receipt_code: Mapped[str] = mapped_column(unique=True)
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]


class Event(Base):
    """Something others must learn of, written in the transaction it happened in (`disclosure` …)."""

    __tablename__ = "event"

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    kind: Mapped[str] = mapped_column(index=True)
    submission_id: Mapped[UUID]
    #: never an answer: paths, levels, codes
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
