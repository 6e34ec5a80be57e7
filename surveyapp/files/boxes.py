"""Places in files made of boxes (ISO/IEC 14496-12): HEIC and AVIF pictures, MP4 and QuickTime films.

What names a place is overwritten where it stands, so that every offset in the file still holds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import IO, NamedTuple

from surveyapp.files.editing import Edit, Unreadable

#: more than this is no metadata
MOST = 16 * 1024 * 1024
_MOST_BOXES = 10_000
#: boxes that hold metadata only; in a film nothing needs them
METADATA = frozenset({b"udta", b"meta", b"uuid"})
FILM, TRACK = b"moov", b"trak"
#: an EXIF block that says nothing: the offset of its header, and one empty directory
_EMPTY_EXIF = b"\0\0\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"


class Box(NamedTuple):
    """A box: its kind, where it starts, where its content does, and its end."""

    kind: bytes
    start: int
    content: int
    end: int


def boxes(source: IO[bytes], at: int, end: int) -> Iterator[Box]:
    """The boxes between two places of a file. Raises `Unreadable`."""
    for _count in range(_MOST_BOXES):
        if at + 8 > end:
            return
        source.seek(at)
        head = source.read(16)
        size, content = int.from_bytes(head[:4]), at + 8
        if size == 1:
            size, content = int.from_bytes(head[8:16]), at + 16
        elif size == 0:
            size = end - at
        if at + size > end or content > at + size:
            raise Unreadable("boxes")
        yield Box(head[4:8], at, content, at + size)
        at += size
    raise Unreadable("boxes")


def size_of(source: IO[bytes]) -> int:
    """Bytes of a file."""
    return source.seek(0, io.SEEK_END)


# --- films --------------------------------------------------------------------------------------


def film_part_edits(source: IO[bytes], around: Box) -> Iterator[Edit]:
    """What takes the places out of the metadata in a film or a track. Raises `Unreadable`."""
    for box in boxes(source, around.content, around.end):
        if box.kind in METADATA:
            yield from freed(box)
        elif box.kind == TRACK:
            if around.kind == TRACK:  # no film has it, and it would go on inside itself
                raise Unreadable("tracks")
            yield from film_part_edits(source, box)


def freed(box: Box) -> Iterator[Edit]:
    """The box as free space. Raises `Unreadable`."""
    if box.end - box.content > MOST:
        raise Unreadable("boxes")
    yield Edit(box.start + 4, box.start + 8, b"free")
    yield Edit(box.content, box.end, bytes(box.end - box.content))


# --- pictures -----------------------------------------------------------------------------------


def picture_edits(source: IO[bytes]) -> Iterator[Edit]:
    """What takes the places out of a HEIC or AVIF picture. Raises `Unreadable`.

    Its orientation is a property of the picture and stays.
    """
    for box in boxes(source, 0, size_of(source)):
        if box.kind == b"uuid":
            yield from freed(box)
        elif box.kind == b"meta":
            yield from _item_edits(source, box)
        elif box.kind == FILM:
            yield from film_part_edits(source, box)


def _item_edits(source: IO[bytes], meta: Box) -> Iterator[Edit]:
    parts = {box.kind: box for box in boxes(source, meta.content + 4, meta.end)}
    kinds = _item_kinds(source, parts[b"iinf"]) if b"iinf" in parts else {}
    wanted = {item for item, kind in kinds.items() if kind in {b"Exif", b"mime", b"uri "}}
    if not wanted or b"iloc" not in parts:
        return
    idat = parts.get(b"idat")
    size = size_of(source)
    for item, start, length in _extents(
        numbers_of(source, parts[b"iloc"]), idat.content if idat else None
    ):
        if item not in wanted or not length:
            continue
        if start is None or length > MOST or start + length > size:
            raise Unreadable("boxes")
        yield Edit(start, start + length, _nothing(kinds[item], length))


def _nothing(kind: bytes, length: int) -> bytes:
    """As many bytes that say nothing."""
    if kind != b"Exif":
        return b" " * length
    return _EMPTY_EXIF.ljust(length, b"\0") if length >= len(_EMPTY_EXIF) else bytes(length)


def numbers_of(source: IO[bytes], box: Box) -> Numbers:
    """What a box holds. Raises `Unreadable`."""
    if box.end - box.content > MOST:
        raise Unreadable("boxes")
    source.seek(box.content)
    return Numbers(source.read(box.end - box.content))


class Numbers:
    """Reads whole numbers one after the other."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def take(self, length: int) -> int:
        """The next number, of so many bytes."""
        self._at += length
        if self._at > len(self._content):
            raise Unreadable("boxes")
        return int.from_bytes(self._content[self._at - length : self._at])


def _item_kinds(source: IO[bytes], iinf: Box) -> Mapping[int, bytes]:
    """Number of each item → its kind."""
    source.seek(iinf.content)
    version = source.read(1)[0]
    kinds: dict[int, bytes] = {}
    for box in boxes(source, iinf.content + (6 if version == 0 else 8), iinf.end):
        source.seek(box.content)
        entry = source.read(16)
        if entry[:1] == b"\x02":
            kinds[int.from_bytes(entry[4:6])] = entry[8:12]
        elif entry[:1] == b"\x03":
            kinds[int.from_bytes(entry[4:8])] = entry[10:14]
    return kinds


def _extents(iloc: Numbers, idat: int | None) -> Iterator[tuple[int, int | None, int]]:
    """Of each item its pieces: number, start in the file (None: it cannot be told), length."""
    version = iloc.take(1)
    iloc.take(3)
    sizes, more = iloc.take(1), iloc.take(1)
    index_size = more & 15 if version else 0
    for _item in range(iloc.take(2 if version < 2 else 4)):
        item = iloc.take(2 if version < 2 else 4)
        method = iloc.take(2) & 15 if version else 0
        iloc.take(2)
        base = iloc.take(more >> 4)
        within = {0: 0, 1: idat}.get(method)
        for _extent in range(iloc.take(2)):
            iloc.take(index_size)
            start, length = iloc.take(sizes >> 4), iloc.take(sizes & 15)
            yield item, None if within is None else within + base + start, length
