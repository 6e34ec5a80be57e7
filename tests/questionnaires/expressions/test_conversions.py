"""Values become texts, numbers and truths as in JavaRosa (each case was observed there)."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires.expressions import (
    EvaluationError,
    Scalar,
    Value,
    is_empty,
    to_boolean,
    to_number,
    to_string,
    unpack,
)
from surveyapp.questionnaires.expressions.conversions import to_index
from tests.questionnaires.expressions.world import Element

NIGHT = datetime(2024, 2, 29, 23, 30, tzinfo=timezone(timedelta(hours=5)))


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), (" 12 ", 12), ("-3.5", -3.5), ("1,5", 1.5), (".5", 0.5), ("5.", 5), ("007", 7)],
)
def test_a_text_of_digits_is_its_number(text: str, number: float) -> None:
    assert to_number(text) == number


@pytest.mark.parametrize(
    "text", ["", "abc", "1e3", "+5", "--5", "1-2", "-", ".", "- 5", "0x10", "٣", "\xa05", "Infinity"]
)
def test_any_other_text_is_no_number(text: str) -> None:
    assert math.isnan(to_number(text))


def test_a_date_is_the_days_since_1970_and_a_clock_does_not_count() -> None:
    assert to_number(date(1970, 1, 1)) == 0
    assert to_number(date(2024, 2, 29)) == to_number(NIGHT) == 19782


def test_a_time_is_the_fraction_of_the_day() -> None:
    assert to_number(time(18)) == 0.75


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "5"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.30000000000000004"),
        (2.0000000000001, "2"),
        (1e12, "1000000000000"),
        (1e-7, "0.0000001"),
        (12345678.9, "12345678.9"),
        (math.nan, "NaN"),
        (-math.inf, "-Infinity"),
        (True, "true"),
        (NIGHT, "2024-02-29"),
        (date(2024, 2, 29), "2024-02-29"),
        (time(6, 30, tzinfo=UTC), "06:30:00"),
    ],
)
def test_a_value_has_this_text(value: Scalar, text: str) -> None:
    assert to_string(value) == text


@pytest.mark.parametrize("value", ["", 0.0, math.nan, False, 1e-13])
def test_these_values_are_false(value: Scalar) -> None:
    assert not to_boolean(value)


@pytest.mark.parametrize("value", ["0", "false", -1.0, math.inf, True, date(1970, 1, 1), time(0)])
def test_these_values_are_true(value: Scalar) -> None:
    assert to_boolean(value)


def test_only_the_empty_text_and_nan_are_empty() -> None:
    empty: list[Value] = ["", math.nan, ()]
    answered: list[Value] = [" ", 0.0, False]
    assert all(map(is_empty, empty))
    assert not any(map(is_empty, answered))


def test_a_nodeset_has_the_value_of_its_only_node() -> None:
    assert unpack(()) == ""
    assert unpack((Element("age", 5.0),)) == 5.0


def test_several_nodes_have_no_one_value() -> None:
    with pytest.raises(EvaluationError) as raised:
        to_string((Element("age", 5.0), Element("age", 6.0)))
    assert (raised.value.code, raised.value.params) == ("repeated", {"name": "age"})


@pytest.mark.parametrize(
    ("value", "index"), [("x", 0), (2.9, 2), (-2.9, -2), (math.inf, 2**31 - 1), (-1e20, -(2**31))]
)
def test_an_index_is_a_whole_number_of_32_bits(value: Scalar, index: int) -> None:
    assert to_index(value) == index


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_the_text_of_a_number_is_a_number_again(number: float) -> None:
    assert to_number(to_string(number)) == pytest.approx(number, abs=1e-12)
