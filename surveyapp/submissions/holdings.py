"""What the server holds, as its rows say: all that a receipt is made of."""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, Row, select

from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Attachment, Quarantined, Submission

#: code of the error that says: the answers name a file that was not announced, so nobody knows which
UNANNOUNCED = "unannounced"
QuarantineKey: TypeAlias = tuple[UUID, bytes]


@dataclass(frozen=True, slots=True)
class Held:
    """A submission's current revision, or quarantined work (`revision` None)."""

    submission_id: UUID
    revision: int | None
    content_digest: bytes
    received_at: datetime
    receipt_code: str
    #: SHA-256 (hex) of the attachments that are not here yet
    missing: tuple[str, ...] = ()
    #: whether every file that the answers name is known, so that it can be here at all
    announced: bool = True

    @property
    def whole(self) -> bool:
        """Whether every attachment is here too."""
        return self.announced and not self.missing


def held_submissions(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Held]:
    """What is held of submissions, by id; those that are not stored are left out."""
    if not ids:
        return {}
    missing = _missing_files(connection, ids)
    table = table_of(Submission)
    columns = (
        table.c.id,
        table.c.revision,
        table.c.content_digest,
        table.c.received_at,
        table.c.receipt_code,
        table.c.errors,
    )
    rows = connection.execute(select(*columns).where(table.c.id.in_(ids)))
    return {row.id: _held(row, missing.get(row.id, ())) for row in rows}


def _held(row: Row[*tuple[Any, ...]], missing: tuple[str, ...]) -> Held:
    announced = not any(error["code"] == UNANNOUNCED for error in row.errors)
    return Held(
        row.id,
        row.revision,
        row.content_digest,
        row.received_at,
        row.receipt_code,
        missing,
        announced,
    )


def _missing_files(connection: Connection, ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    table = table_of(Attachment)
    rows = connection.execute(
        select(table.c.submission_id, table.c.sha256)
        .where(table.c.submission_id.in_(ids), table.c.held_at.is_(None))
        .order_by(table.c.submission_id, table.c.name)
    )
    missing: dict[UUID, list[str]] = {}
    for row in rows:
        missing.setdefault(row.submission_id, []).append(row.sha256)
    return {key: tuple(dict.fromkeys(hashes)) for key, hashes in missing.items()}


def held_quarantined(
    connection: Connection, ids: Collection[UUID], held_files: Container[str]
) -> dict[QuarantineKey, Held]:
    """What is held of quarantined work under these ids, by id and digest as it was sent.

    `held_files` tells of a file's SHA-256 whether the media store holds it.
    """
    if not ids:
        return {}
    table = table_of(Quarantined)
    columns = (
        table.c.submission_id,
        table.c.content_digest,
        table.c.received_at,
        table.c.receipt_code,
        table.c.files,
    )
    rows = connection.execute(
        select(*columns).where(table.c.submission_id.in_(ids)).order_by(table.c.serial)
    )
    return {
        (row.submission_id, row.content_digest): Held(
            row.submission_id,
            None,
            row.content_digest,
            row.received_at,
            row.receipt_code,
            tuple(sha256 for sha256 in row.files if sha256 not in held_files),
        )
        for row in rows
    }
