"""EXIF without places: what a picture needs to be shown upright, when and with what it was taken.

Not the block as it came with the GPS part cut out: makers put places into their own notes, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image

PREFIX = b"Exif\0\0"
_ORIENTATION = 0x0112
#: tags that are kept: Make, Model, Orientation, DateTime
_KEPT = (0x010F, 0x0110, _ORIENTATION, 0x0132)
_SUB_IFD = 0x8769
#: DateTimeOriginal, DateTimeDigitized, and their offsets from UTC
_KEPT_BELOW = (0x9003, 0x9004, 0x9010, 0x9011, 0x9012)
_LONGEST_TEXT = 64


def without_places(tiff: bytes) -> bytes:
    """The TIFF block of an EXIF block (both without `PREFIX`), rebuilt; empty if nothing is left."""
    try:
        return _rebuilt(tiff)
    except Exception:  # whatever the library trips over in a damaged block: none of it is kept
        return b""


def _rebuilt(tiff: bytes) -> bytes:
    found = Image.Exif()
    found.load(PREFIX + tiff)
    kept = _short(found, _KEPT)
    if kept.get(_ORIENTATION) not in range(1, 9):
        kept.pop(_ORIENTATION, None)
    below = _short(found.get_ifd(_SUB_IFD), _KEPT_BELOW)
    if not kept and not below:
        return b""
    made = Image.Exif()
    made.update(kept | ({_SUB_IFD: below} if below else {}))
    return made.tobytes().removeprefix(PREFIX)


def _short(tags: Mapping[int, Any], wanted: tuple[int, ...]) -> dict[int, Any]:
    """The wanted tags that are a number or a short text."""
    found = {tag: tags[tag] for tag in wanted if tag in tags}
    return {
        tag: value
        for tag, value in found.items()
        if isinstance(value, int) or (isinstance(value, str) and len(value) <= _LONGEST_TEXT)
    }
