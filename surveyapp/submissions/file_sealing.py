"""Files sealed piece by piece (AES-256-GCM), so that they are written as they come and read anywhere.

Each piece is sealed under a key of this file alone, with its number and whether it is the last one: a
file that was cut, or whose pieces changed places, does not open. The key is derived (HKDF-SHA-256) from
a secret, a random salt and what the file is bound to.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterable, Iterator
from typing import IO, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from surveyapp.submissions.sealing import CannotOpen

#: first byte of every sealed file: the way it was done
SCHEME = b"\x02"
PIECE = 64 * 1024
_SALT, _TAG = 16, 16
_HEAD = len(SCHEME) + _SALT


def sealed(secret: bytes, bound_to: bytes, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What a store keeps of a file; it opens only with the same secret and binding."""
    salt = secrets.token_bytes(_SALT)
    key = _key(secret, salt, bound_to)
    yield SCHEME + salt
    held = bytearray()
    number = 0
    for piece in pieces:
        held += piece
        while len(held) > PIECE:
            yield key.encrypt(_nonce(number, False), bytes(held[:PIECE]), None)
            del held[:PIECE]
            number += 1
    yield key.encrypt(_nonce(number, True), bytes(held), None)


def opened(secret: bytes, bound_to: bytes, source: IO[bytes]) -> IO[bytes]:
    """The plain file, to be read and sought in; closing it closes the source.

    Reading raises `CannotOpen` when it was changed, cut, moved here or sealed under another secret.
    """
    return cast("IO[bytes]", io.BufferedReader(_Opened(secret, bound_to, source), PIECE))


def plain_size(sealed_size: int) -> int:
    """How many bytes a sealed file holds."""
    body = sealed_size - _HEAD
    return body - _TAG * max(1, -(-body // (PIECE + _TAG)))


class _Opened(io.RawIOBase):
    def __init__(self, secret: bytes, bound_to: bytes, source: IO[bytes]) -> None:
        self._source = source
        self._size = plain_size(source.seek(0, io.SEEK_END))
        source.seek(0)
        head = source.read(_HEAD)
        if len(head) < _HEAD or not head.startswith(SCHEME) or self._size < 0:
            raise CannotOpen("not a sealed file")
        self._key = _key(secret, head[len(SCHEME) :], bound_to)
        self._at = 0
        # an empty file still has its one piece, which says that nothing was cut
        self._last = max(0, -(-self._size // PIECE) - 1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, target: memoryview) -> int:  # type: ignore[override]  # typed as any buffer
        number, within = divmod(self._at, PIECE)
        if number > self._last:
            return 0
        plain = self._piece(number)[within : within + len(target)]
        target[: len(plain)] = plain
        self._at += len(plain)
        return len(plain)

    def _piece(self, number: int) -> bytes:
        self._source.seek(_HEAD + number * (PIECE + _TAG))
        try:
            return self._key.decrypt(
                _nonce(number, number == self._last), self._source.read(PIECE + _TAG), None
            )
        except (InvalidTag, ValueError):
            raise CannotOpen("sealed under another key, moved or damaged") from None

    def close(self) -> None:
        self._source.close()
        super().close()


def _key(secret: bytes, salt: bytes, bound_to: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=b"surveyapp/file:" + bound_to).derive(secret))


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11) + bytes([is_last])
