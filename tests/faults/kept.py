"""The files that the server holds, opened as whoever reads them later gets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.people.rights import EVERYWHERE, Reach
from surveyapp.submissions.file_access import Reader, open_file
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Attachment


@dataclass(frozen=True, slots=True)
class Kept:
    """What a revision knows of one of its files; `address` is empty until it is held."""

    submission_id: UUID
    sha256: str | None
    address: str | None

    @property
    def is_held(self) -> bool:
        """Whether its bytes are said to be here, and are."""
        return self.address is not None and self.address in media_store()

    def content(self) -> bytes:
        """Its bytes, as its sender would get them back."""
        assert self.sha256 is not None
        opened = open_file(self.submission_id, self.sha256, Reader(None, read=_ALL, identity=_ALL))
        assert opened is not None
        with opened.content as file:
            return file.read()


_ALL = Reach(frozenset({EVERYWHERE}))

#: submission and revision → its files, by name
Files = Mapping[tuple[UUID, int], Mapping[str, Kept]]


def all_files() -> Files:
    """The files of all revisions."""
    found: dict[tuple[UUID, int], dict[str, Kept]] = {}
    for row in db.session.execute(select(table_of(Attachment))):
        found.setdefault((row.submission_id, row.revision), {})[row.name] = _kept(row)
    return found


def _kept(row: Row[Any]) -> Kept:
    return Kept(row.submission_id, row.sha256, row.address)
