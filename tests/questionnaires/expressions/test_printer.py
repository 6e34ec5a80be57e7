"""A printed tree is the expression again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from surveyapp.questionnaires.definition import Tree
from surveyapp.questionnaires.expressions import parse, print_expression

PRINTED = {
    "1+2*3": "1 + 2 * 3",
    "(1+2)*3": "(1 + 2) * 3",
    "((1)+2)+3": "(1 + 2) + 3",
    "1-(2-3)": "1 - (2 - 3)",
    "- ( 1 + 2 )": "-(1 + 2)",
    "-a*b": "-a * b",
    "a  and( b or c)": "a and (b or c)",
    '"x"': "'x'",
    '"it\'s"': '"it\'s"',
    "0.0000001": "0.0000001",
    "/data/child [ position( )>1 ] / c_age": "/data/child[position() > 1]/c_age",
    "current( )/ .. /x": "current()/../x",
    "current()": "current()",
    'instance("x")/root/item': "instance('x')/root/item",
    "jr:choice-name(a,'../a')": "jr:choice-name(a, '../a')",
}

names = st.sampled_from(("a", "child", "c_age", "and", "div", "x-1", "Жасы", "n.a", "*"))
numbers = st.one_of(
    st.integers(0, 2**53).map(lambda whole: ["number", whole]),
    st.floats(0, 1e15, exclude_min=True)
    .filter(lambda number: not number.is_integer())
    .map(lambda number: ["number", number]),
)
texts = (
    st.text(st.characters(exclude_characters="'", exclude_categories=["Cs"]))
    | st.text(st.characters(exclude_characters='"', exclude_categories=["Cs"]))
).map(lambda text: ["string", text])


def trees() -> SearchStrategy[Tree]:
    """Trees of every kind that `parse` can give."""
    return st.recursive(numbers | texts | plain_paths(), compounds, max_leaves=25)


def plain_paths() -> SearchStrategy[Tree]:
    down = st.lists(names.map(lambda name: [name]), min_size=1, max_size=3)
    up = st.lists(st.sampled_from((["."], [".."])), max_size=3)
    return st.one_of(
        down.map(lambda steps: ["absolute", *steps]),
        st.tuples(up, down).map(lambda both: ["relative", *both[0], *both[1]]),
        st.tuples(up, down).map(lambda both: ["current", *both[0], *both[1]]),
    )


def compounds(parts: SearchStrategy[Tree]) -> SearchStrategy[Tree]:
    operators = st.sampled_from(
        ("or", "and", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*", "div", "mod")
    )
    operands = st.lists(parts, min_size=2, max_size=4)
    steps = st.lists(
        st.tuples(names, st.lists(parts, max_size=2)).map(lambda step: [step[0], *step[1]]),
        min_size=1,
        max_size=3,
    )
    return st.one_of(
        st.tuples(operators, operands).map(lambda both: [both[0], *both[1]]),
        parts.map(lambda part: ["negative", part]),
        st.lists(parts, max_size=4).map(lambda arguments: ["call", "concat", *arguments]),
        st.tuples(parts, plain_paths()).map(lambda both: ["call", "jr:choice-name", *both]),
        steps.map(lambda steps: ["absolute", *steps]),
        steps.map(lambda steps: ["instance", "list", *steps]),
    )


@given(trees())
def test_a_printed_tree_parses_to_itself(tree: Tree) -> None:
    assert parse(print_expression(tree)) == tree


@pytest.mark.parametrize("source", PRINTED)
def test_an_expression_is_printed_plainly(source: str) -> None:
    assert print_expression(parse(source)) == PRINTED[source]
