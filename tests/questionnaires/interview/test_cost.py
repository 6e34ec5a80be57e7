"""How much work an interview does, counted in calls and evaluations: a clock would depend on the day."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from surveyapp.questionnaires import xform
from tests.questionnaires.compiled import built_in
from tests.questionnaires.forms import interview, questionnaire

HOUSEHOLD = xform.parse(built_in("household_baseline").xform)


def calls(work: Callable[[], Any]) -> int:
    """The number of Python functions that are called."""
    counted = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal counted
        counted += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


def household(children: int) -> dict[str, Any]:
    """A visit to a household with so many children."""
    row = {"c_name": "А", "c_sex": "girl", "c_age": 7, "c_school": "school", "f_see": "none"}
    return {
        "visit": {"a_region": "100000000", "a_visit": "done"},
        "consent": {"a_consent": "agree", "a_private": "yes"},
        "household": {"h_size": children + 1, "h_children": children},
        "child": [row] * children,
    }


def test_twice_as_many_rows_are_twice_the_work() -> None:
    def load(children: int) -> None:
        filled = interview(HOUSEHOLD, household(children))
        filled.errors()
        filled.warnings()
        filled.answers()

    load(1)  # compiles the expressions
    assert calls(lambda: load(200)) < 2.2 * calls(lambda: load(100))


def test_an_answer_in_one_row_is_no_more_work_than_loading_all() -> None:
    answers = household(100)
    filled = interview(HOUSEHOLD, answers)
    loading = calls(lambda: interview(HOUSEHOLD, answers))
    assert calls(lambda: filled.set("child[50]/c_age", 3)) < loading


def test_a_change_evaluates_only_what_it_may_touch() -> None:
    definition = questionnaire("""
        | type | name | label | calculation | relevant |
        | integer | a | A | | |
        | integer | b | B | | |
        | calculate | of_a | | random() + ${a} | |
        | calculate | of_nothing | | random() | |
        | begin_group | g | G | | ${b} = 1 |
        | calculate | in_g | | random() | |
        | end_group | | | | |
    """)
    draws: list[int] = []

    def draw() -> float:
        draws.append(1)
        return 0.5

    filled = interview(definition, random=draw)
    assert len(draws) == 3
    filled.set("a", 1)
    assert len(draws) == 4
    filled.set("b", 1)
    assert len(draws) == 4
    filled.set("b", 1)
    assert len(draws) == 4
