"""What a file is, by its first bytes, whatever name or type came with it."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import NamedTuple

#: bytes that are enough to tell
HEAD = 64
UNKNOWN = "application/octet-stream"
TEXT = "text/plain"


class _Mark(NamedTuple):
    """Bytes at an offset, and the type that they tell of."""

    type: str
    at: int
    mark: bytes
    and_at: int = 0
    and_mark: bytes = b""

    def fits(self, head: bytes) -> bool:
        return head[self.at :].startswith(self.mark) and head[self.and_at :].startswith(self.and_mark)


_MARKS = (
    _Mark("image/jpeg", 0, b"\xff\xd8\xff"),
    _Mark("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    _Mark("image/gif", 0, b"GIF87a"),
    _Mark("image/gif", 0, b"GIF89a"),
    _Mark("image/webp", 0, b"RIFF", 8, b"WEBP"),
    _Mark("image/tiff", 0, b"II*\0"),
    _Mark("image/tiff", 0, b"MM\0*"),
    _Mark("audio/wav", 0, b"RIFF", 8, b"WAVE"),
    _Mark("audio/ogg", 0, b"OggS"),
    _Mark("audio/flac", 0, b"fLaC"),
    _Mark("audio/amr", 0, b"#!AMR"),
    _Mark("audio/mpeg", 0, b"ID3"),
    _Mark("audio/mpeg", 0, b"\xff\xfb"),
    _Mark("audio/mpeg", 0, b"\xff\xf3"),
    _Mark("audio/aac", 0, b"\xff\xf1"),
    _Mark("video/webm", 0, b"\x1a\x45\xdf\xa3"),
    _Mark("video/quicktime", 4, b"moov"),
    _Mark("video/quicktime", 4, b"mdat"),
    _Mark("application/pdf", 0, b"%PDF-"),
    _Mark("application/zip", 0, b"PK\x03\x04"),
    _Mark("application/gzip", 0, b"\x1f\x8b"),
)
#: brand of an ISO base media file → type (ISO/IEC 14496-12, registered brands)
_BRANDS: Mapping[bytes, str] = {
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"M4A ", b"M4B "), "audio/mp4"),
    **dict.fromkeys((b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"3gr6", b"3g2a"), "video/3gpp"),
    b"qt  ": "video/quicktime",
}
#: what a container may hold besides what its name says: recorders write sound into films' containers
_SOUND_TOO = frozenset({"video/webm", "video/mp4", "video/3gpp", "video/quicktime"})


def kind_of(head: bytes) -> str:
    """The media type of a file that begins so (`HEAD` bytes of it); `UNKNOWN` if nothing is known."""
    if head[4:8] == b"ftyp":
        return _boxed_kind(head)
    found = next((mark.type for mark in _MARKS if mark.fits(head)), None)
    return found or (TEXT if _is_text(head) else UNKNOWN)


def _boxed_kind(head: bytes) -> str:
    """By its own brand; of one that is not known here, whether it can be read as a picture."""
    own, end = head[8:12], min(int.from_bytes(head[:4]), len(head))
    if own in _BRANDS:
        return _BRANDS[own]
    others = {_BRANDS.get(head[at : at + 4], "") for at in range(16, end - 3, 4)}
    return next((kind for kind in ("image/avif", "image/heic") if kind in others), "video/mp4")


def _is_text(head: bytes) -> bool:
    """Whether it can be read as UTF-8 without controls; the last character may be cut in two."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return bool(text) and all(character.isprintable() or character in "\t\r\n\f" for character in text)


def suits(kind: str, wanted: str) -> bool:
    """Whether a file of this kind answers a question for `image`, `audio`, `video`, or any (`file`)."""
    family = kind.partition("/")[0]
    if wanted == "audio":
        return family == "audio" or kind in _SOUND_TOO
    return wanted not in {"image", "video"} or family == wanted
