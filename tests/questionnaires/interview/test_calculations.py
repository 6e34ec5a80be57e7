"""What the form computes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import chain, count
from typing import Any

import pytest

from surveyapp.questionnaires.interview import Interview
from tests.questionnaires.forms import MOMENT, interview, questionnaire


def drawing(*numbers: float) -> Callable[[], float]:
    """A source of chance that gives these numbers, then others that go on changing."""
    return chain(numbers, (number / 97 % 1 for number in count(1))).__next__


SEEDED = questionnaire("""
    | type | name | label | calculation | relevant |
    | integer | a | A | | |
    | calculate | seed | | once(int(random() * 100)) | |
    | calculate | drawn | | random() + 0 * ${a} | |
    | calculate | double | | ${seed} * 2 | |
    | begin_group | g | G | | ${a} > 1 |
    | calculate | inner | | once(int(random() * 100)) | |
    | end_group | | | | |
""")


@pytest.mark.parametrize(
    ("expression", "stored"),
    [
        ("1 + 1", "2"),
        ("10 div 4", "2.5"),
        ("1 = 1", "1"),
        ("1 = 2", "0"),
        ("string(1 = 1)", "true"),
        ("'Ән'", "Ән"),
        ("''", None),
        ("number('x')", None),
        ("date('2026-02-01')", "2026-02-01T00:00:00.000+05:00"),
    ],
)
def test_a_result_is_stored_as_javarosa_stores_it(expression: str, stored: Any) -> None:
    definition = questionnaire(f"| type | name | calculation |\n| calculate | c | {expression} |")
    assert interview(definition).value("c") == stored


@pytest.mark.parametrize(
    ("kind", "expression", "value"),
    [
        ("integer", "7 div 2", 3),
        ("integer", "1 = 1", 1),
        ("decimal", "7 div 2", 3.5),
        ("decimal", "7", 7.0),
        ("date", "today()", "2026-09-01"),
        ("dateTime", "now()", "2026-09-01T14:03:07+05:00"),
        ("select_multiple l", "'b a'", ["b", "a"]),
        ("select_one l", "'b'", "b"),
        ("geopoint", "'51.1 71.4 0 10'", {"lat": 51.1, "lon": 71.4, "alt": 0.0, "accuracy": 10.0}),
        ("integer", "'no number'", None),
        ("date", "'no date'", None),
    ],
)
def test_a_shown_calculation_has_the_type_of_its_question(
    kind: str, expression: str, value: Any
) -> None:
    definition = questionnaire(
        f"| type | name | label | calculation |\n| {kind} | q | Q | {expression} |",
        choices="| list_name | name | label |\n| l | a | A |\n| l | b | B |",
    )
    assert interview(definition).value("q") == value


def test_a_boolean_stays_one_for_other_expressions() -> None:
    # as a stored text it is 0, and any text but the empty one is true
    definition = questionnaire("""
        | type | name | label | calculation | relevant |
        | integer | age | Age | | |
        | calculate | adult | | ${age} >= 18 | |
        | text | job | Job | | ${adult} |
    """)
    filled = interview(definition, {"age": 5})
    assert filled.value("adult") == "0"
    assert not filled.relevant("job")


def test_whatever_is_typed_over_a_calculation_is_computed_anew() -> None:
    definition = questionnaire("""
        | type | name | label | calculation |
        | integer | a | A | |
        | integer | double | Double | ${a} * 2 |
    """)
    filled = interview(definition, {"a": 2, "double": 9})
    assert filled.value("double") == 4
    filled.set("double", 5)
    assert filled.value("double") == 4
    assert filled.read_only("double")


def test_calculations_follow_each_other_whatever_their_order() -> None:
    definition = questionnaire("""
        | type | name | label | calculation |
        | calculate | c | | ${b} + 1 |
        | calculate | b | | ${a} + 1 |
        | integer | a | A | |
    """)
    filled = interview(definition)
    filled.set("a", 1)
    assert (filled.value("b"), filled.value("c")) == ("2", "3")


def test_once_keeps_the_first_value() -> None:
    definition = questionnaire("""
        | type | name | label | calculation |
        | integer | a | A | |
        | calculate | first | | once(${a}) |
    """)
    filled = interview(definition)
    assert filled.value("first") is None
    for age in (3, 4, None):
        filled.set("a", age)
        assert filled.value("first") == "3"
    assert interview(definition, filled.snapshot()).value("first") == "3"


def test_what_is_drawn_once_is_never_drawn_again() -> None:
    filled = interview(SEEDED, random=drawing(0.42))
    assert (filled.value("seed"), filled.value("double")) == ("42", "84")
    filled.set("a", 5)
    inner = filled.value("g/inner")
    for age in (1, 6, 7):
        filled.set("a", age)
    assert filled.value("seed") == "42"
    assert filled.value("g/inner") == inner


def test_what_is_drawn_is_drawn_again_only_when_what_it_depends_on_changes() -> None:
    filled = interview(SEEDED, {"a": 1}, random=drawing(0.1))
    first = filled.value("drawn")
    assert interview(SEEDED, filled.snapshot()).value("drawn") == first
    filled.set("a", 0)
    assert filled.value("drawn") != first


ROWS = questionnaire("""
    | type | name | label | calculation | relevant |
    | integer | a | A | | |
    | begin_repeat | r | R | | |
    | integer | v | V | | |
    | calculate | own | | random() | |
    | calculate | of_v | | random() + 0 * number(concat('0', ${v})) | |
    | calculate | of_place | | random() + 0 * position(..) | |
    | calculate | of_a | | random() + 0 * number(concat('0', ${a})) | |
    | end_repeat | | | | |
    | calculate | of_sum | | random() + 0 * sum(${v}) | |
    | calculate | of_count | | random() + 0 * count(${r}) | |
    | begin_group | g | G | | ${a} > 1 |
    | calculate | in_g | | random() | |
    | end_group | | | | |
""")
IN_ROWS = ("own", "of_v", "of_place", "of_a")


def redrawn(work: Callable[[Interview], object]) -> set[str]:
    """The calculations of ROWS, with two rows, that some work draws again."""
    filled = interview(ROWS, {"a": 2, "r": [{"v": 1}, {"v": 2}]}, random=drawing())
    paths = [f"r[{place}]/{name}" for place in (1, 2) for name in IN_ROWS]
    paths += ["of_sum", "of_count", "g/in_g"]
    before = {path: filled.value(path) for path in paths}
    work(filled)
    return {path for path in paths if filled.value(path) != before[path]}


def test_an_answer_in_a_row_redraws_in_that_row_only() -> None:
    assert redrawn(lambda filled: filled.set("r[1]/v", 9)) == {"r[1]/of_v", "of_sum"}


def test_an_answer_outside_redraws_in_all_rows() -> None:
    assert redrawn(lambda filled: filled.set("a", 9)) == {"r[1]/of_a", "r[2]/of_a"}


def test_a_further_row_redraws_what_looks_at_the_roster() -> None:
    expected = {"r[1]/of_place", "r[2]/of_place", "of_sum", "of_count"}
    assert redrawn(lambda filled: filled.add_instance("r")) == expected


def test_what_is_relevant_again_is_not_drawn_again() -> None:
    def go_and_come_back(filled: Interview) -> None:
        filled.set("a", 0)
        filled.set("a", 2)

    assert "g/in_g" not in redrawn(go_and_come_back)


def test_what_a_client_drew_is_kept() -> None:
    filled = interview(SEEDED, {"a": 2, "seed": "7", "drawn": "0.123", "g": {"inner": "8"}})
    found = [filled.value(path) for path in ("seed", "drawn", "double", "g/inner")]
    assert found == ["7", "0.123", "14", "8"]


def test_what_a_client_did_not_draw_is_drawn_here() -> None:
    filled = interview(SEEDED, {"a": 2}, random=lambda: 0.5)
    assert (filled.value("seed"), filled.value("double")) == ("50", "100")


def test_the_clock_is_the_interviews() -> None:
    definition = questionnaire("""
        | type | name | label | calculation |
        | date | born | Born | |
        | calculate | age | | int((today() - ${born}) div 365.25) |
    """)
    filled = interview(definition, {"born": "2016-08-01"})
    assert filled.value("age") == "10"
    later = interview(definition, {"born": "2016-08-01"}, now=MOMENT + timedelta(days=366))
    assert later.value("age") == "11"


def test_a_calculation_that_has_no_value_is_empty_and_a_fault() -> None:
    definition = questionnaire("""
        | type | name | label | calculation |
        | text | day | Day | |
        | calculate | c | | date(${day}) |
    """)
    filled = interview(definition, {"day": "32nd"})
    assert filled.value("c") is None
    assert [(fault.path, fault.attribute) for fault in filled.faults()] == [("c", "calculate")]
