"""Places in films: in their metadata, and in tracks of their own, written several times a second.

GoPro (`gpmd`), Android (`camm`), Apple (`mebx`), drones that write it as subtitles: all are samples of a
track of their own, told by tables (ISO/IEC 14496-12, 8.6 and 8.7), and are overwritten where they lie.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import IO, NamedTuple

from surveyapp.files.boxes import (
    FILM,
    METADATA,
    MOST,
    TRACK,
    Box,
    Numbers,
    boxes,
    film_part_edits,
    freed,
    numbers_of,
    size_of,
)
from surveyapp.files.editing import Edit, Unreadable

#: kinds of tracks that stay: pictures, sound, time codes
_KEPT = frozenset({b"vide", b"pict", b"auxv", b"soun", b"tmcd"})
#: samples, or chunks, of one track: hours of places
_MOST_SAMPLES = 500_000

#: what holds the samples of tracks; a part of a film that tells of its own samples
_SAMPLES, _FRAGMENT = b"mdat", b"moof"


class Range(NamedTuple):
    """Bytes of a file."""

    start: int
    end: int


def film_edits(source: IO[bytes]) -> Iterator[Edit]:
    """What takes the places out of a film: metadata, and tracks of places. Raises `Unreadable`."""
    whole = list(boxes(source, 0, size_of(source)))
    films = [box for box in whole if box.kind == FILM]
    for box in whole:
        if box.kind in METADATA:
            yield from freed(box)
        elif box.kind == FILM:
            yield from film_part_edits(source, box)
    told = [track for film in films for track in _tracks(source, film) if _is_told(source, track)]
    if told and any(box.kind == _FRAGMENT for box in whole):
        raise Unreadable("fragments")  # which tell where samples lie in another way, not read here
    pieces = [piece for track in told for piece in _samples(source, track)]
    yield from _overwritten(pieces, [box for box in whole if box.kind == _SAMPLES])


def _tracks(source: IO[bytes], film: Box) -> list[Box]:
    return [box for box in boxes(source, film.content, film.end) if box.kind == TRACK]


def _overwritten(pieces: list[Range], around: list[Box]) -> Iterator[Edit]:
    """Zeros instead of samples, each byte once. Raises `Unreadable` where there are no samples."""
    if sum(piece.end - piece.start for piece in pieces) > MOST:
        raise Unreadable("tracks")
    done = 0
    for start, end in sorted(pieces):
        if not any(box.content <= start and end <= box.end for box in around):
            raise Unreadable("tracks")
        if end > max(start, done):
            yield Edit(max(start, done), end, bytes(end - max(start, done)))
        done = max(done, end)


def _is_told(source: IO[bytes], track: Box) -> bool:
    """Whether a track may tell of places. Raises `Unreadable`."""
    media = _inside(source, track).get(b"mdia")
    if media is None:
        return False  # it has no samples
    handler = _inside(source, media).get(b"hdlr")
    if handler is None:
        return True
    source.seek(handler.content + 8)
    return source.read(4) not in _KEPT


def _samples(source: IO[bytes], track: Box) -> Iterator[Range]:
    """Where a track's samples lie, chunk by chunk. Raises `Unreadable`."""
    found: Box | None = track
    for kind in (b"mdia", b"minf", b"stbl"):
        found = _inside(source, found).get(kind) if found else None
    tables = _inside(source, found) if found else {}
    if not {b"stsz", b"stsc"} <= tables.keys() or not tables.keys() & {b"stco", b"co64"}:
        raise Unreadable("tracks")
    sizes = _sizes(numbers_of(source, tables[b"stsz"]))
    width = 8 if b"co64" in tables else 4
    starts = _list(numbers_of(source, tables[b"co64" if width == 8 else b"stco"]), width)
    ends = [0, *accumulate(_in_each_chunk(numbers_of(source, tables[b"stsc"]), len(starts)))]
    if ends[-1] < len(sizes):
        raise Unreadable("tracks")
    yield from _chunks(starts, ends, [0, *accumulate(sizes)])


def _inside(source: IO[bytes], around: Box) -> dict[bytes, Box]:
    return {box.kind: box for box in boxes(source, around.content, around.end)}


def _chunks(starts: Sequence[int], ends: Sequence[int], before: Sequence[int]) -> Iterator[Range]:
    """`ends`: samples before each chunk and in all; `before`: bytes before each sample and in all."""
    last = len(before) - 1
    for start, (first, end) in zip(starts, pairwise(ends), strict=True):
        length = before[min(end, last)] - before[min(first, last)]
        if length:
            yield Range(start, start + length)


def _sizes(table: Numbers) -> list[int]:
    table.take(4)
    same, count = table.take(4), table.take(4)
    if count > _MOST_SAMPLES:
        raise Unreadable("tracks")
    return [same] * count if same else [table.take(4) for _sample in range(count)]


def _list(table: Numbers, width: int) -> list[int]:
    table.take(4)
    count = table.take(4)
    if count > _MOST_SAMPLES:
        raise Unreadable("tracks")
    return [table.take(width) for _chunk in range(count)]


def _in_each_chunk(table: Numbers, chunks: int) -> Iterator[int]:
    """How many samples each chunk has; the table tells only where the number changes."""
    table.take(4)
    runs = [(table.take(4), table.take(4), table.take(4)) for _run in range(table.take(4))]
    for (first, samples, _entry), (following, *_) in pairwise([*runs, (chunks + 1, 0, 0)]):
        if not 1 <= first <= following <= chunks + 1:
            raise Unreadable("tracks")
        yield from (min(samples, _MOST_SAMPLES) for _chunk in range(following - first))
