"""Places made coarse: moved to the nearest point of a grid, so that a home is not found by them."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

#: length of a degree of latitude, and of longitude on the equator, on the sphere (IUGG mean radius)
METRES_PER_DEGREE = 2 * math.pi * 6_371_008.8 / 360
#: decimals of a degree that are kept: 0.1 m, far below any grid, and the same in every language
_DECIMALS = 6


def coarse_place(place: dict[str, Any], metres: int) -> dict[str, float | None]:
    """A place moved to a grid of that many metres; coarsening it again changes nothing.

    The height is left out, it would tell the slope; `accuracy` becomes at least the grid's width. The
    phone's program does the same before it saves.
    """
    step = metres / METRES_PER_DEGREE
    lat, step = _line(math.floor(place["lat"] / step + 0.5), metres)
    lon = _snapped(place["lon"], step, 180) if step else 0.0
    accuracy = max(float(metres), place.get("accuracy") or 0.0)
    return {"lat": lat, "lon": lon, "alt": None, "accuracy": accuracy}


@lru_cache(maxsize=4096)  # a country has some thousand lines of a kilometre
def _line(number: int, metres: int) -> tuple[float, float]:
    """The latitude of a line of the grid, and the degrees between its points; 0 at a pole.

    A degree of longitude shrinks with the grid's own latitude, not with the exact one.
    """
    step = metres / METRES_PER_DEGREE
    lat = _inside(number * step, 90)
    shrink = math.cos(math.radians(lat))
    return lat, step / shrink if shrink > 1e-6 else 0.0


def _snapped(degrees: float, step: float, most: int) -> float:
    """The nearest multiple of the step, halves upwards as JavaScript rounds, inside the globe."""
    return _inside(math.floor(degrees / step + 0.5) * step, most)


def _inside(degrees: float, most: int) -> float:
    return round(max(-most, min(most, degrees)), _DECIMALS)
