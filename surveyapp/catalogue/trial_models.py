"""Tables of trial versions: questionnaires that are tried out before they are published."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveyapp.database import Base, utc_now


class Trial(Base):
    """The trial version of a questionnaire: one at a time, which never changes, as a published one.

    It is in no table of published versions: whatever reads those, or answers to them, cannot meet it.
    """

    __tablename__ = "trial"

    serial: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[str] = mapped_column(unique=True)
    version: Mapped[str]
    #: what the testing address is made of; the trial version that takes this one's place keeps it
    door: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    xform: Mapped[bytes] = mapped_column(deferred=True)
    workbook: Mapped[bytes] = mapped_column(deferred=True)
    workbook_name: Mapped[str]
    #: SHA-256 of the XForm's bytes, in hex
    hash: Mapped[str]
    definition: Mapped[str] = mapped_column(Text, deferred=True)
    title: Mapped[dict[str, Any]]
    languages: Mapped[list[Any]]
    default_language: Mapped[str]
    #: who may answer it if the questionnaire is new
    access: Mapped[str]
    #: its consent texts name nobody real: it is published in a demonstration only
    demonstration: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    files: Mapped[list[TrialFile]] = relationship(
        order_by="TrialFile.name", cascade="all, delete-orphan", passive_deletes=True
    )


class TrialFile(Base):
    """A file that a trial version refers to by name."""

    __tablename__ = "trial_file"

    trial_serial: Mapped[int] = mapped_column(
        ForeignKey("trial.serial", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    #: SHA-256 of the bytes, in hex: the file's address in the media store
    sha256: Mapped[str]
    size: Mapped[int]
