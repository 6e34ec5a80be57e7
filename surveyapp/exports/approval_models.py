"""The table of full exports that were asked for, and what a second person said to each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, utc_now
from surveyapp.submissions.models import Serial


class FullExport(Base):
    """One full export that somebody asks for; it stays, and says who agreed to it or refused."""

    __tablename__ = "full_export"

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    questionnaire: Mapped[str]
    #: as `choosing.written_request` writes them, without the reason
    choices: Mapped[dict[str, Any]]
    reason: Mapped[str]
    asked_by: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]
    #: empty until somebody decided
    agreed: Mapped[bool | None]
    #: when its file was last taken
    taken_at: Mapped[datetime | None]
