"""Kazakhstan's regions and districts, named in three languages (`library/geography.csv`)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from surveyapp.questionnaires import library

#: Languages in which the classifier names places.
LANGUAGES = ("kk", "ru", "en")


@dataclass(frozen=True, slots=True)
class Place:
    """A region, or a district, city administration or borough of one.

    `code` is the KATO code, nine digits; `parent` the region's code, None for a region itself.
    `names` is keyed by language (`LANGUAGES`). Names repeat across regions: key by code, not by name.
    """

    code: str
    parent: str | None
    names: Mapping[str, str]


@cache
def places() -> tuple[Place, ...]:
    """Every place in the classifier's order: each region, then its districts."""
    lines = library.read("geography.csv").decode("utf-8").splitlines()
    return tuple(_place(row) for row in csv.DictReader(lines))


@cache
def regions() -> tuple[Place, ...]:
    """The 20 units of the first level, in the order of their codes."""
    return tuple(place for place in places() if place.parent is None)


@cache
def districts() -> tuple[Place, ...]:
    """Districts, city administrations, and boroughs of the cities that are regions themselves."""
    return tuple(place for place in places() if place.parent is not None)


def _place(row: Mapping[str, str]) -> Place:
    names = MappingProxyType({language: row[language] for language in LANGUAGES})
    return Place(row["code"], row["parent"] or None, names)
