"""Functions of chosen choices and of truth."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.expressions import EvaluationError, Value
from tests.questionnaires.expressions.world import evaluate


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("selected('a b', 'a')", True),
        ("selected('a b', ' b ')", True),
        ("selected('ab', 'a')", False),
        ("selected('a b', '')", False),
        ("selected('', '')", True),
        ("selected('', 'a')", False),
        ("selected('a  b', '')", True),
        ("is-selected('a b', 'b')", True),
        ("selected(5, 5)", True),
        ("count-selected('')", 0.0),
        ("count-selected(' a  b ')", 2.0),
        ("selected-at('a b', 1)", "b"),
        ("selected-at('a b', 2)", ""),
        ("selected-at('a b', -1)", ""),
        ("selected-at('a b', 'x')", "a"),
    ],
)
def test_a_function_of_choices_gives(source: str, value: Value) -> None:
    assert evaluate(source) == value


@pytest.mark.parametrize(
    ("source", "truth"),
    [
        ("boolean('0')", True),
        ("boolean('')", False),
        ("not('')", True),
        ("boolean-from-string('TRUE')", True),
        ("boolean-from-string(1)", True),
        ("boolean-from-string('yes')", False),
        ("checklist(1, 2, true(), false(), true())", True),
        ("checklist(1, 1, true(), false(), true())", False),
        ("checklist(-1, -1)", True),
        ("checklist(1, 2, /data/child/age)", False),
        ("checklist(3, -1, /data/child/age)", True),
        ("weighted-checklist(1, 5, true(), 2, false(), 9)", True),
        ("weighted-checklist(1, 5, true(), 2, true(), 9)", False),
        ("weighted-checklist(19, 19, /data/child/age, /data/child/age)", True),
    ],
)
def test_a_function_of_truth_gives(source: str, truth: bool) -> None:
    children = {"child": [{"age": 9.0}, {"age": 4.0}, {"age": 6.0}]}
    assert evaluate(source, children) is truth


def test_depend_is_its_first_argument() -> None:
    assert evaluate("depend(/data/a, /data/b)", {"a": 1.0, "b": 2.0}) != 2
    assert evaluate("depend('x', 'y')") == "x"


def test_factors_and_weights_must_be_equally_many() -> None:
    with pytest.raises(EvaluationError, match="lengths"):
        evaluate("weighted-checklist(1, 2, /data/a, /data/b)", {"a": 1.0})
