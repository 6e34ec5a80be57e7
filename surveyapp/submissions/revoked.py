"""What a revoked device may still bring: what it had collected before, within a quota."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Select, func, select

from surveyapp.extensions import db
from surveyapp.people.models import Device
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Attachment, Quarantined, Reason, Submission, Upload
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
    """What a revoked device has brought: quarantined work, its files, and what records lacked before."""
    table = table_of(Quarantined)
    rows = connection.execute(
        select(table.c.size, table.c.brought).where(
            table.c.device_id == device_id, table.c.reason == Reason.REVOKED
        )
    ).all()
    files = sum(file["size"] for row in rows for file in row.brought)
    apart = sum(int(connection.scalar(each) or 0) for each in (_uploaded(device_id), _late(device_id)))
    return Brought(len(rows), sum(row.size for row in rows) + files + apart)


def _uploaded(device_id: int) -> Select[tuple[int]]:
    """The bytes of its uploads, finished or not."""
    uploads = table_of(Upload)
    return select(func.sum(uploads.c.received)).where(uploads.c.device_id == device_id)


def _late(device_id: int) -> Select[tuple[int]]:
    """The bytes of files that came since, not as uploads, for records that it had sent before."""
    attachments, submissions, uploads = table_of(Attachment), table_of(Submission), table_of(Upload)
    own = submissions.join(table_of(Device), submissions.c.device_id == table_of(Device).c.id)
    uploaded = select(uploads.c.sha256).where(uploads.c.device_id == device_id)
    return (
        select(func.sum(attachments.c.size))
        .select_from(own.join(attachments, attachments.c.submission_id == submissions.c.id))
        .where(
            submissions.c.device_id == device_id,
            attachments.c.held_at >= table_of(Device).c.revoked_at,
            attachments.c.sha256.not_in(uploaded),
        )
    )
