"""Answers are parted and put together again without a loss."""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.coarsening import METRES_PER_DEGREE, coarse_place
from surveyapp.questionnaires.definition import DataType, Item, Question, Roster, Section
from surveyapp.questionnaires.partition import (
    breakdowns,
    coarsen,
    drop,
    is_identity,
    is_invitation,
    is_sensitive,
    join_identity,
    leaves,
    split_identity,
)
from tests.questionnaires.sample import EVERY_TYPE, questionnaire
from tests.questionnaires.strategies import PLACES, typed_answers


def asked(path: str, kind: DataType = DataType.TEXT, **marks: Any) -> Question:
    return Question(name=path.rpartition("/")[2], path=path, type=kind, **marks)


HOUSEHOLD = questionnaire(
    Section(
        name="visit",
        path="visit",
        items=(
            asked("visit/region", breakdown="region"),
            asked("visit/region_again", breakdown="region"),
            asked("visit/age", DataType.INTEGER, breakdown="age"),
            asked("visit/wealth", identity=True, breakdown="wealth"),
            asked("visit/gps", DataType.GEOPOINT, identity=True, coarsen=1000),
            asked("visit/track", DataType.GEOTRACE, coarsen=1000),
            asked("visit/exact", DataType.GEOPOINT),
            asked("visit/code", invitation=True),
        ),
    ),
    Roster(
        name="child",
        path="child",
        items=(
            asked("child/c_name", identity=True),
            asked("child/c_age", DataType.INTEGER, breakdown="sex"),
            Roster(
                name="friend",
                path="child/friend",
                items=(asked("child/friend/phone", identity=True), asked("child/friend/since")),
            ),
        ),
    ),
    asked("secret", sensitive=True),
    asked("signature", DataType.IMAGE, identity=True),
)

ANSWERS: Answers = {
    "visit": {"region": "100000000", "age": 7, "code": "ABCD2345"},
    "child": [
        {"c_name": "Айша", "c_age": 3, "friend": []},
        {"c_name": "Данияр", "friend": [{"phone": "+7 701", "since": "2020"}, {"phone": None}]},
    ],
    "secret": "yes",
}


def test_identity_is_taken_out_by_its_paths() -> None:
    open_answers, identity = split_identity(HOUSEHOLD, ANSWERS)
    assert identity == {
        "child[1]/c_name": "Айша",
        "child[2]/c_name": "Данияр",
        "child[2]/friend[1]/phone": "+7 701",
        "child[2]/friend[2]/phone": None,
    }
    assert open_answers["child"] == [{"c_age": 3, "friend": []}, {"friend": [{"since": "2020"}, {}]}]
    assert open_answers["visit"] == ANSWERS["visit"]


@given(typed_answers(HOUSEHOLD))
def test_joining_is_the_inverse_of_splitting(answers: Answers) -> None:
    open_answers, identity = split_identity(HOUSEHOLD, answers)
    assert join_identity(HOUSEHOLD, open_answers, identity) == answers
    assert not any(item.identity for _path, item, _value in leaves(HOUSEHOLD, open_answers))


@given(typed_answers(HOUSEHOLD))
def test_the_answers_given_are_never_changed(answers: Answers) -> None:
    before = copy.deepcopy(answers)
    open_answers, identity = split_identity(HOUSEHOLD, answers)
    join_identity(HOUSEHOLD, open_answers, identity)
    coarsen(HOUSEHOLD, answers)
    drop(HOUSEHOLD, answers, is_sensitive)
    assert answers == before


@given(typed_answers(EVERY_TYPE))
def test_without_identity_nothing_is_split_off(answers: Answers) -> None:
    assert split_identity(EVERY_TYPE, answers) == (answers, {})


@pytest.mark.parametrize(
    ("predicate", "gone"), [(is_sensitive, {"secret"}), (is_invitation, {"visit/code"})]
)
def test_what_is_dropped_is_gone_and_nothing_else(predicate: Any, gone: set[str]) -> None:
    before = {path for path, _item, _value in leaves(HOUSEHOLD, ANSWERS)}
    after = {path for path, _item, _value in leaves(HOUSEHOLD, drop(HOUSEHOLD, ANSWERS, predicate))}
    assert before - after == gone


def test_an_attachments_name_can_be_identity() -> None:
    assert split_identity(HOUSEHOLD, {"signature": "s.png"}) == ({}, {"signature": "s.png"})
    assert drop(HOUSEHOLD, {"signature": "s.png"}, is_identity) == {}


def test_breakdowns_are_the_first_of_each_outside_rosters_and_never_identity() -> None:
    answers = copy.deepcopy(ANSWERS)
    answers["visit"] |= {"region_again": "other", "wealth": "poor"}
    assert breakdowns(HOUSEHOLD, answers) == {"region": "100000000", "age": "7"}
    answers["visit"]["region"] = None
    assert breakdowns(HOUSEHOLD, answers) == {"region": "other", "age": "7"}
    answers["visit"]["region_again"] = "x" * 101
    assert breakdowns(HOUSEHOLD, answers) == {"age": "7"}


EXACT = {"lat": 43.238949, "lon": 76.889709, "alt": 812.4, "accuracy": 4.5}


def test_only_places_that_ask_for_it_are_made_coarse() -> None:
    answers = {"visit": {"gps": EXACT, "track": [EXACT, EXACT], "exact": EXACT}}
    coarse = coarsen(HOUSEHOLD, answers)["visit"]
    assert coarse["exact"] == EXACT
    assert coarse["gps"] != EXACT
    assert coarse["track"] == [coarse["gps"]] * 2
    assert coarse["gps"]["alt"] is None
    assert coarse["gps"]["accuracy"] == 1000.0
    assert coarsen(HOUSEHOLD, {"visit": {"gps": None}}) == {"visit": {"gps": None}}


@given(PLACES, st.sampled_from([1, 100, 1000, 50_000]))
def test_a_coarse_place_is_near_and_stays_where_it_is(place: dict[str, Any], metres: int) -> None:
    coarse = coarse_place(place, metres)
    assert coarse_place(coarse, metres) == coarse
    lat, lon = coarse["lat"], coarse["lon"]
    assert lat is not None
    assert lon is not None
    assert abs(lat - place["lat"]) * METRES_PER_DEGREE <= metres / 2 + 0.2
    assume(abs(lat) < 89)
    shrink = math.cos(math.radians(lat))
    assert abs(lon - place["lon"]) * METRES_PER_DEGREE * shrink <= metres / 2 + 0.2


def test_all_houses_of_a_cell_get_one_place() -> None:
    centre = coarse_place(EXACT, 1000)
    assert centre["lat"] is not None
    assert centre["lon"] is not None
    metre = 1 / METRES_PER_DEGREE
    around = [
        coarse_place({"lat": centre["lat"] + north * metre, "lon": centre["lon"] + east * metre}, 1000)
        for north in (-450, 0, 450)
        for east in (-450, 0, 450)
    ]
    assert around == [centre] * 9


def without_coarsening(item: Item) -> Item:
    return replace(item, coarsen=None) if isinstance(item, Question) else item


def test_without_a_grid_a_place_stays() -> None:
    section = HOUSEHOLD.root.items[0]
    assert isinstance(section, Section)
    plain = replace(section, items=tuple(without_coarsening(item) for item in section.items))
    answers = {"visit": {"gps": EXACT}}
    assert coarsen(questionnaire(plain), answers) == answers
