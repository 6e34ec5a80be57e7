"""Operators and the functions that do not compute all their arguments."""

from __future__ import annotations

import math
from datetime import date

import pytest

from surveyapp.questionnaires.definition import Expression
from surveyapp.questionnaires.expressions import Value, compiled, parse, to_number
from tests.questionnaires.expressions.world import World, evaluate


@pytest.mark.parametrize(
    ("source", "truth"),
    [
        ("'' = 0", False),
        ("'' < 5", False),
        ("'' > -1", False),
        ("not('' < 5)", True),
        ("0.1 + 0.2 = 0.3", True),
        ("'1.0' = 1", True),
        ("'1.0' = '1'", False),
        ("'x' = true()", True),
        ("'false' = true()", True),
        ("'' = false()", True),
        ("'10' > '9'", True),
        ("'2024-02-29' > '2024-02-28'", False),
        ("today() > date('2024-03-14')", True),
        ("today() = '2024-03-15'", True),
        ("now() = today()", True),
        ("now() > today()", False),
        ("(0 div 0) != (0 div 0)", True),
        ("(1 div 0) = (1 div 0)", False),
        ("3 > 2 > 1", False),
        ("1 < 2 < 3", True),
    ],
)
def test_a_comparison_comes_out_as_in_javarosa(source: str, truth: bool) -> None:
    assert evaluate(source) is truth


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("1 + 2 * 3 - 4 div 2", 5),
        ("-5 mod 3", -2),
        ("5 mod -3", 2),
        ("5.5 mod 2", 1.5),
        ("1 div 0", math.inf),
        ("-1 div 0", -math.inf),
        ("1 div (0 * -1)", -math.inf),
        ("1 mod (1 div 0)", 1),
        ("date('2024-02-29') + 1", 19783),
        ("true() + true()", 2),
        ("10 - 3 - 2", 5),
    ],
)
def test_arithmetic_is_that_of_java(source: str, number: float) -> None:
    assert evaluate(source) == number


@pytest.mark.parametrize("source", ["0 div 0", "7 mod 0", "(1 div 0) mod 2", "7 * ''", "'a' + 1", "-''"])
def test_what_cannot_be_computed_is_not_a_number(source: str) -> None:
    assert math.isnan(to_number(evaluate(source)))


def test_what_is_decided_already_is_not_computed() -> None:
    for source in ("false() and date('x')", "1 or date('x')", "if(1, 'y', date('x')) != ''"):
        assert evaluate(source) in {True, False}
    assert evaluate("coalesce('y', date('x'))") == "y"


def test_an_empty_condition_is_false_and_a_zero_in_quotes_true() -> None:
    assert evaluate("if('', 'y', 'n')") == "n"
    assert evaluate("if('0', 'y', 'n')") == "y"


def test_without_an_age_a_child_is_not_under_five() -> None:
    assert evaluate("if(/data/age < 5, 'under', 'over')", {"age": ""}) == "over"


def test_coalesce_takes_the_first_answer() -> None:
    assert evaluate("coalesce(/data/a, 'none')", {"a": ""}) == "none"
    assert evaluate("coalesce(/data/a + 1, 3)", {"a": ""}) == 3
    assert evaluate("coalesce(0, 3)") == 0


@pytest.mark.parametrize(("own", "value"), [("", "x"), ("kept", "kept"), (5.0, 5.0)])
def test_once_keeps_the_first_value(own: str | float, value: Value) -> None:
    assert evaluate("once('x')", {"a": own}, at="a") == value


def test_a_choices_label_is_asked_of_the_interview() -> None:
    world = World.of({"town": "a", "child": [{"town": "b"}, {"town": "c"}]})
    world.labels = {("town", "a"): "Алматы", ("town", "c"): "Шымкент"}
    assert world.evaluate("jr:choice-name(/data/town, '/data/town')") == "Алматы"
    assert world.evaluate("jr:choice-name(../town, ' ../town ')", "child[2]/town") == "Шымкент"
    assert world.evaluate("jr:choice-name('zz', '/data/town')") == ""
    assert world.evaluate("jr:choice-name('', '/data/town')") == ""
    assert world.evaluate("jr:choice-name('a', '/data/none')") == ""


def test_an_expression_is_compiled_once() -> None:
    first, second = (Expression("1 + 1", parse("1 + 1")) for _ in range(2))
    assert compiled(first) is compiled(second)


def test_a_date_question_compares_as_a_date() -> None:
    born = {"born": date(2020, 1, 1)}
    assert evaluate(". <= today()", born, at="born") is True
    assert evaluate("/data/born < '2000-01-01'", born) is False
    assert evaluate("int((today() - /data/born) div 365.25)", born) == 4
