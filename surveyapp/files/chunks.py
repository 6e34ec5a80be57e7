"""Places in PNG, WebP and GIF: chunks and blocks that no decoder needs to draw the picture."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from surveyapp.files import exif
from surveyapp.files.editing import Edit, Unreadable

# --- PNG ----------------------------------------------------------------------------------------

#: what draws the picture or says how its colours are meant
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs tIME cICP acTL fcTL fdAT".split()
)


def png_edits(content: bytes) -> Iterator[Edit]:
    """What takes the places out of a PNG. Raises `Unreadable`."""
    at, has_exif = 8, False
    while at < len(content):
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(content):
            raise Unreadable("png")
        if kind == b"eXIf" and not has_exif:
            has_exif = True
            yield Edit(at, end, _png_chunk(kind, exif.without_places(content[at + 8 : end - 4])))
        elif kind not in _PNG_KEPT:
            yield Edit(at, end)
        elif kind == b"IEND" and end < len(content):
            yield Edit(end, len(content))
            return
        at = end


def _png_chunk(kind: bytes, payload: bytes) -> bytes:
    if not payload:
        return b""
    return len(payload).to_bytes(4) + kind + payload + zlib.crc32(kind + payload).to_bytes(4)


# --- WebP ---------------------------------------------------------------------------------------

_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_HAS_EXIF, _HAS_XMP = 0x08, 0x04


class _Chunk(NamedTuple):
    kind: bytes
    start: int
    end: int


def webp_edits(content: bytes) -> Iterator[Edit]:
    """What takes the places out of a WebP. Raises `Unreadable`."""
    chunks = list(_webp_chunks(content))
    found = [chunk for chunk in chunks if chunk.kind == b"EXIF"][:1]
    rebuilt = b"".join(_webp_exif(content, chunk) for chunk in found)
    made = [Edit(chunk.start, chunk.end) for chunk in chunks if chunk.kind not in _WEBP_KEPT]
    if rebuilt:
        made = [Edit(*e[:2], rebuilt) if e.start == found[0].start else e for e in made]
    end = chunks[-1].end if chunks else 12
    size = end - 8 + sum(len(edit.new) - (edit.end - edit.start) for edit in made)
    yield Edit(4, 8, size.to_bytes(4, "little"))
    yield from made
    yield from (_without_flags(content, c, bool(rebuilt)) for c in chunks if c.kind == b"VP8X")
    if end < len(content):
        yield Edit(end, len(content))


def _webp_chunks(content: bytes) -> Iterator[_Chunk]:
    at = 12
    stop = min(len(content), 8 + int.from_bytes(content[4:8], "little"))
    while at + 8 <= stop:
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        if end > len(content):
            raise Unreadable("webp")
        yield _Chunk(content[at : at + 4], at, end)
        at = end


def _webp_exif(content: bytes, chunk: _Chunk) -> bytes:
    length = int.from_bytes(content[chunk.start + 4 : chunk.start + 8], "little")
    came = content[chunk.start + 8 : chunk.start + 8 + length].removeprefix(exif.PREFIX)
    rebuilt = exif.without_places(came)
    if not rebuilt:
        return b""
    return b"EXIF" + len(rebuilt).to_bytes(4, "little") + rebuilt + b"\0" * (len(rebuilt) % 2)


def _without_flags(content: bytes, chunk: _Chunk, has_exif: bool) -> Edit:
    flags = content[chunk.start + 8] & ~(_HAS_EXIF | _HAS_XMP) | (_HAS_EXIF if has_exif else 0)
    return Edit(chunk.start + 8, chunk.start + 9, bytes([flags]))


# --- GIF ----------------------------------------------------------------------------------------

_GIF_IMAGE, _GIF_EXTENSION, _GIF_END = 0x2C, 0x21, 0x3B
_GIF_COMMENT, _GIF_APPLICATION = 0xFE, 0xFF
_GIF_KEPT = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")


def gif_edits(content: bytes) -> Iterator[Edit]:
    """What takes the places out of a GIF. Raises `Unreadable`."""
    at = 13 + _colour_table(content, 10)
    while at < len(content):
        kind = content[at]
        if kind == _GIF_END:
            if at + 1 < len(content):
                yield Edit(at + 1, len(content))
            return
        if kind == _GIF_IMAGE:
            at = _after_blocks(content, at + 11 + _colour_table(content, at + 9))
        elif kind == _GIF_EXTENSION:
            end = _after_blocks(content, at + 2)
            if _is_dropped(content, at):
                yield Edit(at, end)
            at = end
        else:
            raise Unreadable("gif")


def _is_dropped(content: bytes, at: int) -> bool:
    label = content[at + 1]
    is_known = content[at + 3 : at + 14] in _GIF_KEPT
    return label == _GIF_COMMENT or (label == _GIF_APPLICATION and not is_known)


def _colour_table(content: bytes, flags_at: int) -> int:
    """Bytes of the colour table that the flags at a place tell of."""
    if flags_at >= len(content):
        raise Unreadable("gif")
    flags = content[flags_at]
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(content: bytes, at: int) -> int:
    while at < len(content):
        if content[at] == 0:
            return at + 1
        at += content[at] + 1
    raise Unreadable("gif")
