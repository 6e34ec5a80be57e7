"""Kazakhstan's regions as tiles of one size, about where they lie; drawn as SVG on the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: code → column and row, and what stands on the tile in Kazakh, Russian and English
_TILES: Mapping[str, tuple[int, int, str, str, str]] = {
    "390000000": (2, 0, "ҚОС", "КОС", "KOS"),
    "590000000": (3, 0, "СҚО", "СКО", "NKZ"),
    "270000000": (0, 1, "БҚО", "ЗКО", "WKZ"),
    "150000000": (1, 1, "АҚТ", "АКТ", "AKT"),
    "110000000": (2, 1, "АҚМ", "АКМ", "AKM"),
    "710000000": (3, 1, "АСТ", "АСТ", "AST"),
    "550000000": (4, 1, "ПАВ", "ПАВ", "PAV"),
    "230000000": (0, 2, "АТЫ", "АТЫ", "ATY"),
    "620000000": (2, 2, "ҰЛЫ", "УЛЫ", "ULY"),
    "350000000": (3, 2, "ҚАР", "КАР", "KAR"),
    "100000000": (4, 2, "АБА", "АБА", "ABA"),
    "630000000": (5, 2, "ШҚО", "ВКО", "EKZ"),
    "470000000": (0, 3, "МАҢ", "МАН", "MAN"),
    "430000000": (2, 3, "ҚЫЗ", "КЫЗ", "KYZ"),
    "310000000": (3, 3, "ЖАМ", "ЖАМ", "ZHA"),
    "190000000": (4, 3, "АЛО", "АЛО", "ALM"),
    "330000000": (5, 3, "ЖЕТ", "ЖЕТ", "JET"),
    "610000000": (2, 4, "ТҮР", "ТУР", "TUR"),
    "790000000": (3, 4, "ШЫМ", "ШЫМ", "SHY"),
    "750000000": (4, 4, "АЛА", "АЛА", "ALA"),
}
_LANGUAGES = ("kk", "ru", "en")
#: shares of the plan from which on the next darker shade begins; the first: anything at all
_SHADES = (0.0, 0.34, 0.67, 1.0)


@dataclass(frozen=True, slots=True)
class Tile:
    """One region on the map; `shade` from 0 (nothing) to 4 (the plan is reached)."""

    code: str
    column: int
    row: int
    letters: str
    count: int
    share: float | None
    shade: int


def tiles(counts: Mapping[str, int], wanted: Mapping[str, int], language: str) -> list[Tile]:
    """The map: counts by region's code, shaded by their share of what is wanted.

    Without a plan they are shaded against the largest count.
    """
    largest = max((counts.get(code, 0) for code in _TILES), default=0)
    found = []
    for code, (column, row, *letters) in _TILES.items():
        count = counts.get(code, 0)
        share = count / wanted[code] if wanted.get(code) else None
        against = share if share is not None else (count / largest if largest and not wanted else 0.0)
        shade = sum(against >= step for step in _SHADES) if count else 0
        spelt = letters[_LANGUAGES.index(language)] if language in _LANGUAGES else letters[-1]
        found.append(Tile(code, column, row, spelt, count, share, shade))
    return found


def is_map_of(codes: object) -> bool:
    """Whether a list of regions is that of the map, so that it says something."""
    return isinstance(codes, Mapping) and len(set(codes) & set(_TILES)) >= len(_TILES) // 2
