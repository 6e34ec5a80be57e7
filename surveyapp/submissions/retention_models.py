"""Tables of how long records are kept: a rule for each questionnaire, and what was announced."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, utc_now
from surveyapp.submissions.models import Serial


class Fate(StrEnum):
    """What happens to a record whose time is over."""

    #: who is meant is destroyed; the other answers stay
    IDENTITY = "identity"
    #: all of it is destroyed; a tombstone tells late copies
    ALL = "all"


class Unit(StrEnum):
    """What a time is counted in."""

    DAYS = "days"
    MONTHS = "months"


class RetentionRule(Base):
    """Until when a questionnaire's records are kept: so long since each was received, or to a day."""

    __tablename__ = "retention_rule"

    questionnaire: Mapped[str] = mapped_column(primary_key=True)
    #: a `Fate`
    fate: Mapped[str]
    #: either `amount` of `unit` since a record was first received, or the last day for all of them
    amount: Mapped[int | None]
    unit: Mapped[str | None]
    last_day: Mapped[date | None]
    #: days between the announcement and the deed
    notice: Mapped[int]
    set_at: Mapped[datetime] = mapped_column(default=utc_now)
    set_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Destruction(Base):
    """One announced destruction: of the records received before a moment, on a day; it stays."""

    __tablename__ = "destruction"
    __table_args__ = (
        Index(
            "ix_destruction_open",
            "questionnaire",
            "day",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    questionnaire: Mapped[str]
    #: a `Fate`
    fate: Mapped[str]
    #: the day from which on it is carried out
    day: Mapped[date]
    #: it is about records that were first received before this
    received_before: Mapped[datetime]
    announced_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: how many records they were then
    announced: Mapped[int]
    #: how many were destroyed so far
    done: Mapped[int] = mapped_column(default=0)
    #: those that were left as they are: blocked ones, and those of which a family waits for something
    spared: Mapped[int] = mapped_column(default=0)
    #: those that could not be destroyed; they are tried again with the next one
    failed: Mapped[int] = mapped_column(default=0)
    #: the serial number of the record that was reached
    reached: Mapped[int] = mapped_column(Serial, default=0)
    ended_at: Mapped[datetime | None]
    #: whether it was called off before it was carried out: the rule was changed
    called_off: Mapped[bool] = mapped_column(default=False)
