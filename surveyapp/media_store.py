"""Where attachments, and the files of versions, lie: in a folder, each under the SHA-256 of its bytes.

So none is kept twice.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from surveyapp import durable
from surveyapp.wiring import settings_of

#: bytes that are in memory at once
PIECE = 256 * 1024


class TooLarge(ValueError):
    """More bytes came than may be kept; nothing of them is."""


class Kept(NamedTuple):
    """A file that is held: SHA-256 of its bytes in hex, and how many they are."""

    sha256: str
    size: int


class MediaStore:
    """A folder of files named by their content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where a file of this digest (in hex) lies, held or not."""
        return self.folder / sha256[:2] / sha256

    def __contains__(self, sha256: object) -> bool:
        """Whether the bytes of this digest are here, whole."""
        return isinstance(sha256, str) and self.path(sha256).is_file()

    def read(self, sha256: str) -> bytes:
        """The bytes of a digest. Raises OSError if they are not here."""
        return self.path(sha256).read_bytes()

    def keep(self, content: bytes) -> str:
        """Keep bytes for good and return their SHA-256 in hex; on disk before this returns."""
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 in self:
            return sha256
        durable.make_folder(self.path(sha256).parent)
        durable.write(self.path(sha256), content)
        return sha256

    def holds(self, sha256: str, size: int) -> bool:
        """Whether a file of this digest and size is here."""
        file = self.path(sha256)
        return file.is_file() and file.stat().st_size == size

    def keep_stream(self, source: IO[bytes], most: int) -> Kept:
        """Keep what a stream brings, piece by piece, never whole in memory; on disk before this returns.

        For every channel that has an open file or a request's part: `sha256` and `size` of the answer
        are what `NamedFile` wants. Raises `TooLarge` past `most` bytes, and OSError when the disk is
        full; nothing is left behind then.
        """
        durable.make_folder(self.folder)
        aside = self.folder / f".coming.{secrets.token_hex(8)}"
        try:
            return self.adopt(aside, _written(source, aside, most))
        finally:
            aside.unlink(missing_ok=True)

    def adopt(self, file: Path, kept: Kept) -> Kept:
        """Take over a synced file of the same file system under its digest.

        It is moved, or removed where its bytes are here already.
        """
        if kept.sha256 in self:
            file.unlink()
            return kept
        target = self.path(kept.sha256)
        durable.make_folder(target.parent)
        file.replace(target)
        durable.sync_folder(target.parent)
        return kept

    def discard(self, sha256: str) -> None:
        """Remove the bytes of a digest, if they are here."""
        self.path(sha256).unlink(missing_ok=True)


def pieces(source: IO[bytes]) -> Iterator[bytes]:
    """What a stream brings, in pieces that fit into memory."""
    while piece := source.read(PIECE):
        yield piece


def sha256_of(file: Path) -> str:
    """SHA-256 of a file's bytes, in hex; read piece by piece."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _written(source: IO[bytes], aside: Path, most: int) -> Kept:
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        for piece in pieces(source):
            size += len(piece)
            if size > most:
                raise TooLarge(size)
            digest.update(piece)
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    return Kept(digest.hexdigest(), size)


def media_store() -> MediaStore:
    """The store of the current application."""
    return MediaStore(settings_of().media_path)
