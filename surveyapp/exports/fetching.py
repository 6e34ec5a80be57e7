"""The files of prepared exports: sealed in the media store, opened for whoever may have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Connection, Row

from surveyapp.database import utc_now, will_write
from surveyapp.exports import jobs
from surveyapp.exports.models import JobState
from surveyapp.exports.overtaken import is_overtaken
from surveyapp.exports.rights import NotAllowed, may_fetch
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.people import audit
from surveyapp.submissions import file_sealing
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.transactions import in_one_transaction


class NotThere(LookupError):
    """There is no such file: never made, not finished, somebody else's, or over."""


@dataclass(frozen=True, slots=True)
class OpenedExport:
    """A file to be read and sought in; whoever gets it closes it."""

    content: IO[bytes]
    name: str
    media_type: str
    size: int
    sha256: str


def secret() -> bytes:
    """What files are sealed under; it never changes, as their days are few."""
    return keys_of().derived("export files")


def binding(id_: UUID) -> bytes:
    """What binds a file to its job: laid elsewhere it does not open."""
    return b"export:" + id_.bytes


def open_file(id_: UUID, owner_id: int, *, goes_on: bool = False) -> OpenedExport:
    """The file of somebody's own job, written to the audit log first.

    `goes_on`: it is not read from its beginning. What goes on with a download that broke off is the
    same download and is not told again. Raises `NotThere`, `NotAllowed`, OSError.
    """
    job = jobs.one(id_, owner_id)
    if job is None or job.state != JobState.DONE or job.address is None:
        raise NotThere
    if job.expires_at <= utc_now() or job.outlived or is_overtaken(job):
        raise NotThere
    if not may_fetch(owner_id, job.questionnaire, job.regions, confidential=job.confidential):
        raise NotAllowed
    try:
        source = media_store().open(job.address)
    except FileNotFoundError:
        raise NotThere from None
    if not goes_on or job.fetched_at is None:
        will_write()
        _write_down(job)
    content = file_sealing.opened(secret(), binding(job.id), source)
    return OpenedExport(content, job.name, job.media_type, job.size, job.sha256)


def _write_down(job: Row[Any]) -> None:
    details: dict[str, audit.Detail] = {
        "format": str(job.choices.get("format", "csv")),
        "identity": job.confidential,
        "count": job.total,
    }
    db.session.rollback()  # what was only read would stand in the way on SQLite

    def work(connection: Connection) -> None:
        jobs.note_fetched(connection, job.id)
        audit.record_on(
            connection,
            audit.Action.EXPORT_FETCHED,
            job.questionnaire,
            details,
            user_id=job.owner_id,
        )

    in_one_transaction(work)
