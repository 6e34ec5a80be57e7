"""What people type becomes the JSON value that was meant, and comes back as they would write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.channels.pages.fields import Raw, Reading, Unreadable, raw_from, read, write
from surveyapp.questionnaires.definition import DataType, Question

ALMATY = timezone(timedelta(hours=5))
READING = Reading(offered=("a", "b", "c"), offset=ALMATY)


def question(kind: DataType, *appearance: str) -> Question:
    return Question(name="q", path="s/q", type=kind, appearance=frozenset(appearance))


def typed(kind: DataType, *texts: str, **parts: str) -> Any:
    raw: Raw = {"": list(texts)} if texts else {}
    return read(question(kind), raw | {part: [text] for part, text in parts.items()}, READING)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (DataType.INTEGER, "12", 12),
        (DataType.INTEGER, " 1 234 ", 1234),
        (DataType.INTEGER, "1\N{NO-BREAK SPACE}234", 1234),
        (DataType.INTEGER, "\N{MINUS SIGN}3", -3),
        (DataType.INTEGER, "007", 7),
        (DataType.DECIMAL, "3,5", 3.5),
        (DataType.DECIMAL, "3.5", 3.5),
        (DataType.DECIMAL, "1 234,5", 1234.5),
        (DataType.DECIMAL, ".5", 0.5),
        (DataType.TEXT, "  сәлем\r\nдостар ", "сәлем\nдостар"),
        (DataType.TEXT, "и\N{COMBINING BREVE}", "й"),
        (DataType.TEXT, "   ", None),
        (DataType.TIME, "9:05", "09:05:00+05:00"),
        (DataType.TIME, "0905", "09:05:00+05:00"),
        (DataType.TIME, "9.05", "09:05:00+05:00"),
        (DataType.SELECT_ONE, "b", "b"),
        (DataType.ACKNOWLEDGE, "OK", "OK"),
        (
            DataType.GEOTRACE,
            "43,25 76.95\n43.3 77",
            [
                {"lat": 43.25, "lon": 76.95, "alt": None, "accuracy": None},
                {"lat": 43.3, "lon": 77.0, "alt": None, "accuracy": None},
            ],
        ),
    ],
)
def test_what_is_typed_is_understood_as_it_was_meant(kind: DataType, text: str, value: Any) -> None:
    assert typed(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (DataType.INTEGER, "twelve", "integer"),
        (DataType.INTEGER, "1.5", "integer"),
        (DataType.INTEGER, "١٢", "integer"),
        (DataType.INTEGER, "1e3", "integer"),
        (DataType.INTEGER, "9" * 10, "range"),
        (DataType.DECIMAL, "1,5,2", "decimal"),
        (DataType.DECIMAL, "nan", "decimal"),
        (DataType.DECIMAL, ".", "decimal"),
        (DataType.TIME, "25:00", "time"),
        (DataType.TIME, "later", "time"),
        (DataType.SELECT_ONE, "z", "choice"),
        (DataType.SELECT_MULTIPLE, "z", "choice"),
        (DataType.TEXT, "a\x00b", "unstorable"),
        (DataType.TEXT, "x" * 100_001, "too_long"),
        (DataType.GEOTRACE, "43 76", "geotrace"),
        (DataType.GEOSHAPE, "43 76\n43 77\n44 77\n44 76", "geoshape"),
    ],
)
def test_what_cannot_be_understood_says_why(kind: DataType, text: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        typed(kind, text)
    assert caught.value.code == code


@pytest.mark.parametrize("kind", list(DataType)[:12])
def test_an_empty_field_is_no_answer_whatever_its_type(kind: DataType) -> None:
    assert read(question(kind), {"": [""], "day": ["  "]}, READING) is None
    assert read(question(kind), {}, READING) is None


@pytest.mark.parametrize(
    "parts",
    [
        {"day": "30", "month": "2", "year": "2024"},
        {"day": "1", "month": "13", "year": "2024"},
        {"day": "1", "month": "2", "year": "24"},
        {"day": "1", "month": "", "year": "2024"},
        {"day": "1", "month": "2", "year": "0000"},
    ],
)
def test_a_day_that_no_calendar_has_is_refused(parts: dict[str, str]) -> None:
    with pytest.raises(Unreadable, match="day"):
        typed(DataType.DATE, **parts)


@pytest.mark.parametrize("kind", [DataType.INTEGER, DataType.DECIMAL])
def test_a_range_ends_where_its_author_says(kind: DataType) -> None:
    asked = replace(question(kind), parameters={"start": "0", "end": "100", "step": "5"})
    assert [read(asked, {"": [text]}, READING) for text in ("0", "100")] == [0, 100]
    for text in ("-1", "101"):
        with pytest.raises(Unreadable) as caught:
            read(asked, {"": [text]}, READING)
        assert (caught.value.code, caught.value.params) == ("range", {"min": "0", "max": "100"})


def test_a_date_may_ask_for_the_month_or_the_year_only() -> None:
    month = read(question(DataType.DATE, "month-year"), {"month": ["9"], "year": ["2026"]}, READING)
    year = read(question(DataType.DATE, "year"), {"year": ["2026"]}, READING)
    assert (month, year) == ("2026-09-01", "2026-01-01")


def test_choices_come_in_the_order_of_the_list_and_once() -> None:
    assert typed(DataType.SELECT_MULTIPLE, "c", "a", "c") == ["a", "c"]


def test_a_ranking_needs_every_place_once() -> None:
    assert typed(DataType.RANK, a="2", b="3", c="1") == ["c", "a", "b"]
    with pytest.raises(Unreadable, match="rank"):
        typed(DataType.RANK, a="1", b="1", c="2")
    with pytest.raises(Unreadable, match="rank"):
        typed(DataType.RANK, a="1", b="", c="")


@pytest.mark.parametrize(("lat", "lon"), [("91", "0"), ("0", "181"), ("43.2", ""), ("north", "1")])
def test_a_place_that_is_nowhere_is_refused(lat: str, lon: str) -> None:
    with pytest.raises(Unreadable, match="geopoint"):
        typed(DataType.GEOPOINT, lat=lat, lon=lon)


def test_the_fields_of_one_question_are_told_from_those_of_the_next() -> None:
    form: Mapping[str, list[str]] = {
        "s/q": ["x"],
        "s/q@day": ["1"],
        "s/q2": ["y"],
        "s/q2@day": ["2"],
        "@go": ["next"],
    }
    assert raw_from(form, "s/q") == {"": ["x"], "day": ["1"]}


number = st.integers(-(10**9) + 1, 10**9 - 1)
decimal = number.map(lambda whole: whole / 1000)
degrees = st.integers(-90_000, 90_000).map(lambda thousandths: thousandths / 1000)
place = st.fixed_dictionaries({"lat": degrees, "lon": degrees, "alt": st.none(), "accuracy": st.none()})
minutes = st.times().map(lambda each: time(each.hour, each.minute, tzinfo=ALMATY).isoformat())
days = st.dates(min_value=date(1000, 1, 1))
moments = st.builds(datetime.combine, days, st.just(time(14, 30, tzinfo=ALMATY)))
VALUES: dict[DataType, st.SearchStrategy[Any]] = {
    DataType.INTEGER: number,
    DataType.DECIMAL: decimal,
    DataType.TEXT: st.text("аәбвгғ xyz-1", min_size=1).map(str.strip).filter(bool),
    DataType.DATE: days.map(date.isoformat),
    DataType.TIME: minutes,
    DataType.DATETIME: moments.map(datetime.isoformat),
    DataType.SELECT_ONE: st.sampled_from("abc"),
    DataType.SELECT_MULTIPLE: st.sets(st.sampled_from("abc"), min_size=1).map(sorted),
    DataType.RANK: st.permutations(["a", "b", "c"]),
    DataType.GEOPOINT: place,
    DataType.GEOTRACE: st.lists(place, min_size=2, max_size=5),
    DataType.ACKNOWLEDGE: st.just("OK"),
    DataType.BOOLEAN: st.sampled_from("10"),
}


@pytest.mark.parametrize("kind", VALUES)
@given(data=st.data(), comma=st.booleans())
def test_what_the_fields_show_of_a_value_is_read_back_as_that_value(
    kind: DataType, data: st.DataObject, comma: bool
) -> None:
    value = data.draw(VALUES[kind])
    reading = Reading(offered=("a", "b", "c"), offset=ALMATY, comma=comma)
    assert read(question(kind), write(question(kind), value, reading), reading) == value
