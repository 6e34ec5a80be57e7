"""The table of assignments: households and sites that somebody is to visit."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, change_number, utc_now
from surveyapp.submissions.models import Serial


class Task(StrEnum):
    """What has become of an assignment."""

    OPEN = "open"
    #: a submission that names it is stored
    DONE = "done"
    #: withdrawn by the office
    CANCELLED = "cancelled"


class Assignment(Base):
    """One visit that a person, or a phone that is nobody's, is to make."""

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (device_id IS NULL)", name="one_collector"),
        UniqueConstraint("questionnaire", "key_digest"),
        Index("ix_assignment_questionnaire_serial", "questionnaire", "serial"),
        Index("ix_assignment_questionnaire_state_serial", "questionnaire", "state", "serial"),
        Index("ix_assignment_user_id_changed", "user_id", "changed"),
        Index("ix_assignment_device_id_changed", "device_id", "changed"),
    )

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    #: order of changing, the same numbers as a submission's
    changed: Mapped[int] = mapped_column(BigInteger, default=change_number(), onupdate=change_number())
    #: what a record names that does it
    id: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    questionnaire: Mapped[str]
    #: whose it is: all devices of this person, or one device that is nobody's
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    region: Mapped[str | None]
    due: Mapped[date | None]
    #: a `Task`
    state: Mapped[str] = mapped_column(default=Task.OPEN)
    #: keyed digest of the list's own key of a row, or of the row: the same one is no second visit
    key_digest: Mapped[bytes]
    #: `{"label", "answers"}` sealed under the row's data key: both may name a person
    sealed: Mapped[bytes | None]
    data_key: Mapped[bytes | None]
    key_id: Mapped[str | None] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: when it was done or withdrawn
    settled_at: Mapped[datetime | None]
    #: the submission that did it
    submission_id: Mapped[UUID | None] = mapped_column(index=True)
