"""Sealing: AES-256-GCM under one random data key per row, wrapped by a key that is not in the database.

Every sealed text is bound to its row and column (associated data), so that nobody with write access to
the database can move a name from one submission to another without it being noticed.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from surveyapp.submissions.keys import KEY_BYTES, Keys

#: first byte of everything sealed: the way it was done, should another one follow
SCHEME = b"\x01"
NONCE_BYTES = 12
#: sealed answers are filled up to a multiple of this: the length of a name is a hint at the name
PADDED_TO = 256


class CannotOpen(ValueError):
    """Sealed under another key, moved here from elsewhere, or damaged."""


@dataclass(frozen=True, slots=True)
class Row:
    """Which row something is sealed in: its table and what identifies it there for good."""

    table: str
    key: str

    @classmethod
    def of_submission(cls, submission_id: UUID) -> Row:
        """The row of a submission."""
        return cls("submission", str(submission_id))

    @classmethod
    def of_quarantined(cls, submission_id: UUID, content_digest: bytes) -> Row:
        """The row of quarantined work: an id may wait there with several contents."""
        return cls("quarantine", f"{submission_id}:{content_digest.hex()}")

    @classmethod
    def of_trial_answer(cls, instance: UUID) -> Row:
        """The row of what was answered to a trial version."""
        return cls("trial_answer", str(instance))

    @classmethod
    def of_sheet(cls, record: UUID) -> Row:
        """The row of a paper sheet."""
        return cls("paper_sheet", str(record))

    @classmethod
    def of_assignment(cls, assignment_id: UUID) -> Row:
        """The row of an assignment."""
        return cls("assignment", str(assignment_id))

    @classmethod
    def of_subject_request(cls, request_id: UUID) -> Row:
        """The row of what a family asks of its data."""
        return cls("subject_request", str(request_id))

    def column(self, name: str) -> bytes:
        """The associated data of one of its columns."""
        return f"{self.table}.{name}:{self.key}".encode()


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one row, in the clear and wrapped."""

    row: Row
    secret: bytes = field(repr=False)
    wrapped: bytes
    #: id of the wrapping key
    key_id: str

    @classmethod
    def new(cls, keys: Keys, row: Row) -> DataKey:
        """A fresh random key for a row, wrapped by the current wrapping key."""
        return cls._wrapped(keys, row, secrets.token_bytes(KEY_BYTES))

    @classmethod
    def unwrap(cls, keys: Keys, row: Row, wrapped: bytes, key_id: str) -> DataKey:
        """The key of a stored row. Raises `CannotOpen`, `keys.KeyMissing`."""
        secret = _open(keys.wrapping_key(key_id), wrapped, row.column("data_key"))
        return cls(row, secret, wrapped, key_id)

    @classmethod
    def _wrapped(cls, keys: Keys, row: Row, secret: bytes) -> DataKey:
        wrapped = _seal(keys.wrapping_key(keys.current), secret, row.column("data_key"))
        return cls(row, secret, wrapped, keys.current)

    def rewrapped(self, keys: Keys) -> DataKey:
        """The same key wrapped by the current wrapping key; what it sealed stays as it is."""
        return self._wrapped(keys, self.row, self.secret)

    def seal(self, column: str, plain: bytes) -> bytes:
        """What a column keeps instead of the plain bytes."""
        return _seal(self.secret, plain, self.row.column(column))

    def open(self, column: str, sealed: bytes) -> bytes:
        """The plain bytes of a column. Raises `CannotOpen`."""
        return _open(self.secret, sealed, self.row.column(column))

    def seal_json(self, column: str, value: Any) -> bytes:
        """Seal a JSON value; its length shows only in steps of `PADDED_TO` bytes."""
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return self.seal(column, _padded(plain.encode("utf-8", "surrogatepass")))

    def open_json(self, column: str, sealed: bytes) -> Any:
        """The JSON value of a column. Raises `CannotOpen`."""
        return json.loads(self.open(column, sealed).decode("utf-8", "surrogatepass"))


def _padded(plain: bytes) -> bytes:
    """Filled up with blanks, which JSON ignores."""
    return plain.ljust(-(-len(plain) // PADDED_TO) * PADDED_TO)


def _seal(key: bytes, plain: bytes, bound_to: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return SCHEME + nonce + AESGCM(key).encrypt(nonce, plain, bound_to)


def _open(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    scheme, nonce, rest = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if scheme != SCHEME:
        raise CannotOpen("sealed in a way that this program does not know")
    try:
        return AESGCM(key).decrypt(nonce, rest, bound_to)
    except (InvalidTag, ValueError):
        raise CannotOpen("sealed under another key, moved or damaged") from None
