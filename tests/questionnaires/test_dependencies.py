"""Which items depend on which, and the cycles that forbid an order."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.dependencies import Dependencies
from surveyapp.questionnaires.xform import XFormError
from tests.questionnaires.forms import questionnaire

HEAD = "| type | name | label | relevant | calculation | required | read_only | repeat_count |"

CYCLES = {
    "a calculation of itself": (["| integer | a | A | | ${a} + 1 | | | |"], {"a"}),
    "itself by a dot": (["| integer | a | A | | . + 1 | | | |"], {"a"}),
    "its own condition": (["| integer | a | A | ${a} > 1 | | | | |"], {"a"}),
    "required by itself": (["| integer | a | A | | | ${a} != '' | | |"], {"a"}),
    "read-only by itself": (["| integer | a | A | | | | ${a} != '' | |"], {"a"}),
    "two calculations": (
        ["| integer | a | A | | ${b} | | | |", "| integer | b | B | | ${a} | | | |"],
        {"a", "b"},
    ),
    "a condition and a calculation": (
        ["| integer | a | A | ${b} > 1 | | | | |", "| integer | b | B | | ${a} + 1 | | | |"],
        {"a", "b"},
    ),
    "required by each other": (
        ["| integer | a | A | | | ${b} > 1 | | |", "| integer | b | B | | | ${a} > 1 | | |"],
        {"a", "b"},
    ),
    "a section's condition within it": (
        [
            "| begin_group | g | G | ${a} > 1 | | | | |",
            "| integer | a | A | | | | | |",
            "| end_group | | | | | | | |",
        ],
        {"g", "g/a"},
    ),
    "a roster's condition within it": (
        [
            "| begin_repeat | r | R | ${a} > 1 | | | | |",
            "| integer | a | A | | | | | |",
            "| end_repeat | | | | | | | |",
        ],
        {"r", "r/a"},
    ),
    "the instance before": (
        [
            "| begin_repeat | r | R | | | | | |",
            "| calculate | a | | | indexed-repeat(${a}, ${r}, position(..) - 1) | | | |",
            "| text | t | T | | | | | |",
            "| end_repeat | | | | | | | |",
        ],
        {"r/a"},
    ),
}


def survey(rows: list[str]) -> Questionnaire:
    """The definition of rows below HEAD."""
    return questionnaire("\n".join([HEAD, *rows]))


@pytest.mark.parametrize("name", CYCLES)
def test_a_cycle_is_refused_and_named(name: str) -> None:
    rows, items = CYCLES[name]
    with pytest.raises(XFormError) as refusal:
        survey(rows)
    paths = refusal.value.params["paths"]
    assert refusal.value.code == "cycle"
    assert set(paths) == items
    assert paths[0] == paths[-1]


def test_a_count_may_look_into_its_own_roster() -> None:
    definition = survey(
        [
            "| begin_repeat | r | R | | | | | count(${r}) + 0 * sum(${a}) |",
            "| integer | a | A | | | | | |",
            "| end_repeat | | | | | | | |",
        ]
    )
    assert {item.path for item in definition.walk()} == {"r", "r/a", "r_count"}


def test_each_item_comes_after_those_it_depends_on() -> None:
    definition = survey(
        [
            "| calculate | last | | | ${middle} + 1 | | | |",
            "| begin_group | g | G | ${late} = 1 | | | | |",
            "| calculate | middle | | | ${first} + 1 | | | |",
            "| end_group | | | | | | | |",
            "| integer | first | F | | | | | |",
            "| integer | late | L | | | | | |",
        ]
    )
    order = Dependencies(definition.root, definition.root_name).order()
    assert order.index("late") < order.index("g") < order.index("g/middle") < order.index("last")
    assert order.index("first") < order.index("g/middle")


def test_all_that_an_item_depends_on_is_found() -> None:
    definition = survey(
        [
            "| integer | a | A | | | | | |",
            "| calculate | b | | | ${a} | | | |",
            "| begin_group | g | G | ${b} = 1 | | | | |",
            "| calculate | c | | | 1 | | | |",
            "| end_group | | | | | | | |",
            "| integer | apart | X | | | | | |",
        ]
    )
    dependencies = Dependencies(definition.root, definition.root_name)
    assert dependencies.all_before("g/c") == {"a", "b", "g"}
    assert dependencies.all_before("apart") == frozenset()
