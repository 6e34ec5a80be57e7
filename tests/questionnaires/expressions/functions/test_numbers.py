"""Functions of numbers."""

from __future__ import annotations

import math

import pytest

from surveyapp.questionnaires.expressions import to_number
from tests.questionnaires.expressions.world import Answers, evaluate


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("int(3.9)", 3),
        ("int(-2.7)", -2),
        ("int(1 div 0)", math.inf),
        ("round(2.5)", 3),
        ("round(-2.5)", -2),
        ("round(-0.5)", 0),
        ("round(1.005, 2)", 1.01),
        ("round(2.345, 2)", 2.35),
        ("round(1234.5, -2)", 1200),
        ("round(1250, -2)", 1300),
        ("round(-1250, -2)", -1200),
        ("round(5, 'x')", 5),
        ("round(1 div 0)", math.inf),
        ("floor(-1.5)", -2),
        ("ceiling(1.2)", 2),
        ("floor(1 div 0)", math.inf),
        ("abs(-3)", 3),
        ("abs(now())", 19797 + 10 / 24),
        ("number('1,5')", 1.5),
        ("min(3, '', 1)", 1),
        ("max(3, 'a')", 3),
        ("max(-5, -3)", 0),
        ("max(-5, 0.25)", 0.25),
        ("min(1 div 0, 2)", 2),
        ("pow(2, 0.5)", 1.4142135623730951),
        ("pow(0, -1)", math.inf),
        ("pow(2, 2000)", math.inf),
        ("pow(-2, 2001)", -math.inf),
        ("pi()", math.pi),
        ("sqrt(9)", 3),
        ("exp(0)", 1),
        ("exp(1000)", math.inf),
        ("exp10(2)", 100),
        ("exp10(400)", math.inf),
        ("log(1)", 0),
        ("log(0)", -math.inf),
        ("log10(100)", 2),
        ("sin(0)", 0),
        ("cos(0)", 1),
        ("tan(0)", 0),
        ("asin(1)", math.pi / 2),
        ("acos(1)", 0),
        ("atan(1)", math.pi / 4),
        ("atan2(1, 1)", math.pi / 4),
    ],
)
def test_a_function_of_numbers_gives(source: str, number: float) -> None:
    assert evaluate(source) == pytest.approx(number, rel=1e-15)


@pytest.mark.parametrize(
    "source",
    [
        "int('')",
        "round('')",
        "round(1, 31)",
        "abs('')",
        "min()",
        "max('a', '')",
        "sqrt(-1)",
        "log(-1)",
        "acos(2)",
        "pow(-8, 1 div 3)",
        "sin(1 div 0)",
        "floor('x')",
    ],
)
def test_outside_its_domain_a_function_is_not_a_number(source: str) -> None:
    assert math.isnan(to_number(evaluate(source)))


def test_least_and_greatest_of_all_instances_skip_those_without_an_answer() -> None:
    ages: Answers = {"child": [{"age": 9.0}, {"age": ""}, {"age": 4.0}]}
    assert evaluate("min(/data/child/age)", ages) == 4
    assert evaluate("max(/data/child/age)", ages) == 9
    assert evaluate("max(/data/child/age, 20)", {"child": [{"age": 9.0}]}) == 20
