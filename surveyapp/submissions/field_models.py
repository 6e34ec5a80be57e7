"""Tables of how the field work goes: the plan, and what is reckoned from records in the background."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, utc_now

#: in a key: everywhere, nobody known, no answer. Not NULL, which would be unequal to itself
NONE = ""
#: in `Tally`: all days together, so that no page adds up a year of them
ALWAYS = date(1, 1, 1)
#: in `Quality`: all regions together
EVERY_REGION = "*"


class Plan(Base):
    """How many records of a questionnaire are wanted, from when to when, and how visits are judged."""

    __tablename__ = "plan"

    questionnaire: Mapped[str] = mapped_column(primary_key=True)
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    wanted: Mapped[int | None]
    #: path of the question that says how a visit went; empty: there is none
    result_path: Mapped[str] = mapped_column(default="")
    #: its answers that mean: it took place
    result_done: Mapped[list[Any]] = mapped_column(default=list)
    #: its answers that are left out of the rate: there was nobody to ask
    result_apart: Mapped[list[Any]] = mapped_column(default=list)


class QualityLimits(Base):
    """From which figures on an interviewer's records are unusual, where a questionnaire has its own."""

    __tablename__ = "quality_limits"

    questionnaire: Mapped[str] = mapped_column(primary_key=True)
    #: name of a limit → its value; what is not in it is as usual
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Target(Base):
    """How many records are wanted of one region."""

    __tablename__ = "target"

    questionnaire: Mapped[str] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(primary_key=True)
    wanted: Mapped[int]


class Measuring(Base):
    """How far the records of a questionnaire have been reckoned."""

    __tablename__ = "measuring"

    questionnaire: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[UUID]
    changed: Mapped[int] = mapped_column(BigInteger)
    serial: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    #: the rules then, and the paths of the questions that named households, one a line; others, and all
    #: is reckoned anew
    household: Mapped[str] = mapped_column(default="")


class Measure(Base):
    """What counts of one record; none of a deleted one."""

    __tablename__ = "measure"
    __table_args__ = (
        Index("ix_measure_questionnaire_collector", "questionnaire", "collector", "received_at"),
        Index("ix_measure_questionnaire_digest", "questionnaire", "digest"),
        Index("ix_measure_questionnaire_household", "questionnaire", "household"),
    )

    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True
    )
    questionnaire: Mapped[str]
    received_at: Mapped[datetime]
    #: on which it was received first, in the time zone of the settings
    day: Mapped[date]
    region: Mapped[str]
    #: `user 7`, `device 3` or nobody known
    collector: Mapped[str]
    #: how the visit went, if a question asks that
    result: Mapped[str]
    #: that the interview took
    seconds: Mapped[int | None]
    #: questions that were asked, and those left empty
    asked: Mapped[int]
    missing: Mapped[int]
    #: runs of questions with the same choices, and those in which every answer was the same
    runs: Mapped[int]
    straight: Mapped[int]
    #: finished between ten in the evening and five in the morning, where it was
    night: Mapped[bool]
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    #: whether something about it wants a look; whether nobody answered it
    flagged: Mapped[bool]
    synthetic: Mapped[bool]
    #: `agreed` or `declined`, where the questionnaire asks for consent and somebody answered
    consent: Mapped[str]
    #: keyed digest of the answers, by which equal records are found; empty: too few answers to tell
    digest: Mapped[bytes | None]
    #: keyed digest of what names the household; empty: nothing does
    household: Mapped[bytes | None]


class Tally(Base):
    """How many records there are of each day (and of all: `ALWAYS`), region, interviewer and result."""

    __tablename__ = "tally"

    questionnaire: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(primary_key=True)
    collector: Mapped[str] = mapped_column(primary_key=True)
    result: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    #: of these
    flagged: Mapped[int]
    synthetic: Mapped[int]
    agreed: Mapped[int]
    declined: Mapped[int]


class Quality(Base):
    """How one interviewer's latest records are, in one region or in all (`EVERY_REGION`)."""

    __tablename__ = "quality"

    questionnaire: Mapped[str] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(primary_key=True)
    collector: Mapped[str] = mapped_column(primary_key=True)
    records: Mapped[int]
    #: in the middle
    seconds: Mapped[float | None]
    #: shares from 0 to 1
    missing: Mapped[float | None]
    straight: Mapped[float | None]
    night: Mapped[float]
    #: records whose answers are those of another one
    duplicates: Mapped[int]
    #: metres from the middle of all places, in the middle
    spread: Mapped[float | None]
