"""One spelling for equal answers, so that a digest of them means “the same content”."""

from __future__ import annotations

import json
import unicodedata
from typing import Any


def canonical(answers: Any) -> bytes:
    """JSON of answers in its one canonical spelling, as ASCII bytes.

    Keys are sorted, texts are NFC, and numbers that are equal are written equally (5, 5.0; 0, -0.0).
    Not asked (absent) and left empty (`null`) stay different. Also writes what no schema has seen.
    """
    spelt = json.dumps(_normalised(answers), sort_keys=True, separators=(",", ":"))
    return spelt.encode("ascii")


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
