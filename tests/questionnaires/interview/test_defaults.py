"""What a form begins with, and what one answer sets elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.questionnaires.forms import interview, questionnaire


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("text", "x", "x"),
        ("integer", "7", 7),
        ("decimal", "0.5", 0.5),
        ("date", "2026-02-28", "2026-02-28"),
        ("select_one l", "b", "b"),
        ("select_multiple l", "b a", ["b", "a"]),
        ("integer", "'nonsense'", None),
    ],
)
def test_a_default_has_the_type_of_its_question(kind: str, written: str, value: Any) -> None:
    definition = questionnaire(
        f"| type | name | label | default |\n| {kind} | q | Q | {written} |",
        choices="| list_name | name | label |\n| l | a | A |\n| l | b | B |",
    )
    assert interview(definition).value("q") == value


def test_a_default_may_be_computed_from_what_stands_before_it() -> None:
    definition = questionnaire("""
        | type | name | label | default | calculation |
        | date | day | Day | today() | |
        | integer | a | A | 2 | |
        | integer | b | B | ${a} + 1 | |
        | calculate | after | | | ${b} * 10 |
        | integer | c | C | ${after} + ${b} | |
    """)
    filled = interview(definition)
    found = [filled.value(path) for path in ("day", "b", "after", "c")]
    assert found == ["2026-09-01", 3, "30", 33]


def test_a_default_does_not_see_a_calculation_that_nothing_has_set_off() -> None:
    # JavaRosa: the defaults come first, and only what depends on one of them is computed between them
    definition = questionnaire("""
        | type | name | label | default | calculation |
        | integer | a | A | 2 | |
        | calculate | double | | | ${a} * 2 |
        | integer | b | B | ${double} + 1 | |
    """)
    filled = interview(definition)
    assert filled.value("double") == "4"
    assert filled.value("b") is None


def test_a_default_looks_at_what_will_be_irrelevant_only_afterwards() -> None:
    # JavaRosa: relevance is worked out after the defaults
    definition = questionnaire("""
        | type | name | label | default | relevant |
        | integer | a | A | 2 | ${b} = 'x' |
        | text | b | B | | |
        | integer | c | C | ${a} + 1 | |
    """)
    filled = interview(definition)
    assert filled.relevant("a") is False
    assert filled.value("c") == 3


def test_a_default_is_given_once_and_not_after_a_change() -> None:
    definition = questionnaire("""
        | type | name | label | default |
        | integer | a | A | 1 |
        | integer | b | B | ${a} + 1 |
    """)
    filled = interview(definition)
    filled.set("a", 9)
    assert filled.value("b") == 2
    filled.set("b", None)
    filled.set("a", 8)
    assert filled.value("b") is None


def test_each_new_instance_has_its_own_computed_default() -> None:
    definition = questionnaire("""
        | type | name | label | default | repeat_count |
        | integer | n | N | | |
        | begin_repeat | r | R | | |
        | integer | place | Place | position(..) | |
        | end_repeat | | | | |
        | begin_repeat | s | S | | ${n} |
        | integer | counted | Place | position(..) * 10 | |
        | end_repeat | | | | |
    """)
    filled = interview(definition)
    filled.add_instance("r")
    filled.set("n", 3)
    answers = filled.answers()
    assert answers["r"] == [{"place": 1}, {"place": 2}]
    assert answers["s"] == [{"counted": 10}, {"counted": 20}, {"counted": 30}]


TRIGGERS = questionnaire("""
    | type | name | label | trigger | calculation | default |
    | text | name | Name | | | |
    | text | greeting | Greeting | ${name} | concat('Hi ', ${name}) | |
    | text | shout | Shout | ${greeting} | concat(${greeting}, '!') | |
    | dateTime | stamp | Stamp | ${name} | now() | |
    | begin_repeat | r | R | | | |
    | integer | v | V | | | 1 |
    | text | w | W | ${v} | concat('v', ${v}) | |
    | end_repeat | | | | | |
""")


def test_an_answer_sets_others_and_these_set_further_ones() -> None:
    filled = interview(TRIGGERS)
    assert filled.value("greeting") is None
    filled.set("name", "Дана")
    assert filled.value("greeting") == "Hi Дана"
    assert filled.value("shout") == "Hi Дана!"
    assert filled.value("stamp") == "2026-09-01T14:03:07+05:00"


def test_what_was_set_may_be_changed_and_stays_until_the_answer_changes_again() -> None:
    filled = interview(TRIGGERS)
    filled.set("name", "A")
    filled.set("greeting", "Hello")
    filled.set("name", "A")
    assert filled.value("greeting") == "Hello"
    assert filled.value("shout") == "Hello!"
    filled.set("name", "B")
    assert filled.value("greeting") == "Hi B"


def test_an_answer_in_a_roster_sets_those_of_its_own_instance() -> None:
    filled = interview(TRIGGERS, {"r": [{"v": 1}, {"v": 2}]})
    filled.set("r[2]/v", 7)
    assert filled.answers()["r"] == [{"v": 1, "w": None}, {"v": 7, "w": "v7"}]


def test_an_answer_outside_a_roster_sets_none_of_its_rows() -> None:
    definition = questionnaire("""
        | type | name | label | trigger | calculation |
        | integer | a | A | | |
        | begin_repeat | r | R | | |
        | integer | v | V | ${a} | ${a} |
        | end_repeat | | | | |
    """)
    filled = interview(definition, {"r": [{}, {}]})
    filled.set("a", 1)
    assert filled.answers()["r"] == [{"v": None}, {"v": None}]


def test_an_assignment_without_a_value_changes_nothing() -> None:
    definition = questionnaire("""
        | type | name | label | trigger | calculation |
        | text | a | A | | |
        | date | day | Day | ${a} | date(${a}) |
    """)
    filled = interview(definition, {"day": "2026-01-01"})
    filled.set("a", "no day")
    assert filled.value("day") == "2026-01-01"
    assert [(fault.path, fault.attribute) for fault in filled.faults()] == [("day", "setvalue")]


def test_answers_that_set_each_other_without_end_come_to_one() -> None:
    definition = questionnaire("""
        | type | name | label | trigger | calculation |
        | integer | a | A | ${b} | ${b} + 1 |
        | integer | b | B | ${a} | ${a} + 1 |
    """)
    filled = interview(definition)
    filled.set("a", 1)
    assert filled.value("b") > 1
