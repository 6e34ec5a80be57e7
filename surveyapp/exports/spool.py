"""Bytes that must wait, on disk so that memory stays bounded, unreadable so that nothing leaks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from types import TracebackType

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

CHUNK = 64 * 1024
_BLOCK = 16
_NONCE = bytes(_BLOCK)


class SealedSpool:
    """A nameless temporary file, encrypted under a key that is in memory only and used once.

    Answers about children may stay behind on a disk that is thrown away; ciphertext without its key
    may. There is nobody to deceive the reader of his own open file, so it is not authenticated.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed in `close`
        # a fixed nonce is right here: no second stream is ever written under this key
        self._algorithm = AES(os.urandom(32))
        self._encryptor: CipherContext = Cipher(self._algorithm, CTR(_NONCE)).encryptor()

    def write(self, content: bytes) -> None:
        """Add some bytes."""
        self._file.write(self._encryptor.update(content))

    def chunks(self, start: int = 0, size: int | None = None) -> Iterator[bytes]:
        """What was written from `start` on, everything or `size` bytes of it, a piece at a time."""
        block, within = divmod(start, _BLOCK)
        # the key stream is that of its blocks' numbers, so that it can begin anywhere
        counter = Cipher(self._algorithm, CTR(block.to_bytes(_BLOCK)))
        decryptor = counter.decryptor()
        self._file.seek(block * _BLOCK)
        decryptor.update(self._file.read(within))
        left = size
        while piece := self._file.read(CHUNK if left is None else min(CHUNK, left)):
            yield decryptor.update(piece)
            left = None if left is None else left - len(piece)

    def fileno(self) -> int:
        """Descriptor of the file."""
        return self._file.fileno()

    def close(self) -> None:
        """Let go of the file; the system removes it."""
        self._file.close()

    def __enter__(self) -> SealedSpool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
