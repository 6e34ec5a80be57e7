"""Places in JPEG: EXIF, XMP, IPTC, comments, and whatever follows the picture's end (small films)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from surveyapp.files import exif
from surveyapp.files.editing import Edit, Unreadable

_EOI, _SOS, _COMMENT = 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
#: in the coded picture a marker is an FF that neither a zero nor a restart follows
_NEXT_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")


class Segment(NamedTuple):
    """A marker with its bytes, from the marker's FF to the segment's end."""

    marker: int
    start: int
    end: int


def segments(content: bytes) -> Iterator[Segment]:
    """The segments from the picture's start to its end (or to where it was cut). Raises `Unreadable`."""
    at = 2
    while at < len(content) - 1:
        if content[at] != 0xFF:
            raise Unreadable("jpeg")
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        end = at + 2 if marker in _ALONE or marker == _EOI else _end_of(content, at)
        yield Segment(marker, at, end)
        if marker == _EOI:
            return
        at = _after_scan(content, end) if marker == _SOS else end


def _end_of(content: bytes, at: int) -> int:
    length = int.from_bytes(content[at + 2 : at + 4])
    if length < 2 or at + 2 + length > len(content):
        raise Unreadable("jpeg")
    return at + 2 + length


def _after_scan(content: bytes, at: int) -> int:
    found = _NEXT_MARKER.search(content, at)
    return found.end() - 2 if found else len(content)


def scans(content: bytes) -> int:
    """How many passes the picture is coded in: each costs a decoder the whole picture's time."""
    return sum(segment.marker == _SOS for segment in segments(content))


def edits(content: bytes) -> Iterator[Edit]:
    """What takes the places out; the coded picture stays as it is. Raises `Unreadable`."""
    has_exif = False
    for segment in segments(content):
        if segment.marker == _EOI and segment.end < len(content):
            yield Edit(segment.end, len(content))
        elif segment.marker == _APP1 and _begins(content, segment, exif.PREFIX) and not has_exif:
            has_exif = True
            yield _without_places(content, segment)
        elif not _is_kept(content, segment):
            yield Edit(segment.start, segment.end)


def _without_places(content: bytes, segment: Segment) -> Edit:
    rebuilt = exif.without_places(content[segment.start + 4 + len(exif.PREFIX) : segment.end])
    if not rebuilt:
        return Edit(segment.start, segment.end)
    payload = exif.PREFIX + rebuilt
    return Edit(segment.start, segment.end, b"\xff\xe1" + (len(payload) + 2).to_bytes(2) + payload)


def _is_kept(content: bytes, segment: Segment) -> bool:
    """Whether it is needed to draw the picture: its frame, tables, colours."""
    if segment.marker == _APP2:
        return _begins(content, segment, b"ICC_PROFILE\0")
    is_application = _APP0 <= segment.marker <= _APP15
    return segment.marker in {_APP0, _APP14} or not (is_application or segment.marker == _COMMENT)


def _begins(content: bytes, segment: Segment, mark: bytes) -> bool:
    return content.startswith(mark, segment.start + 4)
