"""The known word that a misspelt one may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

#: how alike two words are at least, from 0 to 1
_LIKENESS = 0.72
#: more words than this are not searched through
_MOST = 5_000
#: Cyrillic letters that nobody can tell from Latin ones
_ALIKE = str.maketrans("аеорсухіјѕһԛԝАВЕКМНОРСТУХІЈЅ", "aeopcyxijshqwABEKMHOPCTYXIJS")
_LATIN = re.compile("[A-Za-z]")
_CYRILLIC = re.compile("[\u0400-\u052f]")


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like this one, '' if none is; upper and lower case count as the same."""
    by_lower = {each.lower(): each for each, _ in zip(known, range(_MOST), strict=False)}
    found = get_close_matches(word.lower(), by_lower, 1, _LIKENESS)
    return by_lower[found[0]] if found else ""


def look_alike(word: str, known: Iterable[str]) -> str:
    """The known word that looks the same and is another one, '' if there is none."""
    seen = as_seen(word)
    return next((each for each in known if each != word and as_seen(each) == seen), "")


def as_seen(word: str) -> str:
    """A word with Latin letters for the Cyrillic ones that look the same."""
    return word.translate(_ALIKE)


def strange_letters(word: str) -> str:
    """The Cyrillic letters of a word that has Latin ones too, '' if it does not mix them."""
    return " ".join(dict.fromkeys(_CYRILLIC.findall(word))) if _LATIN.search(word) else ""
