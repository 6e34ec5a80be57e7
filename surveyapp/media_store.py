"""Where attachments, and the files of versions, lie: a folder, or a bucket of an S3-compatible service.

The files of versions are told by the SHA-256 of their bytes, and lie as they are. Attachments lie sealed
(`submissions.file_sealing`) at random addresses, each of one owner: none is shared, so that none is
removed while another needs it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple, cast

from flask import Flask, current_app

from surveyapp import durable
from surveyapp.config import BadSetting, Settings

#: bytes that are in memory at once
PIECE = 256 * 1024
_EXTENSION = "surveyapp-media"
_COMING = ".coming"


class Stored(NamedTuple):
    """Something that lies in a store, and since when."""

    address: str
    since: datetime


def new_address(area: str) -> str:
    """An address that nothing has and nobody guesses, in an area (`incoming` …)."""
    return f"{area}/{secrets.token_hex(16)}"


class MediaStore(ABC):
    """Files by their address; each is there whole or not at all."""

    @abstractmethod
    def put(self, address: str, pieces: Iterable[bytes]) -> int:
        """Keep what the pieces are, for good before this returns; how many bytes.

        Raises OSError when it cannot be kept, and whatever the pieces raise; nothing is there then.
        """

    @abstractmethod
    def open(self, address: str) -> IO[bytes]:
        """A file to be read and sought in. Raises FileNotFoundError."""

    @abstractmethod
    def __contains__(self, address: object) -> bool:
        """Whether there is a file of this address."""

    @abstractmethod
    def discard(self, address: str) -> None:
        """Remove a file, if it is there."""

    @abstractmethod
    def listed(self) -> Iterator[Stored]:
        """Everything that lies here, leftovers of killed processes too."""

    def let_go_of_unfinished(self, before: datetime) -> int:
        """Let go of what was begun before a moment, never became whole and is not listed; how many."""
        return 0

    def read(self, address: str) -> bytes:
        """All bytes of a file. Raises FileNotFoundError."""
        with self.open(address) as file:
            return file.read()

    def keep(self, content: bytes) -> str:
        """Keep bytes under their SHA-256 (in hex), and return it: the files of versions."""
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 not in self:
            self.put(sha256, [content])
        return sha256


class FolderStore(MediaStore):
    """A folder of files, in folders by the first two letters of their names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, address: str) -> Path:
        """Where a file of this address lies, held or not."""
        area, _, name = address.rpartition("/")
        if area == "." or area.startswith("./"):  # a leftover, wherever it lies
            return self.folder / address
        return self.folder / area / name[:2] / name

    def put(self, address: str, pieces: Iterable[bytes]) -> int:
        aside = self.folder / _COMING / secrets.token_hex(16)
        durable.make_folder(aside.parent)
        target = self.path(address)
        try:
            size = _written(aside, pieces)
            durable.make_folder(target.parent)
            aside.replace(target)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
        durable.sync_folder(target.parent)
        return size

    def open(self, address: str) -> IO[bytes]:
        return self.path(address).open("rb")

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and self.path(address).is_file()

    def discard(self, address: str) -> None:
        self.path(address).unlink(missing_ok=True)

    def listed(self) -> Iterator[Stored]:
        for file in self.folder.rglob("*"):
            with suppress(FileNotFoundError):  # somebody removed it meanwhile
                if file.is_file():
                    since = datetime.fromtimestamp(file.stat().st_mtime, UTC)
                    yield Stored(self._address(file), since)

    def _address(self, file: Path) -> str:
        lies = file.relative_to(self.folder)
        area = lies.parent.parent.as_posix()
        address = lies.name if area == "." else f"{area}/{lies.name}"
        return address if self.path(address) == file else f"./{lies.as_posix()}"


def pieces(source: IO[bytes]) -> Iterator[bytes]:
    """What a stream brings, in pieces that fit into memory."""
    while piece := source.read(PIECE):
        yield piece


def _written(aside: Path, pieces: Iterable[bytes]) -> int:
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        for piece in pieces:
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
        return target.tell()


def media_store(app: Flask | None = None) -> MediaStore:
    """The store of this (or the current) application."""
    return cast(MediaStore, (app or current_app).extensions[_EXTENSION])


def register_media_store(app: Flask, settings: Settings) -> None:
    """Bind the store that the settings name; it is not looked at yet."""
    app.extensions[_EXTENSION] = (
        _bucket(settings.media_url) if settings.media_url else FolderStore(settings.media_path)
    )


def _bucket(url: str) -> MediaStore:
    try:
        from surveyapp.bucket_store import BucketStore
    except ImportError:
        raise BadSetting("MEDIA_URL: needs the package boto3: pip install 'surveyapp[s3]'") from None
    return BucketStore.of_url(url)
