"""Functions of dates and times, in an interview whose device is at +05:00."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from surveyapp.questionnaires.expressions import EvaluationError, Value, to_number
from tests.questionnaires.expressions.world import Answers, World

ALMATY = timezone(timedelta(hours=5))
NOW = datetime(2024, 3, 15, 2, 30, tzinfo=ALMATY)
ANSWERS: Answers = {
    "born": date(2020, 2, 29),
    "met": datetime(2024, 1, 31, 23, 30, 15, 250000, tzinfo=ALMATY),
    "woke": time(6, 30),
    "none": "",
}


def evaluate(source: str) -> Value:
    world = World.of(ANSWERS)
    world.now = NOW
    return world.evaluate(source)


def test_today_is_the_devices_day_though_it_is_yesterday_in_utc() -> None:
    assert evaluate("today()") == date(2024, 3, 15)
    assert NOW.astimezone(UTC).date() == date(2024, 3, 14)
    assert evaluate("now()") == NOW


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("date('2024-02-29')", date(2024, 2, 29)),
        ("date('2024-2-9')", date(2024, 2, 9)),
        ("date(0)", date(1970, 1, 1)),
        ("date(1.9)", date(1970, 1, 2)),
        ("date(-1.5)", date(1969, 12, 31)),
        ("date(/data/met)", date(2024, 1, 31)),
        ("date(/data/born + 366)", date(2021, 3, 1)),
        ("date(/data/none)", ""),
        ("date-time('')", ""),
        ("date-time(/data/born)", date(2020, 2, 29)),
        ("date('2024-01-05T10:20')", datetime(2024, 1, 5, 10, 20, tzinfo=ALMATY)),
        ("date-time('2024-01-05T10:20:30.1239Z')", datetime(2024, 1, 5, 15, 20, 30, 123000, ALMATY)),
        ("date-time('2024-01-05T01:00:00-03:30')", datetime(2024, 1, 5, 9, 30, tzinfo=ALMATY)),
        ("date-time(1.5)", datetime(1970, 1, 2, 17, tzinfo=ALMATY)),
        ("decimal-date-time('1970-01-02')", 1 - 5 / 24),
        ("decimal-date-time(/data/none)", ""),
        ("decimal-date-time(2.5)", 2.5),
        ("decimal-time(/data/woke)", 6.5 / 24),
        ("decimal-time('2024-01-01T18:00')", 0.75),
        ("decimal-time(1.75)", 0.75),
        ("decimal-time('')", ""),
        ("now() - today()", 0.0),
    ],
)  # fmt: skip
def test_a_function_of_dates_gives(source: str, value: Value) -> None:
    assert evaluate(source) == (pytest.approx(value) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("format-date(/data/born, '%d/%m/%Y')", "29/02/2020"),
        ("format-date('2024-01-05', '%e %b %y %a %n %%')", "5 Jan 24 Fri 1 %"),
        ("format-date-time(/data/met, '%H:%M:%S.%3 %h')", "23:30:15.250 23"),
        ("format-date-time(/data/woke, '%H.%M')", "06.30"),
        ("format-date-time(now(), '%Y-%m-%dT%H:%M')", "2024-03-15T02:30"),
        ("format-date('2024-12-30', '%W')", "1"),
        ("format-date(/data/none, '%Y')", ""),
        ("format-date(number('x'), '%Y')", ""),
        ("format-date(19797, '%Y-%m-%d')", "2024-03-15"),
        ("format-date-time('2024-01-05T23:00:00Z', '%e')", "6"),
    ],
)
def test_a_moment_is_written_in_the_devices_own_time(source: str, text: str) -> None:
    assert evaluate(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "date('2024-02-30')",
        "date('abc')",
        "date('20240105')",
        "date('2024-01-05 ')",
        "date('2024-01-05T25:00')",
        "date('2024-01-05T10:00:00+25:00')",
        "decimal-time('12:00')",
        "date(1 div 0)",
        "date(99999999)",
        "date-time(99999999)",
        "date-time('9999-12-31T23:59:59-12:00')",
        "date(true())",
        "decimal-date-time(10000000000)",
    ],
)
def test_what_is_no_date_is_an_error(source: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        evaluate(source)
    assert raised.value.code == "date"


@pytest.mark.parametrize(("pattern", "escape"), [("%Q", "%Q"), ("100%", "%"), ("%A", "%A")])
def test_an_unknown_escape_is_an_error(pattern: str, escape: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        evaluate(f"format-date(today(), '{pattern}')")
    assert (raised.value.code, raised.value.params) == ("date_format", {"escape": escape})


def test_a_moment_from_another_offset_is_carried_over() -> None:
    world = World.of({"met": datetime(2024, 1, 31, 22, 30, tzinfo=UTC), "woke": time(1, tzinfo=UTC)})
    world.now = NOW
    assert world.evaluate("format-date-time(/data/met, '%d %H:%M')") == "01 03:30"
    assert world.evaluate("date(/data/met)") == date(2024, 2, 1)
    assert world.evaluate("format-date-time(/data/woke, '%H:%M')") == "06:00"


def test_no_number_of_days_is_no_date() -> None:
    assert math.isnan(to_number(evaluate("date(number('x'))")))
    assert math.isnan(to_number(evaluate("date-time(number('x'))")))
    assert math.isnan(to_number(evaluate("decimal-time(number('x'))")))
