"""Submissions with a place as GeoJSON (RFC 7946): longitude before latitude, in WGS 84, as ODK has it.

Places are taken from the cells of the table and from nowhere else: what is left out of the columns, or
made coarse there, is so on the map.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, TypeAlias

from surveyapp.exports.cells import GEOPOINT_PARTS, PART, Cell
from surveyapp.exports.errors import NoPlaces, PlacesLeftOut
from surveyapp.exports.incremental import change_of
from surveyapp.exports.plan import Plan
from surveyapp.exports.records import Record
from surveyapp.exports.tables import SUBMISSIONS, Table
from surveyapp.questionnaires.definition import DataType

PLACE_TYPES = frozenset({DataType.GEOPOINT, DataType.GEOTRACE, DataType.GEOSHAPE})
#: the members of `properties` that tell from which question the place is, and of which table the rest
PLACE, TABLE = "place_of", "place_in"

Position: TypeAlias = list[float]
Geometry: TypeAlias = dict[str, Any]
#: Makes a geometry of a row, if its place was answered.
Placing: TypeAlias = Callable[[Sequence[Cell]], Geometry | None]


def check_places(plan: Plan) -> None:
    """Look whether there is anything to put on a map. Raises `NoPlaces`, `PlacesLeftOut`."""
    if any(True for table in plan.tables for _place in _placings(table)):
        return
    asked = any(item.type in PLACE_TYPES for item in (*plan.left_out, *plan.items))
    raise PlacesLeftOut if asked else NoPlaces


class GeoJsonFile:
    """A FeatureCollection: a feature for each submission whose place is known, at its first place.

    Entries of rosters that have places are features of their own, behind that of their submission. The
    properties are the columns of the table that the row is of, under their names.
    """

    def __init__(self, plan: Plan) -> None:
        self.name = f"{SUBMISSIONS}.geojson"
        self.rows = 0
        self._submissions = _Layer.of(plan.tables[0])
        self._layers = [layer for layer in map(_Layer.of, plan.tables) if layer.places]

    def begin(self) -> bytes:
        """The collection's head."""
        return b'{"type":"FeatureCollection","features":['

    def add(self, record: Record) -> bytes:
        """The features of a submission, each on a line of its own; nothing if it has no place.

        Of changes each is told, so that what a reader had of it goes: without a place as a feature
        without geometry, which RFC 7946 calls unlocated.
        """
        features = b"".join(
            self._feature(layer, row, found)
            for layer in self._layers
            for row in layer.table.rows(record)
            if (found := layer.place(row)) is not None
        )
        if features or change_of(record) is None:
            return features
        (row,) = self._submissions.table.rows(record)
        return self._feature(self._submissions, row, (None, None))

    def end(self) -> Iterable[bytes]:
        """The collection's end; without it this is no JSON."""
        return [b"\n]}\n"]

    def _feature(
        self, layer: _Layer, row: Sequence[Cell], found: tuple[str | None, Geometry | None]
    ) -> bytes:
        question, geometry = found
        cells = dict(zip(layer.names, map(_json, row), strict=True))
        feature = {
            "type": "Feature",
            "id": cells["id"],
            "geometry": geometry,
            "properties": cells | {PLACE: question, TABLE: layer.table.name},
        }
        before = b",\n" if self.rows else b"\n"
        self.rows += 1
        return before + json.dumps(feature, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class _Layer:
    """A table, and where in its rows there are places."""

    table: Table
    names: Sequence[str]
    places: Sequence[tuple[str, Placing]]

    @classmethod
    def of(cls, table: Table) -> _Layer:
        return cls(table, [column.name for column in table.columns], list(_placings(table)))

    def place(self, row: Sequence[Cell]) -> tuple[str, Geometry] | None:
        """The first place of a row, with the name of its question."""
        found = ((name, geometry) for name, placing in self.places if (geometry := placing(row)))
        return next(found, None)


def _placings(table: Table) -> Iterator[tuple[str, Placing]]:
    """Name of each question for a place, and what makes its geometry of a row."""
    points: dict[str, dict[str, int]] = {}
    for number, column in enumerate(table.columns):
        if column.item is None or column.item.type not in PLACE_TYPES:
            continue
        if column.item.type is DataType.GEOPOINT:
            name, _, part = column.name.rpartition(PART)
            points.setdefault(name, {})[part] = number
            if part == GEOPOINT_PARTS[-1]:
                yield name, _pointing(points[name])
        else:
            yield column.name, _drawing(number, closed=column.item.type is DataType.GEOSHAPE)


def _pointing(parts: Mapping[str, int]) -> Placing:
    lat, lon, alt = (parts.get(part) for part in GEOPOINT_PARTS[:3])

    def point(row: Sequence[Cell]) -> Geometry | None:
        if lat is None or lon is None:
            return None
        height = None if alt is None else row[alt]
        position = _position(row[lat], row[lon], height)
        return {"type": "Point", "coordinates": position} if position else None

    return point


def _drawing(number: int, *, closed: bool) -> Placing:
    def drawn(row: Sequence[Cell]) -> Geometry | None:
        cell = row[number]
        if not isinstance(cell, str):
            return None
        positions = [position for text in cell.split("; ") if (position := _read(text))]
        return _area(positions) if closed else _line(positions)

    return drawn


def _read(text: str) -> Position | None:
    """A place as a cell has it: `lat lon alt accuracy`."""
    try:
        lat, lon, alt, *_accuracy = map(float, text.split())
    except ValueError:
        return None
    return _position(lat, lon, alt or None)


def _position(lat: Cell, lon: Cell, alt: Cell) -> Position | None:
    if not isinstance(lat, (int, float)) or not isinstance(lon, (int, float)):
        return None
    return [lon, lat, alt] if isinstance(alt, (int, float)) else [lon, lat]


def _line(positions: list[Position]) -> Geometry | None:
    if len(positions) > 1:
        return {"type": "LineString", "coordinates": positions}
    return {"type": "Point", "coordinates": positions[0]} if positions else None


def _area(positions: list[Position]) -> Geometry | None:
    """A ring is closed and goes against the clock (RFC 7946, 3.1.6); what encloses nothing is a line."""
    ring = positions if positions[:1] == positions[-1:] else [*positions, positions[0]]
    if len(ring) < 4:
        return _line(positions)
    doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
    return {"type": "Polygon", "coordinates": [ring if doubled >= 0 else ring[::-1]]}


def _json(cell: Cell) -> Any:
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, date) else cell
