"""The table of paper sheets that are being entered, each by two people."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, utc_now
from surveyapp.submissions.models import Serial


class SheetState(StrEnum):
    """How far a sheet has come."""

    #: entered once: somebody else enters it, without seeing what was entered
    WAITING = "waiting"
    #: entered twice, and not alike
    DIFFERING = "differing"
    #: received as a record
    ACCEPTED = "accepted"


class PaperSheet(Base):
    """One sheet. What was entered is sealed, and gone once it is a record."""

    __tablename__ = "paper_sheet"
    __table_args__ = (
        UniqueConstraint("questionnaire", "code"),
        Index("ix_paper_sheet_questionnaire_state_serial", "questionnaire", "state", "serial"),
    )

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    questionnaire: Mapped[str]
    version: Mapped[str]
    code: Mapped[str]
    #: the id of the record that it becomes
    record: Mapped[UUID] = mapped_column(unique=True)
    state: Mapped[str]
    first_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    first_at: Mapped[datetime] = mapped_column(default=utc_now)
    second_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    second_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    #: both entries, as items of `POST /submissions`, under a data key of its own
    sealed: Mapped[bytes | None]
    data_key: Mapped[bytes | None]
    key_id: Mapped[str | None]
