"""Uploads under way: so many bytes of a file are on disk, synced; only its sender may go on with it.

The order is what makes an offset true after a power cut: bytes, fsync, then the row. A file longer than
its row says is cut back, for nobody knows what its tail is.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, insert, select, update

from surveyapp import durable
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.media_store import PIECE, Kept, media_store, sha256_of
from surveyapp.submissions.awaited_files import mark_held
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Upload
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of

#: names of tus → Python's; those that a client may choose from
CHECKSUMS = ("sha256", "sha1")


class UploadError(Exception):
    """An upload cannot go on as asked."""


class UnknownUpload(UploadError):
    """There is none of this id, it is somebody else's, or its time is over."""


class UploadBusy(UploadError):
    """Another request writes to it at this moment."""


class WrongOffset(UploadError):
    """The client is at another byte than the server; it must ask."""


class WrongChecksum(UploadError):
    """The bytes are not those that were announced; they are thrown away."""


class UploadTooLarge(UploadError):
    """More bytes than are allowed, or than were announced."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who sends: a device, or somebody with an account."""

    user_id: int | None
    device_id: int | None = None

    def owns(self, table: Table) -> ColumnElement[bool]:
        """The rows that are this one's."""
        if self.device_id is not None:
            return table.c.device_id == self.device_id
        return and_(table.c.sender_id == self.user_id, table.c.device_id.is_(None))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is: `offset` of `size` bytes."""

    id: UUID
    sha256: str
    size: int
    offset: int
    expires_at: datetime

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to be sent."""
        return self.offset == self.size


def create(sha256: str, size: int, owner: Owner) -> Progress:
    """Begin an upload; whole at once when the file is held already. Raises `UploadTooLarge`."""
    settings = settings_of()
    if size > settings.max_upload_bytes:
        raise UploadTooLarge(size)
    held = media_store().holds(sha256, size)
    upload_id = uuid4()
    row: dict[str, object] = {
        "id": upload_id,
        "sha256": sha256,
        "size": size,
        "received": size if held else 0,
        "sender_id": owner.user_id,
        "device_id": owner.device_id,
        "created_at": utc_now(),
        "expires_at": utc_now() + timedelta(hours=settings.upload_hours),
    }
    in_one_transaction(partial(_create, row=row, held=held))
    return progress(upload_id, owner)


def _create(connection: Connection, row: dict[str, object], held: bool) -> None:
    connection.execute(insert(table_of(Upload)).values(**row))
    if held:
        mark_held(connection, [str(row["sha256"])])


def progress(upload_id: UUID, owner: Owner) -> Progress:
    """How far an upload is, by what is really on disk. Raises `UnknownUpload`."""
    table = table_of(Upload)
    mine = (table.c.id == upload_id, owner.owns(table), table.c.expires_at > utc_now())
    with db.engine.connect().execution_options(reads=True) as connection:
        row = connection.execute(select(table).where(*mine)).one_or_none()
    if row is None:
        raise UnknownUpload(upload_id)
    offset = _offset(upload_id, row.sha256, row.size, row.received)
    return Progress(upload_id, row.sha256, row.size, offset, row.expires_at)


def _offset(upload_id: UUID, sha256: str, size: int, received: int) -> int:
    if media_store().holds(sha256, size):
        return size
    part = _part(upload_id)
    on_disk = part.stat().st_size if part.exists() else 0
    return min(received, on_disk, size)


def append(
    upload_id: UUID, owner: Owner, offset: int, source: IO[bytes], checksum: tuple[str, bytes] | None
) -> Progress:
    """Put what a stream brings behind the bytes that are here; they are synced when this returns.

    `checksum`: its kind, one of `CHECKSUMS`, and the digest of these bytes. A stream that breaks off
    (OSError) keeps what it brought, unless there is a checksum to hold. Raises `UploadError`s.
    """
    with _alone(upload_id) as part:
        before = progress(upload_id, owner)
        if before.offset != offset:
            raise WrongOffset(before.offset)
        if before.is_whole:
            return before
        os.ftruncate(part.fileno(), offset)
        part.seek(offset)
        after = offset + _write(part, source, before.size - offset, checksum)
        _commit(before, after)
    return progress(upload_id, owner)


def _write(part: IO[bytes], source: IO[bytes], room: int, checksum: tuple[str, bytes] | None) -> int:
    """Write and sync what came; how many bytes."""
    digest = hashlib.new(checksum[0]) if checksum else None
    written = 0
    for piece in _until_it_breaks(source):
        written += len(piece)
        if written > room:
            raise UploadTooLarge(written)
        part.write(piece)
        if digest:
            digest.update(piece)
    if digest and checksum and digest.digest() != checksum[1]:
        raise WrongChecksum
    part.flush()
    os.fsync(part.fileno())
    return written


def _until_it_breaks(source: IO[bytes]) -> Iterator[bytes]:
    while True:
        try:
            piece = source.read(PIECE)
        except (OSError, EOFError):  # the connection is gone; what came is good
            return
        if not piece:
            return
        yield piece


def _commit(before: Progress, after: int) -> None:
    """Let the row say what is on disk; a whole file moves into the media store first."""
    if after == before.size:
        _take_over(before)
    in_one_transaction(partial(_advance, before=before, after=after))


def _advance(connection: Connection, before: Progress, after: int) -> None:
    table = table_of(Upload)
    connection.execute(update(table).where(table.c.id == before.id).values(received=after))
    if after == before.size:
        mark_held(connection, [before.sha256])


def _take_over(whole: Progress) -> None:
    part = _part(whole.id)
    if sha256_of(part) != whole.sha256:
        part.unlink()  # nothing says which of its bytes are wrong
        raise WrongChecksum
    media_store().adopt(part, Kept(whole.sha256, whole.size))


def terminate(upload_id: UUID, owner: Owner) -> None:
    """Give an upload up; a file that came whole stays. Raises `UnknownUpload`, `UploadBusy`."""
    progress(upload_id, owner)
    with _alone(upload_id):
        _forget(upload_id)


def expire(now: datetime) -> int:
    """Forget the uploads whose time is over, and their bytes; how many there were."""
    table = table_of(Upload)
    with db.engine.connect().execution_options(reads=True) as connection:
        over = connection.scalars(select(table.c.id).where(table.c.expires_at <= now)).all()
    return sum(_expired(upload_id) for upload_id in over)


def _expired(upload_id: UUID) -> bool:
    try:
        with _alone(upload_id):
            _forget(upload_id)
    except UploadBusy:  # the next look finds it
        return False
    return True


def _forget(upload_id: UUID) -> None:
    table = table_of(Upload)
    _part(upload_id).unlink(missing_ok=True)
    in_one_transaction(
        lambda connection: connection.execute(delete(table).where(table.c.id == upload_id))
    )


def _part(upload_id: UUID) -> Path:
    return settings_of().uploads_path / str(upload_id)


@contextmanager
def _alone(upload_id: UUID) -> Iterator[IO[bytes]]:
    """An upload's file, locked against other requests of all processes. Raises `UploadBusy`.

    The kernel lets go of the lock when a process is killed.
    """
    part = _part(upload_id)
    durable.make_folder(part.parent)
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UploadBusy(upload_id) from None
        if not _is_still_there(part, file):
            raise UploadBusy(upload_id)
        try:
            yield file
        finally:
            _drop_if_empty(part, file)


def _is_still_there(part: Path, file: IO[bytes]) -> bool:
    """Whether nobody moved or removed the file between its opening and its locking."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), part.stat())
    except FileNotFoundError:
        return False


def _drop_if_empty(part: Path, file: IO[bytes]) -> None:
    """No empty file stays for an upload that is not there, or whose file was moved."""
    file.flush()
    if part.exists() and part.stat().st_size == 0:
        part.unlink()
