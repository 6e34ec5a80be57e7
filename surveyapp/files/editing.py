"""Edits of a file: which bytes are left out or replaced, applied while it is copied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

PIECE = 256 * 1024


class Unreadable(ValueError):
    """The file is not built as its kind is."""


class Edit(NamedTuple):
    """Bytes `start` to `end` become `new`."""

    start: int
    end: int
    new: bytes = b""


def applied(source: IO[bytes], edits: Iterable[Edit]) -> Iterator[bytes]:
    """A file's bytes with the edits (none overlaps another), in pieces that fit into memory."""
    at = 0
    for edit in sorted(edits):
        yield from _between(source, at, edit.start)
        if edit.new:
            yield edit.new
        at = edit.end
    yield from _between(source, at, None)


def _between(source: IO[bytes], start: int, end: int | None) -> Iterator[bytes]:
    source.seek(start)
    while end is None or start < end:
        piece = source.read(PIECE if end is None else min(PIECE, end - start))
        if not piece:
            return
        start += len(piece)
        yield piece
