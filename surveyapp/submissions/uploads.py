"""Uploads under way: so many bytes of a file are kept; only its sender may go on with it.

Bytes are kept in parts, each synced and sealed before the row that tells of it is written: what a row
says is here is here, also after a power cut. A part's key is the offset that it begins at, so that of
two requests at the same byte one finds the other's part, and asks where to go on. No lock is held while
a request waits for a slow phone, and a server that is killed loses less than one part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import new as new_digest
from hashlib import sha256 as sha256_of
from time import monotonic
from typing import IO, Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.media_store import media_store, new_address, pieces
from surveyapp.submissions import awaited_files, file_sealing, kept_files, taking_in
from surveyapp.submissions.inserting import insert_all, table_of
from surveyapp.submissions.kept_files import Brought
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Attachment, Submission, Upload, UploadPart
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of

#: names of tus → Python's; those that a client may choose from
CHECKSUMS = ("sha256", "sha1")
#: a part is closed when it is so large, or was so long under way (bytes, seconds)
PART_BYTES = 1024 * 1024
PART_SECONDS = 5.0
#: bytes that are asked of a connection at once; a slow one takes seconds to bring them
_READ = 16 * 1024
_AREA = "parts"
#: digest of no bytes: a camera that fails leaves such files
_EMPTY = sha256_of(b"").hexdigest()
_PURPOSE = "uploads under way"


class UploadError(Exception):
    """An upload cannot go on as asked."""


class UnknownUpload(UploadError):
    """There is none of this id, it is somebody else's, or its time is over."""


class WrongOffset(UploadError):
    """The client is at another byte than the server; it must ask."""


class WrongChecksum(UploadError):
    """The bytes are not those that were announced; they are thrown away."""


class UploadTooLarge(UploadError):
    """More bytes than are allowed, or than were announced."""


class TooManyUploads(UploadError):
    """The sender has begun more than may be under way at once."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who sends: a device, somebody with an account, or anybody (by a start token of this number)."""

    user_id: int | None
    device_id: int | None = None
    start: str | None = None

    def owns(self, table: Table) -> ColumnElement[bool]:
        """The rows that are this one's."""
        if self.device_id is not None:
            return table.c.device_id == self.device_id
        theirs = and_(table.c.sender_id == self.user_id, table.c.device_id.is_(None))
        if self.is_anybody and "start" in table.c:
            return and_(theirs, table.c.start == self.start)
        return theirs

    @property
    def is_anybody(self) -> bool:
        """Whether only a start token tells them from others."""
        return self.user_id is None and self.device_id is None

    def began(self, table: Table) -> ColumnElement[bool]:
        """The rows that are counted as this one's: families do not stop each other."""
        return table.c.start == self.start if self.start else self.owns(table)

    @property
    def key(self) -> str:
        """Whose its files are."""
        return kept_files.owner_of(self.user_id, self.device_id)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is: `offset` of `size` bytes."""

    id: UUID
    sha256: str
    size: int
    offset: int
    expires_at: datetime
    owner: Owner

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to be sent."""
        return self.offset == self.size


# --- beginning, looking, ending -------------------------------------------------------------------


def create(sha256: str, size: int, owner: Owner) -> Progress:
    """Begin an upload; whole at once when its sender has brought the file already, or it is empty.

    Raises `UploadTooLarge`, `TooManyUploads`, `WrongChecksum` (of an empty file).
    """
    settings = settings_of()
    if size > settings.max_upload_bytes:
        raise UploadTooLarge(size)
    if size == 0 and sha256 != _EMPTY:
        raise WrongChecksum
    row: dict[str, Any] = {
        "id": uuid4(),
        "sha256": sha256,
        "size": size,
        "received": 0,
        "sender_id": owner.user_id,
        "device_id": owner.device_id,
        "start": owner.start,
        "created_at": utc_now(),
        "expires_at": utc_now() + timedelta(hours=settings.upload_hours),
    }
    healed = in_one_transaction(partial(_create, row=row, owner=owner, most=settings.max_uploads))
    taking_in.take_in(healed if size else healed | _bring_empty(owner))
    return progress(row["id"], owner)


def _bring_empty(owner: Owner) -> set[UUID]:
    """Hold a file without bytes, which nothing is sent of: a record that names one is complete then."""
    brought = kept_files.put(())
    kept = in_one_transaction(partial(kept_files.keep, owner=owner.key, brought=[brought]))
    if kept[_EMPTY].address != brought.address:
        kept_files.discard([brought.address])
    return awaited_files.notice(owner.key, _EMPTY)


def _create(connection: Connection, row: dict[str, Any], owner: Owner, most: int) -> set[UUID]:
    if _under_way(connection, owner) >= most:
        raise TooManyUploads(most)
    may_be_told = not owner.is_anybody or _has_brought(connection, owner, row)
    wanted = [row["sha256"]] if may_be_told else []
    kept = kept_files.held_for(connection, owner.key, wanted).get(row["sha256"])
    held = kept is not None and kept.size == row["size"]
    filed = may_be_told and not held and _is_filed(connection, owner, row["sha256"], row["size"])
    received = row["size"] if held or filed else 0
    connection.execute(insert(table_of(Upload)).values(**row | {"received": received}))
    return awaited_files.mark_held(connection, owner.key, kept) if held and kept else set()


def _has_brought(connection: Connection, owner: Owner, row: dict[str, Any]) -> bool:
    """Whether a whole upload of this file is this start token's own: all others share one owner."""
    table = table_of(Upload)
    same = (table.c.sha256 == row["sha256"], table.c.size == row["size"])
    whole = exists().where(owner.owns(table), *same, table.c.received == table.c.size)
    return bool(connection.scalar(select(whole)))


def _under_way(connection: Connection, owner: Owner) -> int:
    table = table_of(Upload)
    open_ones = (owner.began(table), table.c.expires_at > utc_now(), table.c.received < table.c.size)
    return connection.scalar(select(func.count()).select_from(table).where(*open_ones)) or 0


def _is_filed(connection: Connection, owner: Owner, sha256: str, size: int) -> bool:
    """Whether every submission of the owner's that names the file has it already (one at least)."""
    table, submissions = table_of(Attachment), table_of(Submission)
    query = (
        select(table.c.held_at)
        .join(submissions, submissions.c.id == table.c.submission_id)
        .where(owner.owns(submissions), table.c.sha256 == sha256, table.c.size == size)
    )
    held = list(connection.scalars(query))
    return bool(held) and all(held)


def progress(upload_id: UUID, owner: Owner) -> Progress:
    """How far an upload is. Raises `UnknownUpload`."""
    table = table_of(Upload)
    mine = (table.c.id == upload_id, owner.owns(table), table.c.expires_at > utc_now())
    with db.engine.connect().execution_options(reads=True) as connection:
        row = connection.execute(select(table).where(*mine)).one_or_none()
    if row is None:
        raise UnknownUpload(upload_id)
    return Progress(row.id, row.sha256, row.size, row.received, row.expires_at, owner)


def terminate(upload_id: UUID, owner: Owner) -> None:
    """Give an upload up; a file that came whole stays. Raises `UnknownUpload`."""
    _forget(progress(upload_id, owner).id)


def expire(now: datetime) -> int:
    """Forget the uploads whose time is over, and their bytes; how many there were."""
    table = table_of(Upload)
    with db.engine.connect().execution_options(reads=True) as connection:
        over = connection.scalars(select(table.c.id).where(table.c.expires_at <= now)).all()
    for upload_id in over:
        _forget(upload_id)
    return len(over)


def _forget(upload_id: UUID) -> None:
    def work(connection: Connection) -> list[str]:
        table = table_of(Upload)
        addresses = _drop_parts(connection, upload_id)
        connection.execute(delete(table).where(table.c.id == upload_id))
        return addresses

    kept_files.discard(in_one_transaction(work))


def _drop_parts(connection: Connection, upload_id: UUID) -> list[str]:
    parts = table_of(UploadPart)
    gone = delete(parts).where(parts.c.upload_id == upload_id).returning(parts.c.address)
    return list(connection.scalars(gone))


# --- appending --------------------------------------------------------------------------------------


def append(
    upload_id: UUID, owner: Owner, offset: int, source: IO[bytes], checksum: tuple[str, bytes] | None
) -> Progress:
    """Put what a stream brings behind the bytes that are here; they are kept when this returns.

    `checksum`: its kind, one of `CHECKSUMS`, and the digest of these bytes. A stream that breaks off
    (OSError, EOFError) keeps what it brought, unless there is a checksum to hold. Raises `UploadError`s.
    """
    before = progress(upload_id, owner)
    if before.offset != offset:
        raise WrongOffset(before.offset)
    if before.is_whole:
        return before
    if checksum:
        _append_checked(before, source, checksum)
    else:
        at = before.offset
        for content in _contents(source, before.size - before.offset):
            _tell(before, [_put(before, at, content)])
            at += len(content)
    return progress(upload_id, owner)


def _append_checked(before: Progress, source: IO[bytes], checksum: tuple[str, bytes]) -> None:
    """Tell of the parts only when all of them have come and are right."""
    digest, at = new_digest(checksum[0]), before.offset
    parts: list[_Part] = []
    try:
        for content in _contents(source, before.size - before.offset):
            digest.update(content)
            parts.append(_put(before, at, content))
            at += len(content)
        if digest.digest() != checksum[1]:
            raise WrongChecksum
    except BaseException:
        kept_files.discard(part.address for part in parts)
        raise
    if parts:
        _tell(before, parts)


def _contents(source: IO[bytes], room: int) -> Iterator[bytes]:
    """What a stream brings, in pieces that each become a part. Raises `UploadTooLarge`."""
    held, began = bytearray(), monotonic()
    for piece in _until_it_breaks(source):
        room -= len(piece)
        if room < 0:
            raise UploadTooLarge
        held += piece
        if len(held) >= PART_BYTES or monotonic() - began >= PART_SECONDS:
            yield bytes(held)
            held, began = bytearray(), monotonic()
    if held:
        yield bytes(held)


def _until_it_breaks(source: IO[bytes]) -> Iterator[bytes]:
    while True:
        try:
            piece = source.read(_READ)
        except (OSError, EOFError):  # the connection is gone; what came is good
            return
        if not piece:
            return
        yield piece


@dataclass(frozen=True, slots=True)
class _Part:
    """Bytes of an upload that are kept."""

    offset: int
    size: int
    address: str


def _put(upload: Progress, offset: int, content: bytes) -> _Part:
    address = new_address(_AREA)
    secret = keys_of().derived(_PURPOSE)
    media_store().put(address, file_sealing.sealed(secret, _binding(upload.id, offset), [content]))
    return _Part(offset, len(content), address)


def _binding(upload_id: UUID, offset: int) -> bytes:
    return f"{upload_id}:{offset}".encode()


def _tell(upload: Progress, parts: Sequence[_Part]) -> None:
    """Let the rows tell of parts; the last ones make the file whole. Raises `WrongOffset`."""
    end = parts[-1].offset + parts[-1].size
    addresses = [part.address for part in parts]
    whole = None
    try:
        if end == upload.size:
            whole = _put_together(upload, parts)
        surplus = in_one_transaction(partial(_advance, upload=upload, parts=parts, whole=whole))
    except UploadError:
        kept_files.discard([*addresses, *([whole.address] if whole else [])])
        raise
    kept_files.discard(surplus)
    if whole:
        taking_in.take_in(awaited_files.notice(upload.owner.key, whole.sha256))


def _advance(
    connection: Connection, upload: Progress, parts: Sequence[_Part], whole: Brought | None
) -> list[str]:
    """Write the rows; addresses that are not needed any more. Raises `WrongOffset`."""
    table = table_of(Upload)
    end = parts[-1].offset + parts[-1].size
    here = (table.c.id == upload.id, table.c.received == parts[0].offset)
    if not connection.execute(
        update(table).where(*here).values(received=end).returning(table.c.id)
    ).all():
        raise WrongOffset(parts[0].offset)
    if whole is None:
        rows = [_part_row(upload.id, part) for part in parts]
        insert_all(connection, UploadPart, rows)
        return []
    surplus = [*_drop_parts(connection, upload.id), *(part.address for part in parts)]
    kept = kept_files.keep(connection, upload.owner.key, [whole])[whole.sha256]
    if kept.address != whole.address:
        surplus.append(whole.address)
    return surplus


def _part_row(upload_id: UUID, part: _Part) -> dict[str, Any]:
    return {
        "upload_id": upload_id,
        "offset": part.offset,
        "size": part.size,
        "address": part.address,
    }


# --- the whole file ---------------------------------------------------------------------------------


def _put_together(upload: Progress, last: Sequence[_Part]) -> Brought:
    """The whole file, kept for its sender. Raises `WrongChecksum`: its parts are thrown away then.

    Another request may have been at the same byte, and its part be told of already: then the file is
    still that one's, however wrong ours is. Raises `WrongOffset`.
    """
    try:
        brought = kept_files.put(_joined(upload.id, [*_parts_before(upload.id, last[0].offset), *last]))
    except FileNotFoundError:  # another request has put it together, or it was given up
        raise WrongOffset(last[0].offset) from None
    if (brought.sha256, brought.size) != (upload.sha256, upload.size):
        kept_files.discard([brought.address])
        anew = partial(_begin_anew, upload_id=upload.id, offset=last[0].offset)
        kept_files.discard(in_one_transaction(anew))
        raise WrongChecksum  # nothing says which of its bytes are wrong
    return brought


def _parts_before(upload_id: UUID, offset: int) -> list[_Part]:
    table = table_of(UploadPart)
    before = (table.c.upload_id == upload_id, table.c.offset < offset)
    query = select(table).where(*before).order_by(table.c.offset)
    with db.engine.connect().execution_options(reads=True) as connection:
        rows: Sequence[Row[Any]] = connection.execute(query).all()
    return [_Part(row.offset, row.size, row.address) for row in rows]


def _joined(upload_id: UUID, parts: Sequence[_Part]) -> Iterator[bytes]:
    secret = keys_of().derived(_PURPOSE)
    for part in parts:
        with file_sealing.opened(
            secret, _binding(upload_id, part.offset), media_store().open(part.address)
        ) as content:
            yield from pieces(content)


def _begin_anew(connection: Connection, upload_id: UUID, offset: int) -> list[str]:
    """Throw its parts away, unless another request has gone on from this byte. Raises `WrongOffset`."""
    table = table_of(Upload)
    here = (table.c.id == upload_id, table.c.received == offset)
    if not connection.execute(update(table).where(*here).values(received=0).returning(table.c.id)).all():
        raise WrongOffset(offset)
    return _drop_parts(connection, upload_id)
