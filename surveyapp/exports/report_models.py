"""The table of reports: what the answers of a questionnaire were counted to, and how far that is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base


class Report(Base):
    """The counts of one questionnaire; a new count goes on beside the last one until it is whole.

    Counts are `Counts.packed()`: of choices, and of numbers and dates made coarse; no other answer.
    """

    __tablename__ = "report"

    questionnaire: Mapped[str] = mapped_column(primary_key=True)
    #: when somebody last wanted it counted anew; empty: nobody waits
    asked_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    #: serial up to which the count under way has come, and that of the last submission it will take in
    reached: Mapped[int] = mapped_column(BigInteger, default=0)
    last: Mapped[int] = mapped_column(BigInteger, default=0)
    under_way: Mapped[bytes | None]
    counted_at: Mapped[datetime | None]
    #: how many submissions the finished count has taken in
    submissions: Mapped[int] = mapped_column(BigInteger, default=0)
    counts: Mapped[bytes | None]
