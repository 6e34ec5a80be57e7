"""Results are stored as JavaRosa stores them (observed there), but for exponents."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from surveyapp.questionnaires.definition import DataType
from surveyapp.questionnaires.expressions import Scalar, storage_text
from tests.questionnaires.expressions.world import World

WORLD = World(now=datetime(2024, 3, 15, 10, tzinfo=timezone(timedelta(hours=5))))
MOMENT = datetime(2024, 1, 31, 23, 30, 15, 250000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("x", "x"),
        (True, "1"),
        (False, "0"),
        (math.nan, ""),
        (math.inf, "Infinity"),
        (70.0, "70"),
        (3.0000000000001, "3"),
        (-3.5, "-3.5"),
        (1 / 3, "0.3333333333333333"),
        (1e12, "1000000000000"),
        (1234567890123456780.0, "1234567890123456768"),
        (1e-7, "0.0000001"),
        (date(2024, 3, 15), "2024-03-15T00:00:00.000+05:00"),
        (MOMENT, "2024-01-31T23:30:15.250Z"),
        (time(6, 30), "06:30:00.000+05:00"),
    ],
)
def test_a_text_calculation_stores(value: Scalar, stored: str) -> None:
    assert storage_text(value, WORLD) == stored


@pytest.mark.parametrize(
    ("value", "type_", "stored"),
    [
        (7.9, DataType.INTEGER, "7"),
        (-7.9, DataType.INTEGER, "-7"),
        (70.0, DataType.DECIMAL, "70"),
        (True, DataType.INTEGER, "1"),
        ("12", DataType.INTEGER, "12"),
        (date(2024, 3, 15), DataType.DATE, "2024-03-15"),
        (MOMENT, DataType.DATE, "2024-01-31"),
        (MOMENT, DataType.TIME, "23:30:15.250Z"),
        (date(2024, 3, 15), DataType.DATETIME, "2024-03-15T00:00:00.000+05:00"),
        (19000.0, DataType.DATE, "19000"),
        (3.0, DataType.SELECT_ONE, "3"),
    ],
)
def test_a_calculation_with_a_type_stores(value: Scalar, type_: DataType, stored: str) -> None:
    assert storage_text(value, WORLD, type_) == stored


def test_a_path_stores_its_nodes_value() -> None:
    assert storage_text(World.of({"a": 5.0}).evaluate("/data/a"), WORLD) == "5"


def test_a_time_has_an_offset_in_a_zone_with_summer_times_too() -> None:
    world = World(now=datetime(2024, 7, 1, 10, tzinfo=ZoneInfo("Europe/Berlin")))
    assert storage_text(time(6, 30), world) == "06:30:00.000+01:00"
    assert storage_text(world.now, world, DataType.TIME) == "10:00:00.000+02:00"
