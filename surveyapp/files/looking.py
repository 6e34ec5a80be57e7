"""Looking at a picture: decoded within limits of memory and time, and thrown away."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import IO

from PIL import Image

from surveyapp.files import jpeg
from surveyapp.files.editing import Unreadable

#: kinds that are decoded → the decoder's name; no other decoder is let near the bytes
_DECODERS: Mapping[str, str] = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
}
#: pixels of a picture that its decoder holds whole in memory (four bytes each)
_WHOLE = 25_000_000
#: JPEG in more passes than this is made to cost time
_MOST_SCANS = 100
#: a JPEG is decoded at an eighth of its size
_SMALL = (64, 64)
#: one at a time in each process, so that the memory it takes is bounded
_one_at_a_time = threading.Lock()


class TooLarge(ValueError):
    """More pixels, or more passes, than are looked at."""


class Damaged(ValueError):
    """It cannot be decoded."""


def look(source: IO[bytes], kind: str, *, most_pixels: int) -> None:
    """Decode a picture of a kind that can be; the others pass. Raises `TooLarge`, `Damaged`."""
    decoder = _DECODERS.get(kind)
    if decoder is None:
        return
    source.seek(0)
    with _one_at_a_time:
        try:
            _decode(source, decoder, most_pixels)
        except TooLarge:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
            raise TooLarge from None
        except Exception as error:  # decoders raise whatever they trip over
            raise Damaged(type(error).__name__) from None


def _decode(source: IO[bytes], decoder: str, most_pixels: int) -> None:
    with Image.open(source, formats=[decoder]) as picture:
        pixels = picture.width * picture.height
        if pixels > most_pixels:
            raise TooLarge
        if decoder == "JPEG":
            _refuse_many_scans(source)
            picture.draft(picture.mode, _SMALL)
        is_held_whole = decoder != "JPEG" or "progressive" in picture.info
        if pixels > _WHOLE and is_held_whole:
            raise TooLarge
        picture.load()


def _refuse_many_scans(source: IO[bytes]) -> None:
    at = source.tell()
    source.seek(0)
    try:
        too_many = jpeg.scans(source.read()) > _MOST_SCANS
    except Unreadable:
        too_many = False  # the decoder will say so
    source.seek(at)
    if too_many:
        raise TooLarge
