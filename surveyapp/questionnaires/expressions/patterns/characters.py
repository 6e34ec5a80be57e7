"""Sets of characters: ranges, escapes, and the properties that Java knows by name."""

from __future__ import annotations

import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

_END = sys.maxunicode + 1
_CASE_DISTANCE = ord("a") - ord("A")


class CharacterSet:
    """An immutable set of code points.

    `bounds` holds where membership changes: in from the first, out from the second, in from the third …
    """

    __slots__ = ("bounds",)

    def __init__(self, bounds: tuple[int, ...]) -> None:
        self.bounds = bounds

    @classmethod
    def of_ranges(cls, ranges: Iterable[tuple[int, int]]) -> CharacterSet:
        """The code points of some ranges, both ends included."""
        bounds: list[int] = []
        for first, last in sorted(ranges):
            if bounds and first <= bounds[-1]:
                bounds[-1] = max(bounds[-1], last + 1)
            else:
                bounds += (first, last + 1)
        return cls(tuple(bounds))

    @classmethod
    def of(cls, characters: str) -> CharacterSet:
        """The characters of a text."""
        return cls.of_ranges((ord(character), ord(character)) for character in characters)

    def __contains__(self, character: str) -> bool:
        return bisect_right(self.bounds, ord(character)) % 2 == 1

    def __or__(self, other: CharacterSet) -> CharacterSet:
        return CharacterSet.of_ranges([*self.ranges(), *other.ranges()])

    def __invert__(self) -> CharacterSet:
        bounds = self.bounds
        start = bounds[1:] if bounds[:1] == (0,) else (0, *bounds)
        return CharacterSet(start[:-1] if start[-1:] == (_END,) else (*start, _END))

    def __and__(self, other: CharacterSet) -> CharacterSet:
        return ~(~self | ~other)

    def ranges(self) -> list[tuple[int, int]]:
        """The set as ranges, both ends included."""
        return [(first, after - 1) for first, after in zip(*[iter(self.bounds)] * 2, strict=True)]

    @property
    def only(self) -> int | None:
        """The code point of a set of one."""
        match self.bounds:
            case (first, after) if after == first + 1:
                return first
        return None

    def ignoring_case(self) -> CharacterSet:
        """With the other case of its ASCII letters, as Java's `(?i)`."""
        upper = _shifted(self & _UPPER, _CASE_DISTANCE)
        lower = _shifted(self & _LOWER, -_CASE_DISTANCE)
        return self | upper | lower


def _shifted(characters: CharacterSet, distance: int) -> CharacterSet:
    return CharacterSet.of_ranges(
        (first + distance, last + distance) for first, last in characters.ranges()
    )


_UPPER = CharacterSet.of_ranges([(0x41, 0x5A)])
_LOWER = CharacterSet.of_ranges([(0x61, 0x7A)])
_DIGIT = CharacterSet.of_ranges([(0x30, 0x39)])
_LETTER = _UPPER | _LOWER
_PUNCTUATION = CharacterSet.of("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_SPACE = CharacterSet.of(" \t\n\x0b\f\r")
_HORIZONTAL = CharacterSet.of(" \t\xa0\u1680\u180e\u202f\u205f\u3000") | CharacterSet.of_ranges(
    [(0x2000, 0x200A)]
)
LINE_ENDS = CharacterSet.of("\n\r\x85\u2028\u2029")
_VERTICAL = LINE_ENDS | CharacterSet.of("\x0b\f")
ANY = ~CharacterSet(())
NOT_LINE_END = ~LINE_ENDS

#: `\d`, `\w`, `\s` mean ASCII in Java; the capital letter means the others.
CLASS_ESCAPES: dict[str, CharacterSet] = {
    "d": _DIGIT,
    "w": _LETTER | _DIGIT | CharacterSet.of("_"),
    "s": _SPACE,
    "h": _HORIZONTAL,
    "v": _VERTICAL,
}
CLASS_ESCAPES |= {letter.upper(): ~members for letter, members in CLASS_ESCAPES.items()}

_POSIX: dict[str, CharacterSet] = {
    "Lower": _LOWER,
    "Upper": _UPPER,
    "ASCII": CharacterSet.of_ranges([(0, 0x7F)]),
    "Alpha": _LETTER,
    "Digit": _DIGIT,
    "Alnum": _LETTER | _DIGIT,
    "Punct": _PUNCTUATION,
    "Graph": _LETTER | _DIGIT | _PUNCTUATION,
    "Print": _LETTER | _DIGIT | _PUNCTUATION | CharacterSet.of(" "),
    "Blank": CharacterSet.of(" \t"),
    "Cntrl": CharacterSet.of_ranges([(0, 0x1F), (0x7F, 0x7F)]),
    "XDigit": _DIGIT | CharacterSet.of("abcdefABCDEF"),
    "Space": _SPACE,
}
#: Unicode 15, Scripts.txt, without the scripts' rarest signs.
_SCRIPTS: dict[str, CharacterSet] = {
    "CYRILLIC": CharacterSet.of_ranges(
        [
            (0x0400, 0x0484),
            (0x0487, 0x052F),
            (0x1C80, 0x1C88),
            (0x1D2B, 0x1D2B),
            (0x1D78, 0x1D78),
            (0x2DE0, 0x2DFF),
            (0xA640, 0xA69F),
            (0xFE2E, 0xFE2F),
        ]
    ),
    "LATIN": CharacterSet.of_ranges(
        [
            (0x41, 0x5A),
            (0x61, 0x7A),
            (0xAA, 0xAA),
            (0xBA, 0xBA),
            (0xC0, 0xD6),
            (0xD8, 0xF6),
            (0xF8, 0x02B8),
            (0x02E0, 0x02E4),
            (0x1D00, 0x1D25),
            (0x1D2C, 0x1D5C),
            (0x1D62, 0x1D65),
            (0x1D6B, 0x1D77),
            (0x1D79, 0x1DBE),
            (0x1E00, 0x1EFF),
            (0x2071, 0x2071),
            (0x207F, 0x207F),
            (0x2090, 0x209C),
            (0x212A, 0x212B),
            (0x2132, 0x2132),
            (0x214E, 0x214E),
            (0x2160, 0x2188),
            (0x2C60, 0x2C7F),
            (0xA722, 0xA787),
            (0xA78B, 0xA7CA),
            (0xA7F2, 0xA7FF),
            (0xAB30, 0xAB5A),
            (0xAB5C, 0xAB64),
            (0xFB00, 0xFB06),
            (0xFF21, 0xFF3A),
            (0xFF41, 0xFF5A),
        ]
    ),
}
_BLOCKS: dict[str, CharacterSet] = {
    "CYRILLIC": CharacterSet.of_ranges([(0x0400, 0x04FF)]),
    "BASICLATIN": CharacterSet.of_ranges([(0, 0x7F)]),
}
_BINARY = {
    "ALPHABETIC": ("L", "Nl"),
    "LETTER": ("L",),
    "UPPERCASE": ("Lu",),
    "LOWERCASE": ("Ll",),
    "DIGIT": ("Nd",),
    "PUNCTUATION": ("P",),
}
_MAJOR = frozenset("LMNPSZC")


def named(name: str) -> CharacterSet | None:
    """The set that `\\p{name}` means; None if this language does not know it."""
    if name in _POSIX:
        return _POSIX[name]
    prefix, _, value = name.rpartition("=")
    if prefix:
        return _of_property(prefix.lower(), value)
    if name.startswith("In"):
        return _BLOCKS.get(name[2:].upper().replace("_", "").replace(" ", ""))
    if name.startswith("Is"):
        plain = name[2:]
        return _SCRIPTS.get(plain.upper()) or _of_binary(plain) or _of_category(plain)
    return _of_category(name)


def _of_property(prefix: str, value: str) -> CharacterSet | None:
    if prefix in {"script", "sc"}:
        return _SCRIPTS.get(value.upper())
    if prefix in {"general_category", "gc"}:
        return _of_category(value)
    return None


def _of_binary(name: str) -> CharacterSet | None:
    categories = _BINARY.get(name.upper())
    if not categories:
        return None
    members = CharacterSet(())
    for category in categories:
        members |= _category(category)
    return members


def _of_category(name: str) -> CharacterSet | None:
    if name in _MAJOR or name in _categories():
        return _category(name)
    return None


@lru_cache(maxsize=64)
def _category(name: str) -> CharacterSet:
    """The code points of a Unicode general category (`Lu`), or of a major one (`L`)."""
    by_category = _categories()
    return CharacterSet.of_ranges(
        range_
        for category in by_category
        if category.startswith(name)
        for range_ in by_category[category]
    )


@lru_cache(maxsize=1)
def _categories() -> dict[str, list[tuple[int, int]]]:
    """Ranges of every general category; a pass over all of Unicode, made when first asked for."""
    kinds = [unicodedata.category(chr(code)) for code in range(_END)]
    changes = [0, *(code for code in range(1, _END) if kinds[code] != kinds[code - 1]), _END]
    ranges: dict[str, list[tuple[int, int]]] = {}
    for first, after in pairwise(changes):
        ranges.setdefault(kinds[first], []).append((first, after - 1))
    return ranges
