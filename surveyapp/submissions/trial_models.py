"""The table of what was answered to trial versions: a draft area that nothing real ever reads."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, utc_now
from surveyapp.submissions.models import Serial


class TrialAnswer(Base):
    """One questionnaire filled in to try it out. Sealed: somebody may have typed a real name."""

    __tablename__ = "trial_answer"
    __table_args__ = (UniqueConstraint("trial_serial", "instance"),)

    serial: Mapped[int] = mapped_column(Serial, primary_key=True)
    trial_serial: Mapped[int] = mapped_column(ForeignKey("trial.serial", ondelete="CASCADE"))
    #: the client's id of it: sent again, it takes its own place
    instance: Mapped[UUID]
    channel: Mapped[str]
    language: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: under its own data key: answers, what is wrong with them, names of files, which are not kept
    sealed: Mapped[bytes]
    data_key: Mapped[bytes | None]
    key_id: Mapped[str | None]
    #: how many rules they break
    faults: Mapped[int]
