"""Tables of what families ask of their data, and until when a questionnaire's data are kept."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, utc_now
from surveyapp.submissions.models import Serial


class Wish(StrEnum):
    """What somebody may ask of the data about them (articles 24 and 25 of Law No. 94-V)."""

    #: see what is kept
    COPY = "copy"
    CORRECT = "correct"
    #: nothing is to be done with it for now
    BLOCK = "block"
    #: nobody is to be able to tell who is meant; the other answers may stay
    IDENTITY = "identity"
    #: the consent is taken back: everything is to be destroyed
    WITHDRAW = "withdraw"


#: what nothing brings back
DESTROYING = frozenset({Wish.IDENTITY, Wish.WITHDRAW})


class Outcome(StrEnum):
    """How a request ended."""

    DONE = "done"
    #: with a reason
    REFUSED = "refused"


class SubjectRequest(Base):
    """One request; it stays when what it was about is destroyed, without a word about whom."""

    __tablename__ = "subject_request"

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    #: what it is sealed under is bound to this
    id: Mapped[UUID] = mapped_column(unique=True)
    #: a `Wish`
    wish: Mapped[str]
    submission_id: Mapped[UUID] = mapped_column(index=True)
    #: of the submission when it was asked: an erased one has no region
    questionnaire: Mapped[str]
    region: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: the day by which it is to be answered
    due_on: Mapped[date]
    #: who wrote it down; empty: the family itself, by its receipt code
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: what was said, and how to reach whoever said it
    words_sealed: Mapped[bytes | None]
    data_key: Mapped[bytes | None]
    key_id: Mapped[str | None] = mapped_column(index=True)
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    #: an `Outcome`
    outcome: Mapped[str | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: the officer's words; they name nobody
    answer: Mapped[str | None]
