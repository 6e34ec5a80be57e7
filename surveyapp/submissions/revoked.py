"""What a revoked device may still bring: what it had collected before, within a quota."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from surveyapp.extensions import db
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Quarantined, Reason, Upload
from surveyapp.wiring import settings_of


class Brought(NamedTuple):
    """What a device has brought since it was revoked: records, and the bytes of these and of files."""

    records: int
    size: int


def has_room(device_id: int) -> bool:
    """Whether work of a revoked device is still taken to quarantine.

    A phone that was stolen must not fill the disk. A request that was let in is taken whole.
    """
    settings = settings_of()
    with db.engine.connect().execution_options(reads=True) as connection:
        brought = brought_by(connection, device_id)
    return brought.records < settings.revoked_max_records and brought.size < settings.revoked_max_bytes


def brought_by(connection: Connection, device_id: int) -> Brought:
    """What a revoked device has brought, files of quarantined work and uploads too."""
    table = table_of(Quarantined)
    rows = connection.execute(
        select(table.c.size, table.c.brought).where(
            table.c.device_id == device_id, table.c.reason == Reason.REVOKED
        )
    ).all()
    uploads = table_of(Upload)
    uploaded = select(func.coalesce(func.sum(uploads.c.received), 0)).where(
        uploads.c.device_id == device_id
    )
    files = sum(file["size"] for row in rows for file in row.brought)
    size = sum(row.size for row in rows) + files + int(connection.scalar(uploaded) or 0)
    return Brought(len(rows), size)
