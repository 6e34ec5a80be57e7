"""A `.zip` that is written while it is read: nothing is kept but a few hundred bytes for each file."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import Buffer  # `collections.abc` has it from Python 3.12 on


#: of zlib: more makes a file a fifth smaller and takes three times as long (docs/decisions/0036)
COMPRESSION = 1


@dataclass(frozen=True, slots=True)
class Packed:
    """A file that is in the archive: its name, size in bytes, and SHA-256 in hex."""

    name: str
    size: int
    sha256: str


class ArchiveStream:
    """Yields the bytes of a `.zip` as its files come in.

    Sizes are unknown beforehand, so each file is followed by its data descriptor, in Zip64 format (a
    file may pass 4 GiB). The archive's directory comes last: a download that was cut off is no `.zip`.
    """

    def __init__(self, modified: datetime) -> None:
        self.packed: list[Packed] = []
        self._flow = Flow()
        self._zip, self._info = self._begun(self._flow)
        self._modified = modified

    def _begun(self, flow: Flow) -> tuple[Any, Any]:
        """The archive, and the class of its entries.

        One that is given up, even unused, writes its directory: only one may ever be made over a flow.
        """
        return zipfile.ZipFile(flow, "w", zipfile.ZIP_DEFLATED), zipfile.ZipInfo

    def file(self, name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Add a file; yields what of the archive is ready."""
        digest = hashlib.sha256()
        size = 0
        with self._zip.open(self._entry(name), "w", force_zip64=True) as member:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                member.write(chunk)
                yield from self._flow.drained()
        yield from self._flow.drained()
        self.packed.append(Packed(name, size, digest.hexdigest()))

    def bulk(self, name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Add one of many files as it is; another list than `packed` tells of it.

        Pictures and films are packed already.
        """
        entry = self._entry(name)
        entry.compress_type = zipfile.ZIP_STORED
        with self._zip.open(entry, "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(chunk)
                yield from self._flow.drained()
        yield from self._flow.drained()

    def end(self) -> Iterator[bytes]:
        """The directory; without it the archive is not whole."""
        self._zip.close()
        yield from self._flow.drained()

    def _entry(self, name: str) -> Any:
        entry = self._info(name, self._modified.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        # an entry that is given is packed by its own level, not by the archive's; 3.13 made it public
        level = "compress_level" if hasattr(entry, "compress_level") else "_compresslevel"
        setattr(entry, level, COMPRESSION)
        return entry


class Flow(io.RawIOBase):
    """What `zipfile` writes to: it can only be written, and is emptied after each piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: Buffer) -> int:
        self._pieces.append(bytes(piece))
        return len(self._pieces[-1])

    def close(self) -> None:
        """Nothing: an archive that is given up half-way still writes its end."""

    def drained(self) -> Iterator[bytes]:
        """What was written since the last time, if anything."""
        joined = b"".join(self._pieces)
        self._pieces.clear()
        if joined:
            yield joined
