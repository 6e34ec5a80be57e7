"""After one answer the phone is told what looks different, and nothing else is evaluated."""

from __future__ import annotations

import json
from typing import Any

import pytest

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.interview import CountedRoster, MisshapenValue, UnknownPath
from surveyapp.questionnaires.javascript import Engine, JavaScriptInterview
from tests.questionnaires.compiled import built_in
from tests.questionnaires.forms import MOMENT, questionnaire

FORM = questionnaire(
    """
    | type | name | label | relevant | required | calculation | choice_filter | constraint |
    | integer | age | Age | | | | | . < 120 |
    | text | school | School | ${age} > 5 | ${age} < 18 | | | |
    | calculate | double | | | | ${age} * 2 | | |
    | select_one l | one | One | | | | l < ${age} | |
    | note | shown | You are ${age} | | | | | |
    | begin_repeat | child | Child | ${age} > 20 | | | | |
    | integer | c_age | Age | | | | | . < ${age} |
    | end_repeat | | | | | | | |
    | text | other | Other | | | | | |
    """,
    choices="""
    | list_name | name | label | l |
    | l | small | Small | 0 |
    | l | large | Large | 10 |
    """,
)


@pytest.fixture
def filled(engine: Engine) -> JavaScriptInterview:
    return engine.interview(FORM, language="default", now=MOMENT)


def test_only_what_looks_different_is_told(filled: JavaScriptInterview) -> None:
    assert filled.set("age", 4) == {"age": ["value"], "double": ["value"]}
    assert filled.set("age", 7) == {
        "age": ["value"],
        "school": ["relevant"],
        "double": ["value"],
    }
    assert filled.set("age", 7) == {}
    assert filled.set("other", "x") == {"other": ["value"]}


def test_what_was_asked_for_is_watched(filled: JavaScriptInterview) -> None:
    assert not filled.required("school")
    assert [choice.name for choice in filled.choices("one")] == []
    assert filled.text("label", "shown") == "You are "
    changed = filled.set("age", 7)
    assert changed["school"] == ["required", "relevant"] or changed["school"] == ["relevant", "required"]
    assert changed["one"] == ["choices"]
    assert changed["shown"] == ["label"]
    assert filled.set("age", 8) == {
        "age": ["value"],
        "double": ["value"],
        "shown": ["label"],
    }
    assert filled.text("label", "shown") == "You are 8"


def test_a_roster_tells_that_instances_came_or_went(filled: JavaScriptInterview) -> None:
    filled.set("age", 30)
    assert filled.add_instance("child") == 2
    filled.set("child[1]/c_age", 40)
    filled.set("child[2]/c_age", 5)
    assert [(error.path, error.code) for error in filled.errors()] == [("child[1]/c_age", "constraint")]
    filled.remove_instance("child[1]")
    assert filled.snapshot()["child"] == [{"c_age": 5}]
    assert set(filled.set("age", 1)) == {
        "age",
        "school",
        "double",
        "child",
        "child[1]",
        "child[1]/c_age",
    }


def test_mistakes_of_the_page_are_told_apart(engine: Engine, filled: JavaScriptInterview) -> None:
    for path in ("nothing", "age/x", "child[9]", "child[0]", "shown", ""):
        with pytest.raises(UnknownPath):
            filled.set(path, 1)
    with pytest.raises(MisshapenValue):
        filled.set("age", "seven")
    counted = questionnaire("""
        | type | name | label | repeat_count |
        | begin_repeat | r | R | 2 |
        | text | a | A | |
        | end_repeat | | | |
    """)
    with pytest.raises(CountedRoster):
        engine.interview(counted, language="default", now=MOMENT).add_instance("r")


def counting(engine: Engine, filled: JavaScriptInterview, path: str, value: Any) -> int:
    """How many expressions one answer evaluates."""
    engine.evaluate(
        "globalThis.evaluations = 0;"
        "if (!globalThis.plain) {"
        "  globalThis.plain = logic.FUNCTIONS.string;"
        "  logic.FUNCTIONS.string = (...given) => { evaluations += 1; return plain(...given); };"
        "}"
    )
    filled.set(path, value)
    return int(engine.evaluate("evaluations"))


def test_only_dependants_are_evaluated(engine: Engine) -> None:
    form = questionnaire("""
        | type | name | label | calculation | relevant |
        | integer | a | A | | |
        | integer | b | B | | |
        | calculate | of_a | | string(${a}) | |
        | calculate | of_that | | string(${of_a}) | |
        | calculate | of_b | | string(${b}) | |
        | begin_group | g | G | | ${b} = 1 |
        | calculate | in_g | | string(3) | |
        | end_group | | | | |
    """)
    filled = engine.interview(form, language="default", now=MOMENT)
    assert counting(engine, filled, "a", 1) == 2
    assert counting(engine, filled, "b", 1) == 2
    assert counting(engine, filled, "b", 1) == 0


def test_a_choice_file_is_looked_up_and_not_tried_row_by_row(engine: Engine) -> None:
    rows = "\n".join(f"| l | n{row} | N | r{row % 500} |" for row in range(3000))
    form = questionnaire(
        """
        | type | name | label | choice_filter |
        | text | region | Region | |
        | select_one l | one | One | string(1) = '1' and r = ${region} |
        """,
        choices=f"| list_name | name | label | r |\n{rows}",
    )
    filled = engine.interview(form, language="default", now=MOMENT)
    filled.choices("one")
    assert counting(engine, filled, "region", "r7") == 6
    assert len(filled.choices("one")) == 6


def test_a_snapshot_of_the_largest_form_is_plain_json(engine: Engine) -> None:
    form = xform.parse(built_in("household_baseline").xform)
    filled = engine.interview(form, language="kk", now=MOMENT)
    assert json.loads(json.dumps(filled.snapshot())) == filled.snapshot()
