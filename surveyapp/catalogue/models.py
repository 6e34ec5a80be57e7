"""Tables of the catalogue: questionnaires and their immutable versions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveyapp.catalogue.windows import Window
from surveyapp.database import Base, utc_now


class Access(StrEnum):
    """Who may answer a questionnaire."""

    PUBLIC = "public"
    INVITATION = "invitation"
    STAFF = "staff"
    CLOSED = "closed"


class CatalogueEntry(Base):
    """One questionnaire under its stable id (`household_baseline`), whatever its version."""

    __tablename__ = "questionnaire"

    id: Mapped[str] = mapped_column(primary_key=True)
    access: Mapped[str]
    #: from then on nothing newly begun is taken; what was begun before is still judged and stored
    closed_at: Mapped[datetime | None]
    #: from when to when it is begun; what was begun in time is taken whenever it comes
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    versions: Mapped[list[PublishedVersion]] = relationship(
        back_populates="entry", order_by="PublishedVersion.serial"
    )

    @property
    def window(self) -> Window:
        """From when to when it is begun."""
        return Window(self.opens_at, self.closes_at)


class PublishedVersion(Base):
    """One immutable published edition; the XForm is stored byte for byte."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (UniqueConstraint("questionnaire_id", "version"),)

    serial: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[str] = mapped_column(ForeignKey("questionnaire.id"))
    version: Mapped[str]
    xform: Mapped[bytes] = mapped_column(deferred=True)
    workbook: Mapped[bytes | None] = mapped_column(deferred=True)
    workbook_name: Mapped[str | None]
    #: SHA-256 of the XForm's bytes, in hex: key of the cache of parsed definitions
    hash: Mapped[str]
    #: the parsed definition as `definition_json` writes it: loading it costs less than parsing the XForm
    definition: Mapped[str | None] = mapped_column(Text, deferred=True)
    title: Mapped[dict[str, Any]]
    languages: Mapped[list[Any]]
    default_language: Mapped[str]
    #: published while the installation was a demonstration: its consent texts name nobody real
    demonstration: Mapped[bool] = mapped_column(default=False)
    published_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: no longer offered; submissions begun with it stay valid
    retired_at: Mapped[datetime | None]
    entry: Mapped[CatalogueEntry] = relationship(back_populates="versions")
    media: Mapped[list[VersionMedia]] = relationship(order_by="VersionMedia.name")


class VersionMedia(Base):
    """A file that a version refers to by name: choices, data, a picture, a sound. It never changes."""

    __tablename__ = "questionnaire_version_media"

    version_serial: Mapped[int] = mapped_column(
        ForeignKey("questionnaire_version.serial"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    #: SHA-256 of the bytes, in hex: the file's address in the media store
    sha256: Mapped[str]
    size: Mapped[int]
