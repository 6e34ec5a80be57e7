"""What is asked."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.interview import MisshapenValue, UnknownPath
from tests.questionnaires.forms import interview, questionnaire

NESTED = questionnaire("""
    | type | name | label | relevant | calculation |
    | integer | a | A | | |
    | begin_group | outer | Outer | ${a} > 1 | |
    | integer | x | X | | |
    | begin_group | inner | Inner | ${a} > 2 | |
    | integer | y | Y | ${x} > 3 | |
    | end_group | | | | |
    | end_group | | | | |
    | calculate | sees_y | | | coalesce(${y}, 'nothing') |
""")


def test_a_question_is_asked_while_its_condition_holds() -> None:
    filled = interview(NESTED)
    assert not filled.relevant("outer")
    filled.set("a", 2)
    assert filled.relevant("outer")
    assert filled.relevant("outer/x")
    filled.set("a", 1)
    assert not filled.relevant("outer/x")


def test_what_is_in_an_irrelevant_section_is_irrelevant() -> None:
    filled = interview(NESTED, {"a": 3, "outer": {"x": 5}})
    assert filled.relevant("outer/inner/y")
    filled.set("a", 2)
    assert not filled.relevant("outer/inner/y")


def test_an_unanswered_condition_is_not_fulfilled() -> None:
    assert not interview(NESTED).relevant("outer")


def test_an_irrelevant_answer_is_kept_but_nothing_sees_it() -> None:
    filled = interview(NESTED, {"a": 3, "outer": {"x": 5, "inner": {"y": 7}}})
    assert filled.value("sees_y") == "7"
    filled.set("a", 0)
    assert filled.value("sees_y") == "nothing"
    assert filled.value("outer/inner/y") == 7
    assert filled.answers() == {"a": 0, "sees_y": "nothing"}
    filled.set("a", 3)
    assert filled.value("sees_y") == "7"


def test_an_irrelevant_answer_makes_further_questions_irrelevant() -> None:
    filled = interview(NESTED, {"a": 3, "outer": {"x": 5, "inner": {"y": 7}}})
    filled.set("outer/x", 1)
    assert not filled.relevant("outer/inner/y")
    assert filled.answers()["outer"] == {"x": 1}


def test_a_calculation_that_is_irrelevant_is_empty() -> None:
    definition = questionnaire("""
        | type | name | label | relevant | calculation |
        | integer | a | A | | |
        | calculate | c | | ${a} = 1 | 5 |
        | calculate | d | | | concat('[', ${c}, ']') |
    """)
    filled = interview(definition, {"a": 1})
    assert (filled.value("c"), filled.value("d")) == ("5", "[5]")
    filled.set("a", 2)
    assert (filled.value("c"), filled.value("d")) == (None, "[]")
    assert filled.answers() == {"a": 2, "d": "[]"}


def test_a_condition_that_cannot_be_evaluated_leaves_the_question_asked() -> None:
    definition = questionnaire("""
        | type | name | label | relevant |
        | text | day | Day | |
        | text | q | Q | date(${day}) > today() |
    """)
    filled = interview(definition, {"day": "never"})
    assert filled.relevant("q")
    assert [(fault.path, fault.attribute, fault.code) for fault in filled.faults()] == [
        ("q", "relevant", "date")
    ]


@pytest.mark.parametrize("path", ["nope", "outer/nope", "a/b", "outer[1]", "a[1]", "outer//x", "/a"])
def test_a_path_that_leads_nowhere_is_named(path: str) -> None:
    with pytest.raises(UnknownPath):
        interview(NESTED).relevant(path)


@pytest.mark.parametrize("path", ["", "outer"])
def test_a_section_has_no_value(path: str) -> None:
    with pytest.raises(UnknownPath):
        interview(NESTED).value(path)


def test_a_value_of_another_type_is_refused_and_changes_nothing() -> None:
    filled = interview(NESTED, {"a": 2})
    with pytest.raises(MisshapenValue):
        filled.set("a", "two")
    assert filled.answers() == {"a": 2, "outer": {"x": None}, "sees_y": "nothing"}
