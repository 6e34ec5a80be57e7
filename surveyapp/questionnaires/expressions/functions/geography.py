"""Functions of places: distances and areas on a sphere, as JavaRosa's `GeoUtils` computes them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

from surveyapp.questionnaires.expressions.conversions import Function, Value, to_string
from surveyapp.questionnaires.expressions.errors import EvaluationError
from surveyapp.questionnaires.expressions.functions.nodesets import nodeset
from surveyapp.questionnaires.expressions.functions.numbers import added
from surveyapp.questionnaires.expressions.functions.strings import values_of

#: Metres; JavaRosa's figure.
EARTH_RADIUS = 6_378_100.0
CIRCUMFERENCE = 2 * EARTH_RADIUS * math.pi


class Place(NamedTuple):
    """A point in degrees."""

    latitude: float
    longitude: float


def distance(value: Value) -> float:
    """Metres along a geotrace, around a geoshape, or from node to node of several geopoints.

    Raises:
        EvaluationError: `geography`.
    """
    return added(_between(*pair) for pair in pairwise(_places("distance", value)))


def _between(first: Place, second: Place) -> float:
    """By the spherical law of cosines."""
    turn = math.radians(first.longitude - second.longitude)
    here, there = math.radians(first.latitude), math.radians(second.latitude)
    cosine = math.sin(here) * math.sin(there) + math.cos(here) * math.cos(there) * math.cos(turn)
    return math.acos(max(-1.0, min(cosine, 1.0))) * EARTH_RADIUS


def area(value: Value) -> float:
    """Square metres inside a geoshape, or inside several geopoints; fewer than three make none.

    Raises:
        EvaluationError: `geography` or `nodeset`.
    """
    places = _places("area", nodeset("area", value))
    if len(places) < 3:
        return 0.0
    edges = [_from_reference(places[0], place) for place in places[1:]]
    return abs(added((y1 * x2 - x1 * y2) / 2 for (x1, y1), (x2, y2) in pairwise(edges)))


def _from_reference(reference: Place, place: Place) -> tuple[float, float]:
    # in JavaRosa's order, so that the same digits are rounded off
    shrink = math.cos(math.radians(place.latitude))
    return (
        (place.longitude - reference.longitude) * CIRCUMFERENCE * shrink / 360,
        (place.latitude - reference.latitude) * CIRCUMFERENCE / 360,
    )


def geofence(point: Value, value: Value) -> bool:
    """Whether a point lies inside a geoshape, or several geopoints; without one that of 0 degrees does.

    Raises:
        EvaluationError: `geography` or `nodeset`.
    """
    place = _single(point)
    corners = _places("geofence", nodeset("geofence", value))
    crossed = sum(_is_east(place, *edge) for edge in pairwise(corners))
    return crossed % 2 == 1


def _single(point: Value) -> Place:
    text = to_string(point)
    try:
        return _place(text) if text else Place(0.0, 0.0)
    except ValueError as error:
        raise EvaluationError("geography", function="geofence") from error


def _is_east(place: Place, first: Place, second: Place) -> bool:
    """Whether a line eastwards from a place crosses an edge."""
    if (second.latitude > place.latitude) is (first.latitude > place.latitude):
        return False
    width, height = first.longitude - second.longitude, first.latitude - second.latitude
    return place.longitude < width * (place.latitude - second.latitude) / height + second.longitude


def _places(function: str, value: Value) -> list[Place]:
    texts = list(map(to_string, values_of(value))) if isinstance(value, tuple) else [to_string(value)]
    if len(texts) == 1:
        texts = [text for text in texts[0].split(";") if text.strip()]
    try:
        return [_place(text) for text in texts]
    except ValueError as error:
        raise EvaluationError("geography", function=function) from error


def _place(text: str) -> Place:
    latitude, *others = map(float, text.split())
    return Place(latitude, others[0] if others else 0.0)


GEOGRAPHY: dict[str, Function] = {
    "area": area,
    "distance": distance,
    "enclosed-area": area,
    "geofence": geofence,
}
