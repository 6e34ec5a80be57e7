"""Places in TIFF: only what draws the picture is copied, everything else in the file becomes zeros.

A directory keeps the tags of a short list, with the values and strips that they point at (TIFF 6.0); so
EXIF, GPS, XMP, IPTC, GeoTIFF, descriptions and makers' notes go, wherever in the file they lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from surveyapp.files.editing import Edit, Unreadable

_WIDTHS: Mapping[int, int] = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
#: sizes, colours, coding, make, model, orientation, resolution, time, tables of JPEG, ICC profile
_KEPT = frozenset(
    (*range(254, 260), *range(262, 267), *range(271, 275), *range(277, 285), *range(290, 294), 296, 297)
) | frozenset((301, 306, *range(317, 326), 332, 334, *range(338, 342), 347, *range(529, 533), 34675))
#: where pieces of the picture lie → how long each is
_PIECES = ((273, 279), (324, 325))
_COMPRESSION, _OLD_JPEG, _INNER = 259, 6, 330
_MOST_DIRECTORIES = 100


class _Entry(NamedTuple):
    """One line of a directory: its tag, its bytes, and where its values are."""

    tag: int
    line: bytes
    start: int
    end: int
    width: int


def edits(content: bytes) -> Iterator[Edit]:
    """What takes the places out. Raises `Unreadable`, for pictures inside of pictures (DNG) too."""
    yield Edit(0, len(content), bytes(_Copy(content).made))


class _Copy:
    """The file with nothing in it but what is kept."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._order: Literal["little", "big"] = "little" if content[:2] == b"II" else "big"
        self.made = bytearray(len(content))
        self._keep(0, 8)
        following, seen = self._number(4, 4), set[int]()
        while following and following not in seen and len(seen) < _MOST_DIRECTORIES:
            seen.add(following)
            following = self._directory(following)

    def _number(self, at: int, width: int) -> int:
        if at + width > len(self._content):
            raise Unreadable("tiff")
        return int.from_bytes(self._content[at : at + width], self._order)

    def _keep(self, start: int, end: int) -> None:
        if not start <= end <= len(self._content):
            raise Unreadable("tiff")
        self.made[start:end] = self._content[start:end]

    def _directory(self, at: int) -> int:
        """Copy a directory and what it points at; where the next one is."""
        count = self._number(at, 2)
        entries = [self._entry(at + 2 + 12 * n) for n in range(count)]
        if any(entry.tag == _INNER for entry in entries):
            raise Unreadable("tiff")
        kept = [entry for entry in entries if entry.tag in _KEPT]
        for entry in kept:
            self._keep(entry.start, entry.end)
        self._keep_pieces({entry.tag: entry for entry in kept})
        following = self._number(at + 2 + 12 * count, 4)
        lines = b"".join(entry.line for entry in kept)
        written = len(kept).to_bytes(2, self._order) + lines + following.to_bytes(4, self._order)
        whole = 2 + 12 * count + 4
        self.made[at : at + whole] = written.ljust(whole, b"\0")
        return following

    def _entry(self, at: int) -> _Entry:
        tag, kind, count = self._number(at, 2), self._number(at + 2, 2), self._number(at + 4, 4)
        width = _WIDTHS.get(kind, 1)
        length = width * count
        start = at + 8 if length <= 4 else self._number(at + 8, 4)
        return _Entry(tag, self._content[at : at + 12], start, start + length, width)

    def _keep_pieces(self, tags: Mapping[int, _Entry]) -> None:
        if _OLD_JPEG in self._numbers(tags.get(_COMPRESSION)):
            raise Unreadable("tiff")
        for offsets, lengths in _PIECES:
            starts, sizes = self._numbers(tags.get(offsets)), self._numbers(tags.get(lengths))
            if len(starts) != len(sizes):
                raise Unreadable("tiff")
            for start, size in zip(starts, sizes, strict=True):
                self._keep(start, start + size)

    def _numbers(self, entry: _Entry | None) -> list[int]:
        if entry is None:
            return []
        return [self._number(at, entry.width) for at in range(entry.start, entry.end, entry.width)]
