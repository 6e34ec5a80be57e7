"""Tables of breaches: what happened to personal data, as it was written down, edition by edition."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, utc_now


class Breach(Base):
    """One breach; what is told of it is in its editions."""

    __tablename__ = "breach"

    serial: Mapped[int] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(default=utc_now)
    begun_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class BreachEdition(Base):
    """What was told of a breach at one time; append-only, the last one stands."""

    __tablename__ = "breach_edition"
    __table_args__ = (UniqueConstraint("breach_serial", "number"),)

    serial: Mapped[int] = mapped_column(primary_key=True)
    breach_serial: Mapped[int] = mapped_column(ForeignKey("breach.serial"))
    #: 1, 2 …
    number: Mapped[int]
    written_at: Mapped[datetime] = mapped_column(default=utc_now)
    written_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: when it was noticed, and the day by which the authorised body is told
    noticed_at: Mapped[datetime]
    due_on: Mapped[date]
    #: the time that the log is looked through for
    since: Mapped[datetime]
    until: Mapped[datetime]
    #: account whose deeds are told; None: everybody's
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: questionnaire; empty: all
    questionnaire: Mapped[str]
    #: field of the form → what was written in it; names nobody
    texts: Mapped[dict[str, Any]]
    #: what the log told then (`breaches.Told`), as plain values
    told: Mapped[dict[str, Any]]
