"""One spelling for equal answers, so that a digest of them means “the same content”."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any


def canonical(answers: Any) -> bytes:
    """JSON of answers in its one canonical spelling, as ASCII bytes.

    Keys are sorted, texts are NFC, and numbers that are equal are written equally (5, 5.0; 0, -0.0).
    Not asked (absent) and left empty (`null`) stay different. Also writes what no schema has seen.
    """
    plain = _PLAIN.encode(answers)
    if not _has_whole_fraction(plain):
        if plain.isascii() and _DELETE not in plain:
            return plain.encode("ascii")
        if unicodedata.is_normalized("NFC", plain):
            return _as_ascii(plain) or _ASCII.encode(answers).encode("ascii")
    return _ASCII.encode(_normalised(answers)).encode("ascii")


_PLAIN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_ASCII = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
#: the one ASCII character that the two encoders write differently (as it is, as `\u007f`)
_DELETE = "\x7f"
#: where the spelling of a fraction may be that of a whole number: most answers have none
_MAY_BE_WHOLE = re.compile(r"[0-9](?:\.0(?![0-9])|e\+)")


def _has_whole_fraction(plain: str) -> bool:
    return (".0" in plain or "e+" in plain) and bool(_MAY_BE_WHOLE.search(plain))


def _as_ascii(plain: str) -> bytes | None:
    """The same JSON in ASCII; None: Python writes something in it in another way than JSON.

    That is so of characters below U+0100 and above U+FFFF, and of U+007F.
    """
    if _DELETE in plain:
        return None
    spelt = plain.encode("ascii", "backslashreplace")
    return None if b"\\x" in spelt or b"\\U" in spelt else spelt


def _normalised(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {_normalised(name): _normalised(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_normalised(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
