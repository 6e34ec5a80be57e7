"""The known word that a misspelt one may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: how alike two words are at least, from 0 to 1
_LIKENESS = 0.72
#: more words than this are not searched through
_MOST = 5_000


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like this one, '' if none is; upper and lower case count as the same."""
    by_lower = {each.lower(): each for each, _ in zip(known, range(_MOST), strict=False)}
    found = get_close_matches(word.lower(), by_lower, 1, _LIKENESS)
    return by_lower[found[0]] if found else ""
