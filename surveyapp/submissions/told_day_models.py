"""The table of days of rest and of work that follow no rule."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, utc_now


class Kind(StrEnum):
    """What a day is."""

    #: its first day, a day of rest that follows the moon
    KURBAN_AIT = "kurban_ait"
    #: one on which people would work by the rules
    REST = "rest"
    #: a day of rest by the rules on which people work: it was moved to another day
    WORKING = "working"


class ToldDay(Base):
    """One day, as an administrator told it."""

    __tablename__ = "told_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    #: a `Kind`
    kind: Mapped[str]
    told_at: Mapped[datetime] = mapped_column(default=utc_now)
    told_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
