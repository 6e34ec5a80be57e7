"""An answer's three forms: JSON, typed, text."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires.definition import DataType
from surveyapp.questionnaires.values import MisshapenValue, from_text, retyped, typed
from tests.questionnaires.strategies import CHOSEN, VALUES

ALMATY = timezone(timedelta(hours=5))
NAMES = st.from_regex(r"[a-z0-9_-]{1,8}", fullmatch=True)


@pytest.mark.parametrize(
    ("kind", "value", "scalar"),
    [
        (DataType.TEXT, "Ән", "Ән"),
        (DataType.INTEGER, 7, 7.0),
        (DataType.DECIMAL, 2, 2.0),
        (DataType.DATE, "2026-02-28", date(2026, 2, 28)),
        (DataType.TIME, "06:30:00Z", time(11, 30, tzinfo=ALMATY)),
        (DataType.TIME, "06:30", time(6, 30)),
        (DataType.DATETIME, "2026-02-27T23:30:00Z", datetime(2026, 2, 28, 4, 30, tzinfo=ALMATY)),
        (DataType.DATETIME, "2026-02-28T06:30:00", datetime(2026, 2, 28, 6, 30, tzinfo=ALMATY)),
        (DataType.SELECT_MULTIPLE, ["a", "b"], "a b"),
        (DataType.GEOPOINT, {"lat": 51, "lon": 71.5}, "51.0 71.5 0.0 0.0"),
        (DataType.GEOPOINT, {"lat": 1e-5, "lon": -1.23456e-5}, "1.0E-5 -1.23456E-5 0.0 0.0"),
        (DataType.GEOPOINT, {"lat": 1e-3, "lon": 1e-4, "alt": 1e7}, "0.001 1.0E-4 1.0E7 0.0"),
        (DataType.GEOTRACE, [{"lat": 1, "lon": 2}] * 2, "1.0 2.0 0.0 0.0; 1.0 2.0 0.0 0.0"),
        (DataType.ACKNOWLEDGE, True, "OK"),
        (DataType.ACKNOWLEDGE, "OK", "OK"),
        (DataType.IMAGE, "a.jpg", "a.jpg"),
        (DataType.INTEGER, None, ""),
        (DataType.SELECT_MULTIPLE, [], ""),
    ],
)
def test_a_json_value_has_a_typed_value(kind: DataType, value: Any, scalar: Any) -> None:
    found = typed(kind, value, ALMATY)
    assert (found, str(found)) == (scalar, str(scalar))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (DataType.TEXT, 5),
        (DataType.TEXT, ["a"]),
        (DataType.INTEGER, "5"),
        (DataType.INTEGER, True),
        (DataType.DECIMAL, 10**400),
        (DataType.DATE, "2026-02-30"),
        (DataType.DATE, 20260228),
        (DataType.TIME, "25:00"),
        (DataType.DATETIME, "yesterday"),
        (DataType.SELECT_MULTIPLE, "a b"),
        (DataType.SELECT_MULTIPLE, [1]),
        (DataType.GEOPOINT, {"lat": 1}),
        (DataType.GEOPOINT, "1 2"),
        (DataType.GEOTRACE, {"lat": 1, "lon": 2}),
        (DataType.ACKNOWLEDGE, False),
    ],
)
def test_a_json_value_of_another_type_is_refused(kind: DataType, value: Any) -> None:
    with pytest.raises(MisshapenValue):
        typed(kind, value, ALMATY)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (DataType.TEXT, " x ", " x "),
        (DataType.INTEGER, " 7 ", 7),
        (DataType.DECIMAL, "70.0", 70.0),
        (DataType.DATE, "2026-02-28T00:00:00.000+05:00", "2026-02-28"),
        (DataType.TIME, "06:30:00.000+05:00", "06:30:00+05:00"),
        (DataType.DATETIME, "2026-02-28T06:30:00.000Z", "2026-02-28T06:30:00+00:00"),
        (DataType.SELECT_ONE, "a", "a"),
        (DataType.SELECT_MULTIPLE, " a  b ", ["a", "b"]),
        (DataType.GEOPOINT, "1 2", {"lat": 1.0, "lon": 2.0}),
        (DataType.GEOPOINT, "1 2 3 4", {"lat": 1.0, "lon": 2.0, "alt": 3.0, "accuracy": 4.0}),
        (DataType.GEOTRACE, "1 2; 3 4;", [{"lat": 1.0, "lon": 2.0}, {"lat": 3.0, "lon": 4.0}]),
        (DataType.INTEGER, "", None),
        (DataType.INTEGER, "  ", None),
        (DataType.TEXT, "", None),
    ],
)
def test_a_text_has_a_json_value(kind: DataType, text: str, value: Any) -> None:
    assert from_text(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (DataType.INTEGER, "7.5"),
        (DataType.INTEGER, "many"),
        (DataType.INTEGER, "1_000"),
        (DataType.DECIMAL, "1_0.5"),
        (DataType.DECIMAL, "NaN"),
        (DataType.DECIMAL, "inf"),
        (DataType.DATE, "2026-13-01"),
        (DataType.GEOPOINT, "1"),
        (DataType.GEOTRACE, "1 2; x"),
    ],
)
def test_a_text_that_is_no_value_of_its_type_is_refused(kind: DataType, text: str) -> None:
    with pytest.raises(MisshapenValue):
        from_text(kind, text)


@pytest.mark.parametrize("kind", DataType)
@given(data=st.data())
def test_every_well_typed_value_is_taken(kind: DataType, data: st.DataObject) -> None:
    strategy = CHOSEN[kind](NAMES) if kind in CHOSEN else VALUES[kind]
    typed(kind, data.draw(strategy), ALMATY)


@given(st.text())
def test_any_text_is_a_value_of_a_type_or_refused(text: str) -> None:
    for kind in DataType:
        try:
            value = from_text(kind, text)
        except MisshapenValue:
            continue
        typed(kind, value, ALMATY)


@pytest.mark.parametrize(
    ("text", "scalar"),
    [
        ("5", 5.0),
        ("-2.5", -2.5),
        ("0", 0.0),
        ("2026-02-28T06:30:00.000+05:00", datetime(2026, 2, 28, 6, 30, tzinfo=ALMATY)),
        ("007", "007"),
        ("1e3", "1e3"),
        ("5 ", "5 "),
        ("2026-02-28", "2026-02-28"),
        ("2026-02-31T06:30:00.000+05:00", "2026-02-31T06:30:00.000+05:00"),
        ("true", "true"),
    ],
)
def test_a_computed_text_is_taken_for_what_it_was(text: str, scalar: Any) -> None:
    assert retyped(text, ALMATY) == scalar
