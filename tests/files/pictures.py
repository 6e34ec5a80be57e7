"""Pictures with a place in every corner that one can stand in."""

from __future__ import annotations

import io
import zlib
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

#: stands for the place; no byte of it may be left
PLACE = b"51.1801N 71.4460E"
ORIENTATION = 6
TAKEN = "2026:09:01 14:03:07"
_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><GPSLatitude>' + PLACE + b"</GPSLatitude></x:xmpmeta>"


def exif() -> bytes:
    """An EXIF block with an orientation, a time, a GPS directory, and the place in a maker's note."""
    made = Image.Exif()
    made[0x0112] = ORIENTATION
    made[0x010E] = PLACE.decode()
    made[0x8769] = {0x9003: TAKEN, 0x927C: PLACE, 0x9286: PLACE}
    made[0x8825] = {1: "N", 2: (51.0, 10.0, 48.36), 3: "E", 4: (71.0, 26.0, 45.6), 0x1B: PLACE}
    return made.tobytes()


def drawing() -> Image.Image:
    """A picture with no two rows alike."""
    drawn = Image.new("RGB", (40, 24))
    drawn.putdata([(x * 6 % 256, y * 10, (x * y) % 256) for y in range(24) for x in range(40)])
    return drawn


def saved(kind: str, **options: Any) -> bytes:
    """The drawing as a file."""
    target = io.BytesIO()
    drawing().save(target, kind, **options)
    return target.getvalue()


def jpeg(*, progressive: bool = False) -> bytes:
    """A JPEG with EXIF, XMP, IPTC, a comment and a film behind its end."""
    content = saved("JPEG", exif=exif(), comment=PLACE, xmp=_XMP, progressive=progressive, quality=90)
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x11" + PLACE
    segment = b"\xff\xed" + (len(iptc) + 2).to_bytes(2) + iptc
    return content[:2] + segment + content[2:] + b"\0\0\0\x18ftypmp42" + PLACE


def png() -> bytes:
    """A PNG with eXIf, text in each spelling, and bytes behind its end."""
    texts = PngInfo()
    texts.add_text("Comment", PLACE.decode())
    texts.add_text("Location", PLACE.decode(), zip=True)
    texts.add_itxt("XML:com.adobe.xmp", _XMP.decode())
    return saved("PNG", exif=exif(), pnginfo=texts) + PLACE


def webp() -> bytes:
    """A WebP with EXIF and XMP."""
    return saved("WEBP", lossless=True, exif=exif(), xmp=_XMP)


def gif() -> bytes:
    """A GIF with a comment and XMP."""
    content = saved("GIF", comment=PLACE)
    xmp = b"\x21\xff\x0bXMP DataXMP" + bytes([len(PLACE)]) + PLACE + b"\0"
    return content[:-1] + xmp + content[-1:]


def avif() -> bytes:
    """An AVIF with EXIF and XMP: the boxes are those of HEIC."""
    return saved("AVIF", exif=exif(), xmp=_XMP)


def box(kind: bytes, content: bytes) -> bytes:
    """A box of a film."""
    return (8 + len(content)).to_bytes(4) + kind + content


def film() -> bytes:
    """A film as phones write it: a place among its user data, another in a track, XMP beside it."""
    place = box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7" + PLACE))
    track = box(b"trak", box(b"tkhd", bytes(84)) + box(b"meta", PLACE))
    header = box(b"ftyp", b"mp42\0\0\0\0mp42isom")
    moov = box(b"moov", box(b"mvhd", bytes(100)) + track + place)
    return header + box(b"mdat", b"picture and sound") + moov + box(b"uuid", bytes(16) + PLACE)


def table(kind: bytes, *numbers: int, width: int = 4) -> bytes:
    """A box with a list of numbers: its length first."""
    return box(kind, bytes(4) + b"".join(n.to_bytes(width) for n in numbers))


def track(
    handler: bytes, sizes: list[int], chunks: list[int], *, each: int, long: bool = False
) -> bytes:
    """A track whose samples lie in chunks at these places of the file, so many in each."""
    offsets = b"".join(chunk.to_bytes(8 if long else 4) for chunk in chunks)
    tables = (
        table(b"stsc", 1, 1, each, 1)
        + table(b"stsz", 0, len(sizes), *sizes)
        + box(b"co64" if long else b"stco", bytes(4) + len(chunks).to_bytes(4) + offsets)
    )
    told = box(b"hdlr", bytes(8) + handler + bytes(12))
    return box(b"trak", box(b"mdia", told + box(b"minf", box(b"stbl", tables))))


def film_with_places(handler: bytes = b"meta", *, long: bool = False, shift: int = 0) -> bytes:
    """A film whose picture and places take turns in `mdat`, two samples of places in each chunk."""
    header = box(b"ftyp", b"mp42\0\0\0\0mp42isom")
    start = len(header) + 8
    turn = b"PICTURE" + PLACE + PLACE
    pictures = [start + n * len(turn) for n in range(3)]
    places = [at + 7 + shift for at in pictures]
    moov = box(
        b"moov",
        track(b"vide", [7] * 3, pictures, each=1)
        + track(handler, [len(PLACE)] * 6, places, each=2, long=long),
    )
    return header + box(b"mdat", turn * 3) + moov


def tiff(order: str = "little") -> bytes:
    """A TIFF with GPS, EXIF and XMP directories, a description, and bytes that nothing points at."""
    content = (
        saved(
            "TIFF",
            exif=exif(),
            description=PLACE.decode(),
        )
        + PLACE
    )
    if order == "little":
        return content
    # one strip of one grey pixel, and the description, the other way round
    entries = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(270, 2, len(PLACE), 200), (273, 4, 1, 199), (277, 3, 1, 1), (279, 4, 1, 1)]
    written = b"".join(
        tag.to_bytes(2)
        + kind.to_bytes(2)
        + count.to_bytes(4)
        + value.to_bytes(2 if kind == 3 else 4).ljust(4, b"\0")
        for tag, kind, count, value in entries
    )
    head = b"MM\0*\0\0\0\x08" + len(entries).to_bytes(2) + written + bytes(4)
    return head.ljust(199, b"\0") + b"\x7b" + PLACE


def png_bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is large."""
    header = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x00\x00\x00\x00"
    pixels = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4)
