"""The choices of an export as plain strings: what is read, what is refused, and that writing is the inverse."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.exports.choices import CHOICES
from surveyapp.exports.choosing import ChoicesRefused, read_request, within, written_request
from surveyapp.exports.request import ExportRequest, Missing, Multiple, Profile, Rosters, Times

ALMATY = ZoneInfo("Asia/Almaty")


def read(**asked: str) -> ExportRequest:
    return read_request("visits", asked, ALMATY)


def test_nothing_asked_is_the_default_export() -> None:
    assert read() == ExportRequest(questionnaire="visits")
    assert written_request(ExportRequest(questionnaire="visits"), ALMATY) == {}


def test_every_choice_is_read() -> None:
    made = read(
        format="csv",
        package="yes",
        versions="1,2",
        status="accepted,returned",
        region="100000000, 110000000",
        channel="web",
        flag="invalid",
        answered_in="ru",
        synthetic="no",
        rejected="yes",
        values="both",
        language="ru",
        multiple="both",
        missing="marked",
        rosters="flat",
        times="utc",
        columns="agreed,size",
        separator="semicolon",
        decimal_comma="yes",
        bom="yes",
        sensitive="yes",
        profile="full",
        reason="analysis",
        **{"group-area": "rural"},
    )
    assert made.package
    assert made.selection.versions == frozenset({"1", "2"})
    assert made.selection.statuses == frozenset({"accepted", "returned"})
    assert made.selection.chosen_regions == frozenset({"100000000", "110000000"})
    assert made.selection.groups == (("area", "rural"),)
    assert not made.selection.synthetic
    assert (made.tables.labels, made.tables.codes, made.tables.multiple) == ("ru", True, Multiple.BOTH)
    assert (made.tables.missing, made.tables.rosters) == (Missing.MARKED, Rosters.FLAT)
    assert (made.tables.times, made.tables.columns) == (Times.UTC, ("agreed", "size"))
    assert (made.csv.separator, made.csv.byte_order_mark) == (";", True)
    assert made.profile is Profile.FULL


def test_days_are_those_of_the_settings_and_both_ends_are_included() -> None:
    chosen = read(received_from="2026-09-01", received_to="2026-09-01").selection
    assert chosen.since == datetime(2026, 8, 31, 19, tzinfo=UTC)
    assert chosen.before == datetime(2026, 9, 1, 19, tzinfo=UTC)


def test_a_moment_with_its_offset_is_that_moment() -> None:
    chosen = read(finished_from="2026-09-01T10:00:00+06:00").selection
    assert chosen.finished_since == datetime(2026, 9, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("status", "accepted,lost"),
        ("status", "erased"),
        ("language", "de"),
        ("package", "maybe"),
        ("received_from", "yesterday"),
        ("received_from", "2026-13-01"),
        ("received_to", "2026-09-01T10:00:00"),
        ("received_to", "0001-01-01T00:00:00+05:00"),
        ("finished_to", "9999-12-31"),
        ("separator", "|"),
        ("columns", "a" * 9000),
        ("reason", "a\x00b"),
        ("reason", "\ud800"),
        ("unheard_of", "1"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_its_name(app: Flask, name: str, text: str) -> None:
    with pytest.raises(ChoicesRefused) as refused:
        read(**{name: text})
    assert list(refused.value.errors) == [name]
    assert str(refused.value).startswith(f"{name}: ")


def test_all_errors_are_told_at_once_in_the_reader_s_language(app: Flask) -> None:
    with pytest.raises(ChoicesRefused) as refused:
        read(status="lost", times="mine", package="yes")
    assert set(refused.value.errors) == {"status", "times"}
    with force_locale("ru"):
        assert "local, utc" in str(refused.value.errors["times"])
        assert str(refused.value.errors["times"]) != "There is only: local, utc"


def test_the_reach_of_whoever_asks_is_neither_read_nor_written() -> None:
    made = within(read(region="1"), frozenset({"2"}))
    assert (made.selection.regions, made.selection.chosen_regions) == (
        frozenset({"2"}),
        frozenset({"1"}),
    )
    assert written_request(made, ALMATY) == {"region": "1"}
    assert "regions" not in CHOICES


_NAMES = st.from_regex(r"[a-z][a-z0-9_.-]{0,20}", fullmatch=True)
_TIMES = {
    "time": st.dates(date(1971, 1, 1), date(2199, 1, 1)).map(str)
    | st.datetimes(
        datetime(1971, 1, 1),  # noqa: DTZ001  # the zone is drawn
        datetime(2199, 1, 1),  # noqa: DTZ001
        timezones=st.just(ALMATY) | st.just(UTC),
    ).map(datetime.isoformat),
    "list": st.lists(_NAMES, min_size=1, max_size=3).map(",".join),
    "text": st.text("абв xyz?", max_size=20),
}


def _texts_of(name: str) -> st.SearchStrategy[str]:
    choice = CHOICES[name]
    if name == "collector":
        numbers = st.integers(1, 10**9 - 1)
        return st.lists(numbers.map(str) | numbers.map("phone-{}".format), max_size=3).map(",".join)
    if choice.kind == "words":
        return st.lists(st.sampled_from([str(word) for word in choice.words]), max_size=2).map(",".join)
    if choice.kind in _TIMES:
        return _TIMES[choice.kind]
    return st.sampled_from(["", *map(str, choice.words)])


@given(
    st.fixed_dictionaries({}, optional={name: _texts_of(name) for name in CHOICES}),
    st.dictionaries(_NAMES.map("group-{}".format), _NAMES, max_size=2),
)
def test_what_is_written_reads_back_as_the_same_request(
    asked: dict[str, str], groups: dict[str, str]
) -> None:
    made = read(**asked, **groups)
    written = written_request(made, ALMATY)
    assert read(**written) == made
    assert written_request(read(**written), ALMATY) == written
