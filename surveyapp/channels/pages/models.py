"""Tables of answers under way. Nothing in them can be read without the key in the browser's cookie."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from surveyapp.database import Base


class Draft(Base):
    """One questionnaire being filled in: who, what and in which questionnaire is all in `sealed`."""

    __tablename__ = "draft"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: counts the saves; a save names the one it builds on
    revision: Mapped[int]
    #: `drafts.DraftState` as JSON, sealed with AES-256-GCM
    sealed: Mapped[bytes]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class DraftPhoto(Base):
    """A file uploaded into a draft, sealed with the draft's key."""

    __tablename__ = "draft_photo"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    draft_id: Mapped[UUID] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"), index=True)
    sealed: Mapped[bytes]
