"""A place on a map of our own: a graticule with a scale and a circle of its accuracy, drawn as SVG.

Nobody else's server is asked for a picture, and so nobody else learns where a family lives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from surveyapp.manage.record_lines import Line
from surveyapp.questionnaires.definition import DataType, Question, Questionnaire
from surveyapp.questionnaires.paths import item_path

#: of the drawing, in its own units
WIDTH, HEIGHT = 360, 240
_METRES_OF_DEGREE = 111_195.0
#: metres that half the height shows at least
_LEAST = 500.0
#: degrees between two lines
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 45.0)
#: metres of the scale's bar
_BARS = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of latitude or longitude: where it is drawn, and its degrees."""

    at: float
    degrees: float


@dataclass(frozen=True, slots=True)
class PlaceMap:
    """A drawn place; lengths in the drawing's units unless they are said to be metres."""

    path: str
    label: str
    lat: float
    lon: float
    #: metres; None: nobody knows
    accuracy: float | None
    #: the grid that it was moved to, in metres; None: it is as exact as it came
    coarse: int | None
    parallels: tuple[Tick, ...]
    meridians: tuple[Tick, ...]
    radius: float
    bar: float
    bar_metres: int


def place_maps(questionnaire: Questionnaire, told: list[Line]) -> list[PlaceMap]:
    """The places among a record's lines that are shown at all."""
    questions = {item.path: item for item in questionnaire.walk() if isinstance(item, Question)}
    found = []
    for line in told:
        question = questions.get(item_path(line.path)) if line.place else None
        if question is not None and question.type is DataType.GEOPOINT and line.place:
            found.append(_drawn(line, line.place, question.coarsen))
    return found


def _drawn(line: Line, place: Mapping[str, Any], coarse: int | None) -> PlaceMap:
    lat, lon, accuracy = place["lat"], place["lon"], place.get("accuracy")
    around = max(_LEAST, 3.0 * (accuracy or 0), 2.0 * (coarse or 0))
    scale = HEIGHT / 2 / around  # units per metre
    per_lat = _METRES_OF_DEGREE * scale
    per_lon = per_lat * max(cos(radians(lat)), 0.01)
    step = next((each for each in _STEPS if each * per_lon >= 60), _STEPS[-1])
    bar_metres = max((each for each in _BARS if each * scale <= WIDTH / 2), default=_BARS[0])
    return PlaceMap(
        path=line.path,
        label=line.label,
        lat=lat,
        lon=lon,
        accuracy=accuracy,
        coarse=coarse,
        parallels=_ticks(lat, step, HEIGHT / 2, -per_lat),
        meridians=_ticks(lon, step, WIDTH / 2, per_lon),
        radius=round((accuracy or 0) * scale, 1),
        bar=round(bar_metres * scale, 1),
        bar_metres=bar_metres,
    )


def _ticks(middle: float, step: float, half: float, scale: float) -> tuple[Tick, ...]:
    """The lines of the graticule within the drawing; `scale`: units per degree."""
    count = int(half / abs(scale) / step) + 1
    first = round(middle / step)
    degrees = (round((first + n) * step, 6) for n in range(-count, count + 1))
    drawn = (Tick(round(half + (each - middle) * scale, 1), each) for each in degrees)
    return tuple(tick for tick in drawn if 0 <= tick.at <= 2 * half)
