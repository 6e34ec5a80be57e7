"""Tables of exports: what waits to be made, what was made, and choices that somebody gave a name."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, utc_now
from surveyapp.submissions.models import Serial


class JobState(StrEnum):
    """What has become of a job."""

    #: waits for a worker; also what a worker had begun and gave back when it was told to stop
    WAITING = "waiting"
    #: a worker has it, as long as its lease is renewed
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    #: its file is gone, as was said when it was made
    EXPIRED = "expired"

    @property
    def is_over(self) -> bool:
        """Whether nothing is done for it any more."""
        return self not in {JobState.WAITING, JobState.RUNNING}


class ExportJob(Base):
    """An export that is made apart from the request that asked for it; its file lies sealed."""

    __tablename__ = "export_job"
    __table_args__ = (
        Index("ix_export_job_owner_id_questionnaire", "owner_id", "questionnaire", "serial"),
        Index("ix_export_job_state", "state", "serial"),
    )

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    #: what its file is sealed under is bound to this
    id: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    questionnaire: Mapped[str]
    #: as `choices.written_request` writes them
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: whether it holds more than the default export gives: fetching it wants that right, too
    confidential: Mapped[bool] = mapped_column(default=False)
    #: a `JobState`
    state: Mapped[str] = mapped_column(default=JobState.WAITING)
    asked_at: Mapped[datetime] = mapped_column(default=utc_now)
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    #: who works on it (another number for each attempt), and until when it is believed to
    claim: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    #: submissions that are written, and how many there will be
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    #: a word for why it failed (`jobs.Failure`)
    failure: Mapped[str | None]

    #: codes of the regions that it was cut to, when it was made; null: all
    regions: Mapped[list[Any] | None]
    #: where the sealed file lies in the media store
    address: Mapped[str | None]
    name: Mapped[str | None]
    media_type: Mapped[str | None]
    #: of the file as it is fetched
    size: Mapped[int | None] = mapped_column(Serial)
    sha256: Mapped[str | None]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    #: when its file was first fetched
    fetched_at: Mapped[datetime | None]
    #: when its owner was told that it is over
    told_at: Mapped[datetime | None]


class ExportPreset(Base):
    """Choices with a name and an address of their own, for whoever takes the same again and again."""

    __tablename__ = "export_preset"
    __table_args__ = (UniqueConstraint("owner_id", "questionnaire", "name"),)

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    questionnaire: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    choices: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: whether everybody who may export the questionnaire may use it
    shared: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)


class KeptCount(Base):
    """How many submissions of a stretch of serials there are of each group (`kept_counts`).

    The row of stretch -1 tells how far in the order of changes what is kept by the others reaches.
    """

    __tablename__ = "kept_count"

    questionnaire: Mapped[str] = mapped_column(primary_key=True)
    #: what is counted
    counting: Mapped[str] = mapped_column(primary_key=True)
    stretch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: how it is counted; by another one everything is counted anew
    rule: Mapped[str]
    #: the life of the database in which changes were numbered
    epoch: Mapped[UUID]
    reached: Mapped[int] = mapped_column(BigInteger)
    #: group, as the database tells it → how many, and how many of them are made up
    counts: Mapped[dict[str, Any]]
