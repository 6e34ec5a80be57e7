"""Expressions have the same value on the phone and on the server."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires.definition import Tree, Valued
from surveyapp.questionnaires.expressions import ExpressionError, parse
from surveyapp.questionnaires.expressions.signatures import SIGNATURES
from surveyapp.questionnaires.javascript import Engine
from surveyapp.questionnaires.values import from_text
from tests.oracle import golden
from tests.questionnaires.expressions.generated import CONTEXTS, expressions
from tests.questionnaires.expressions.test_against_javarosa import ANSWERS, NEW_INSTANCES, definition
from tests.questionnaires.forms import questionnaire
from tests.questionnaires.javascript.pairs import Pair, same

LAX = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
#: not computed by the same generator on both sides
CHANCE = frozenset({"random", "uuid"})
CALLS = [
    (name, count)
    for name in sorted(SIGNATURES)
    for count in range(5)
    if SIGNATURES[name].accepts(count) and name not in CHANCE
]


@pytest.fixture(scope="session")
def filled(engine: Engine) -> Pair:
    """The world, filled as JavaRosa's is."""
    pair = Pair(engine, definition())
    for path in NEW_INSTANCES:
        assert pair.python.add_instance(path) == pair.javascript.add_instance(path)
    items = {item.path: item for item in pair.questionnaire.walk()}
    for path, text in ANSWERS.items():
        item = items["/".join(step.split("[")[0] for step in path.split("/"))]
        assert isinstance(item, Valued)
        value = from_text(item.type, text)
        pair.python.set(path, value)
        pair.javascript.set(path, value)
    return pair


def parsed(source: str) -> Tree | None:
    try:
        return parse(source)
    except ExpressionError:
        return None


@cache
def golden_trees() -> dict[str, Tree]:
    found = ((source, parsed(source)) for source in golden.evals() if not golden.is_volatile(source))
    return {source: tree for source, tree in found if tree is not None}


@pytest.mark.parametrize("source", golden_trees())
def test_a_kept_expression_has_the_same_value(engine: Engine, source: str) -> None:
    ours, theirs = Pair(engine, questionnaire("| type | name | label |\n| text | a | A |")).evaluated(
        golden_trees()[source]
    )
    assert same(ours, theirs), (ours, theirs)


def test_the_filled_worlds_are_the_same(filled: Pair) -> None:
    assert filled.differences() == []


@settings(max_examples=1500, deadline=None, derandomize=True, suppress_health_check=LAX)
@given(tree=expressions(), where=st.sampled_from(CONTEXTS))
def test_a_generated_expression_has_the_same_value(filled: Pair, tree: Tree, where: str) -> None:
    ours, theirs = filled.evaluated(tree, where.removeprefix("/data").removeprefix("/"))
    assert same(ours, theirs), (ours, theirs)


def call(name: str, *given: Any) -> Tree:
    return ["call", name, *given]


def text(content: str) -> Tree:
    return ["string", content]


#: whatever an operand can be, at the edges of its kind
OPERANDS: list[Tree] = [
    *map(text, ("", " ", "a", "0", "-1", "1,5", ".5", "5.", "1e3", "NaN", "true", "TRUE", "red blue")),
    *map(text, ("2024-02-29", "2023-02-29", "2024-3-5", "0001-01-01", "9999-12-31", "2024-02-29T")),
    *map(text, ("2024-03-15T10:20:30.1239+05:00", "2024-03-15T24:00", "9999-12-31T23:59:59-12:00")),
    *map(text, ("😀қ", "a😀b", "%Y-%m-%d %H:%M:%S.%3 %a %b %W %h %n %e %y %%", "%", "%q", "[a-z]+", "(")),
    *map(text, ("43.2 76.9 0 0; 43.3 76.9; 43.3 77", "x y", "43.2", "md5", "sha256", "hex", "ӘҒҚ", "ß")),
    *(["number", number] for number in (0, 1, 2, 5, 12, 0.5, 1.005, 2.5, 1e-7, 1e21, 123456789.987, 2**53)),
    *(["negative", ["number", number]] for number in (0, 1, 2.5, 0.4, 1e-13, 719163, 2**31)),
    ["div", ["number", 0], ["number", 0]],
    ["div", ["number", 1], ["number", 0]],
    call("true"),
    call("false"),
    call("today"),
    call("now"),
    call("date", text("2024-12-30")),
    call("date", ["number", 0]),
    call("date-time", text("1969-12-31T23:59:59.999Z")),
    *map(parse, ("/data/child", "/data/child/age", "/data/child[2]/name", "/data/nothing", ".", "..")),
    *map(parse, ("instance('colour')/root/item/name", "instance('colour')/root/item/warm", "/data/moment")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "count"), CALLS)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=LAX)
@given(data=st.data())
def test_a_call_with_anything_has_the_same_value(
    filled: Pair, name: str, count: int, data: st.DataObject
) -> None:
    operands = data.draw(
        st.lists(st.sampled_from(OPERANDS), min_size=count, max_size=count), label="operands"
    )
    ours, theirs = filled.evaluated(call(name, *operands), "child[2]/age")
    assert same(ours, theirs), (ours, theirs)


@pytest.mark.parametrize(
    "operator", ["or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod"]
)
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=LAX)
@given(operands=st.lists(st.sampled_from(OPERANDS), min_size=2, max_size=3))
def test_an_operation_on_anything_has_the_same_value(
    filled: Pair, operator: str, operands: list[Tree]
) -> None:
    ours, theirs = filled.evaluated([operator, *operands], "child[2]/toy[1]/price")
    assert same(ours, theirs), (ours, theirs)
