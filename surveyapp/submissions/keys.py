"""The keys of an installation: one file beside the database, never in it and never in its backup.

What each key is for:

* **wrapping keys** (AES-256) wrap the data key of each submission. `surveyapp key rotate` makes a new
  one; older ones stay in the file until no row needs them.
* the **commitment key** makes digests and commitments (HMAC-SHA-256) that nobody can guess names by.
* the **receipt key** (Ed25519) signs receipts. Like the commitment key it is never rotated: every copy
  of a receipt must come out byte for byte the same, for years.
* the **derivation key** yields the secrets of other purposes (sessions, passwords, invitations).
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, current_app

from surveyapp import durable
from surveyapp.config import BadSetting, Settings
from surveyapp.database import utc_now
from surveyapp.people.keys import provide_keys
from surveyapp.submissions.sealed_rows import anything_is_sealed

KEY_BYTES = 32
FORMAT = 1
_EXTENSION = "surveyapp-keys"


class KeyFileError(BadSetting):
    """The key file is missing, damaged or open to others; the message says what to do."""


class KeyMissing(LookupError):
    """Something was sealed under a wrapping key that the key file does not hold."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"the key file holds no wrapping key {key_id}")


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of the installation; their bytes never show in a `repr`."""

    #: key id → 32 bytes
    wrapping: Mapping[str, bytes] = field(repr=False)
    #: id of the wrapping key that new data keys are wrapped by
    current: str
    #: key id → since when it is no longer the current one
    retired: Mapping[str, datetime]
    commitment: bytes = field(repr=False)
    receipt: bytes = field(repr=False)
    derivation: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Keys:
        """Fresh random keys."""
        key_id = _new_id()
        return cls(
            wrapping={key_id: secrets.token_bytes(KEY_BYTES)},
            current=key_id,
            retired={},
            commitment=secrets.token_bytes(KEY_BYTES),
            receipt=secrets.token_bytes(KEY_BYTES),
            derivation=secrets.token_bytes(KEY_BYTES),
        )

    def wrapping_key(self, key_id: str) -> bytes:
        """The wrapping key of that id. Raises `KeyMissing`."""
        try:
            return self.wrapping[key_id]
        except KeyError:
            raise KeyMissing(key_id) from None

    def signing_key(self) -> Ed25519PrivateKey:
        """The key that signs receipts."""
        return Ed25519PrivateKey.from_private_bytes(self.receipt)

    def derived(self, purpose: str) -> bytes:
        """32 bytes for a purpose (`session`, `invitation` …), always the same (HKDF-SHA-256)."""
        info = f"surveyapp/{purpose}".encode()
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(self.derivation)

    def with_new_wrapping_key(self) -> Keys:
        """The same keys with a fresh wrapping key in front; the former one is retired."""
        key_id = _new_id()
        return replace(
            self,
            wrapping={**self.wrapping, key_id: secrets.token_bytes(KEY_BYTES)},
            current=key_id,
            retired={**self.retired, self.current: utc_now()},
        )

    def without(self, key_ids: set[str]) -> Keys:
        """The same keys without some retired wrapping keys."""
        gone = key_ids - {self.current}
        return replace(
            self,
            wrapping={name: key for name, key in self.wrapping.items() if name not in gone},
            retired={name: at for name, at in self.retired.items() if name not in gone},
        )

    def to_json(self) -> str:
        """The content of the key file."""
        content = {
            "format": FORMAT,
            "current": self.current,
            "wrapping_keys": {name: _text(key) for name, key in self.wrapping.items()},
            "retired": {name: at.isoformat() for name, at in self.retired.items()},
            "commitment_key": _text(self.commitment),
            "receipt_key": _text(self.receipt),
            "derivation_key": _text(self.derivation),
        }
        return json.dumps(content, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Keys:
        """The keys in the content of a key file. Raises `ValueError` when it is not one."""
        content: Any = json.loads(text)
        try:
            return cls._read(content)
        except (KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise ValueError(f"not a key file: {type(error).__name__}") from None

    @classmethod
    def _read(cls, content: Any) -> Keys:
        if content["format"] != FORMAT:
            raise ValueError(f"a key file of format {content['format']}; this program reads {FORMAT}")
        wrapping = {name: _bytes(text) for name, text in content["wrapping_keys"].items()}
        if content["current"] not in wrapping:
            raise ValueError("not a key file: its current wrapping key is missing")
        return cls(
            wrapping=wrapping,
            current=content["current"],
            retired={name: datetime.fromisoformat(at) for name, at in content["retired"].items()},
            commitment=_bytes(content["commitment_key"]),
            receipt=_bytes(content["receipt_key"]),
            derivation=_bytes(content["derivation_key"]),
        )


def _new_id() -> str:
    return f"{utc_now():%Y-%m-%d}-{secrets.token_hex(3)}"


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _bytes(text: str) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key of {len(key)} bytes instead of {KEY_BYTES}")
    return key


class KeyFile:
    """The keys on disk, read again whenever the file is replaced (`key rotate` under a live server).

    A missing file is made on first use; but never when something in the database was sealed already:
    new keys would open none of it, and the loss would show only when it is too late.
    """

    def __init__(self, path: Path, anything_is_sealed: Callable[[], bool]) -> None:
        self.path = path
        self._path_text = str(path)
        self._anything_is_sealed = anything_is_sealed
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._keys: Keys | None = None

    def keys(self) -> Keys:
        """The keys as they stand in the file. Raises `KeyFileError`."""
        with self._lock:
            state = self._state() or self._make()
            if self._keys is None or state != self._seen:
                self._keys = self._load()
                self._seen = state
            return self._keys

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the file against other processes that change it; they wait."""
        # the folder is locked, not the file: `replace` puts another file in its place
        descriptor = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def replace(self, keys: Keys) -> None:
        """Write other keys in the place of these, whole or not at all."""
        durable.write(self.path, keys.to_json().encode())

    def _state(self) -> tuple[int, int, int] | None:
        try:
            found = os.stat(self._path_text)  # noqa: PTH116  # every record asks, and `Path.stat` costs more
        except FileNotFoundError:
            return None
        if found.st_mode & 0o007:
            raise KeyFileError(f"{self.path} can be read by everybody: chmod 600 {self.path}")
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _load(self) -> Keys:
        try:
            return Keys.from_json(self.path.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            raise KeyFileError(f"{self.path} cannot be used: {error}") from None

    def _make(self) -> tuple[int, int, int]:
        if self._anything_is_sealed():
            raise KeyFileError(
                f"{self.path} is missing, but the database holds submissions sealed under its keys: "
                "put the file back from its backup (new keys could not open them)"
            )
        durable.make_folder(self.path.parent)
        aside = durable.write_aside(self.path, Keys.new().to_json().encode())
        try:
            os.link(aside, self.path)  # unlike a rename it fails when another process was first
        except FileExistsError:
            pass
        finally:
            aside.unlink()
        durable.sync_folder(self.path.parent)
        return cast("tuple[int, int, int]", self._state())


def key_file_of(app: Flask | None = None) -> KeyFile:
    """The key file of this (or the current) application."""
    return cast(KeyFile, (app or current_app).extensions[_EXTENSION])


def keys_of(app: Flask | None = None) -> Keys:
    """The keys of this (or the current) application. Raises `KeyFileError`."""
    return key_file_of(app).keys()


def register_keys(app: Flask, settings: Settings) -> None:
    """Bind the key file, and hand people's secrets their source; nothing is read or made yet."""
    app.extensions[_EXTENSION] = KeyFile(settings.keys_file, anything_is_sealed)
    provide_keys(app, lambda purpose: keys_of(app).derived(purpose))
