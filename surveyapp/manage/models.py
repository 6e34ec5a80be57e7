"""Tables of the administrators' pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base, utc_now


class SavedView(Base):
    """Filters of a questionnaire's list that somebody gave a name; no answers in it."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "questionnaire", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    questionnaire: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    #: the query of the list's address: name → value
    filters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: whether everybody who sees the questionnaire's list sees it too
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
