"""Files that have come and that no submission has taken in yet, each held for whoever brought it.

They lie sealed under a key of the installation: whose they are is not known yet. Only whoever brought
a file can name it as held: a hash alone neither tells that somebody else has the file, nor gives it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, TypeAlias
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, select, update

from surveyapp.database import utc_now
from surveyapp.media_store import MediaStore, media_store, new_address
from surveyapp.submissions import file_sealing
from surveyapp.submissions.inserting import insert_new, table_of
from surveyapp.submissions.keys import Keys, keys_of
from surveyapp.submissions.models import Attachment, KeptFile, Quarantined
from surveyapp.submissions.verdicts import Sender

INCOMING = "incoming"
_PURPOSE = "files that have come"


class TooLarge(ValueError):
    """More bytes came than may be kept; nothing of them is."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A file that has come: SHA-256 of its bytes in hex, how many they are, where they lie."""

    sha256: str
    size: int
    address: str


#: SHA-256 → the file that is held
Held: TypeAlias = Mapping[str, Brought]


def owner_of(user_id: int | None, device_id: int | None) -> str:
    """Whose a file is, as `KeptFile` tells it. Those without an account never choose a hash."""
    if device_id is not None:
        return f"device:{device_id}"
    return "anybody" if user_id is None else f"user:{user_id}"


def owner_of_sender(sender: Sender) -> str:
    """Whose the files are that a sender brings."""
    return owner_of(sender.user_id, sender.device_id)


# --- bytes ------------------------------------------------------------------------------------------


def put(pieces: Iterable[bytes], *, most: int | None = None) -> Brought:
    """Keep what comes, sealed, piece by piece; on disk before this returns. Nothing is told of it yet.

    Raises `TooLarge` past `most` bytes, OSError, and whatever the pieces raise; nothing is left then.
    """
    address = new_address(INCOMING)
    counted = _Counted(pieces, most)
    media_store().put(address, file_sealing.sealed(_secret(keys_of()), address.encode(), counted))
    return Brought(counted.digest.hexdigest(), counted.size, address)


class _Counted:
    """Pieces that are counted and digested while they pass."""

    def __init__(self, pieces: Iterable[bytes], most: int | None) -> None:
        self._pieces, self._most = pieces, most
        self.size = 0
        self.digest = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.size += len(piece)
            if self._most is not None and self.size > self._most:
                raise TooLarge(self.size)
            self.digest.update(piece)
            yield piece


def open_at(keys: Keys, address: str, store: MediaStore | None = None) -> IO[bytes]:
    """A file that has come, as it was sent. Raises FileNotFoundError, `sealing.CannotOpen`.

    One that an older edition kept lies as it is.
    """
    file = (store or media_store()).open(address)
    if not address.startswith(f"{INCOMING}/"):
        return file
    return file_sealing.opened(_secret(keys), address.encode(), file)


def _secret(keys: Keys) -> bytes:
    return keys.derived(_PURPOSE)


# --- rows -------------------------------------------------------------------------------------------


def keep(connection: Connection, owner: str, brought: Sequence[Brought]) -> Held:
    """Hold files for their owner; what is held of them then: a file that was held already stays.

    The rows are locked until the transaction is over, so that nobody lets go of them meanwhile.
    """
    table = table_of(KeptFile)
    first = {file.sha256: file for file in reversed(brought)}
    rows = [_row(owner, first[sha256]) for sha256 in sorted(first)]
    insert_new(connection, KeptFile, rows, key=["owner", "sha256"])
    mine = (table.c.owner == owner, table.c.sha256.in_(first))
    connection.execute(update(table).where(*mine).values(kept_at=utc_now()))
    return held_for(connection, owner, first)


def _row(owner: str, file: Brought) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "owner": owner,
        "sha256": file.sha256,
        "size": file.size,
        "address": file.address,
        "kept_at": utc_now(),
    }


def held_for(connection: Connection, owner: str, sha256s: Collection[str]) -> Held:
    """Those that are held for an owner; locked as `keep` does."""
    if not sha256s:
        return {}
    table = table_of(KeptFile)
    rows = connection.execute(
        select(table.c.sha256, table.c.size, table.c.address)
        .where(table.c.owner == owner, table.c.sha256.in_(sha256s))
        .order_by(table.c.sha256)
        .with_for_update(read=True)
    )
    return {row.sha256: Brought(*row) for row in rows}


def held_by_owner(connection: Connection, wanted: Mapping[str, Collection[str]]) -> set[tuple[str, str]]:
    """Owner and SHA-256 of those among the wanted that are held; owner → SHA-256 wanted."""
    named = {sha256 for some in wanted.values() for sha256 in some}
    if not named:
        return set()
    table = table_of(KeptFile)
    query = select(table.c.owner, table.c.sha256).where(
        table.c.owner.in_(wanted), table.c.sha256.in_(named)
    )
    return {(row.owner, row.sha256) for row in connection.execute(query)}


def is_held(connection: Connection, owner: str, sha256: str, size: int) -> bool:
    """Whether a file of this digest and size is held for an owner."""
    table = table_of(KeptFile)
    query = select(table.c.id).where(
        table.c.owner == owner, table.c.sha256 == sha256, table.c.size == size
    )
    return connection.execute(query).first() is not None


# --- letting go -------------------------------------------------------------------------------------


def let_go(
    connection: Connection, addresses: Collection[str], before: datetime | None = None
) -> list[str]:
    """Forget the files at these addresses that nobody needs any more; which they are.

    Their bytes are to be discarded once the transaction is committed. `before`: only those that came
    before.
    """
    table = table_of(KeptFile)
    query = select(table).where(table.c.address.in_(addresses)).order_by(table.c.address)
    if before is not None:
        query = query.where(table.c.kept_at < before)
    # first the lock, then the look: a row that somebody is taking in is waited for
    locked = connection.execute(query.with_for_update()).all()
    needed = _needed(connection, locked)
    free = [row for row in locked if row.address not in needed]
    connection.execute(delete(table).where(table.c.id.in_([row.id for row in free])))
    return [row.address for row in free]


def surplus(connection: Connection, brought: Sequence[Brought]) -> list[str]:
    """Where those lie among the files of a request that nothing needs, now that it was received.

    Copies of a record bring its files again and again.
    """
    addresses = {file.address for file in brought}
    let_go(connection, addresses)
    table = table_of(KeptFile)
    kept = connection.scalars(select(table.c.address).where(table.c.address.in_(addresses)))
    return sorted(addresses - set(kept))


def _needed(connection: Connection, rows: Sequence[Row[Any]]) -> set[str]:
    table = table_of(Attachment)
    addresses = [row.address for row in rows]
    filed = connection.scalars(select(table.c.address).where(table.c.address.in_(addresses)))
    waiting = {owner: set(named_in_quarantine(connection, owner)) for owner in {r.owner for r in rows}}
    return {*filed, *(row.address for row in rows if row.sha256 in waiting[row.owner])}


def named_in_quarantine(connection: Connection, owner: str) -> Iterator[str]:
    """SHA-256 of the files that an owner's work in quarantine names, decided over or not."""
    table = table_of(Quarantined)
    kind, _, number = owner.partition(":")
    whose = {
        "user": (table.c.sender_id == int(number or 0)) & table.c.device_id.is_(None),
        "device": table.c.device_id == int(number or 0),
        "anybody": table.c.sender_id.is_(None) & table.c.device_id.is_(None),
    }[kind]
    for files in connection.scalars(select(table.c.files).where(whose, table.c.data_key.is_not(None))):
        yield from files


def named_by_owners(connection: Connection) -> dict[str, set[str]]:
    """Owner → SHA-256 of the files that their work in quarantine names, without what was erased."""
    table = table_of(Quarantined)
    rows = connection.execute(
        select(table.c.sender_id, table.c.device_id, table.c.files).where(table.c.data_key.is_not(None))
    )
    named: dict[str, set[str]] = {}
    for row in rows:
        if row.files:
            named.setdefault(owner_of(row.sender_id, row.device_id), set()).update(row.files)
    return named


def discard(addresses: Iterable[str], store: MediaStore | None = None) -> None:
    """Remove the bytes at these addresses; no row may tell of them any more."""
    store = store or media_store()
    for address in addresses:
        store.discard(address)


def binding(row: Row[Any] | Attachment) -> bytes:
    """What a file that was taken in is bound to: the submission, and its bytes as they were sent."""
    return f"attachment:{row.submission_id}:{row.sha256}".encode()
