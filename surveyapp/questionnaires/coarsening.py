"""Places made coarse: moved to the nearest point of a grid, so that a home is not found by them."""

from __future__ import annotations

import math
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
    lat = _snapped(place["lat"], step, 90)
    # a degree of longitude shrinks with the grid's own latitude, not with the exact one
    shrink = math.cos(math.radians(lat))
    lon = _snapped(place["lon"], step / shrink, 180) if shrink > 1e-6 else 0.0
    accuracy = max(float(metres), place.get("accuracy") or 0.0)
    return {"lat": lat, "lon": lon, "alt": None, "accuracy": accuracy}


def _snapped(degrees: float, step: float, most: int) -> float:
    """The nearest multiple of the step, halves upwards as JavaScript rounds, inside the globe."""
    snapped = math.floor(degrees / step + 0.5) * step
    return round(max(-most, min(most, snapped)), _DECIMALS)
