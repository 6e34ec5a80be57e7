"""Text becomes a tree, or an error that says where it stopped making sense."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.questionnaires.definition import Tree
from surveyapp.questionnaires.expressions import ExpressionError, compile_expression, parse
from surveyapp.questionnaires.expressions.evaluator import FUNCTION_NAMES
from surveyapp.questionnaires.expressions.parser import MAX_DEPTH
from surveyapp.questionnaires.expressions.printer import print_expression
from surveyapp.questionnaires.expressions.signatures import SIGNATURES
from surveyapp.questionnaires.expressions.trees import depth

TREES: dict[str, Tree] = {
    "5": ["number", 5],
    ".5": ["number", 0.5],
    "5.": ["number", 5],
    "'it'": ["string", "it"],
    '"it\'s"': ["string", "it's"],
    "1 + 2 * 3": ["+", ["number", 1], ["*", ["number", 2], ["number", 3]]],
    "1 - 2 - 3": ["-", ["number", 1], ["number", 2], ["number", 3]],
    "1 - 2 + 3": ["+", ["-", ["number", 1], ["number", 2]], ["number", 3]],
    "--a": ["negative", ["negative", ["relative", ["a"]]]],
    "a - -b": ["-", ["relative", ["a"]], ["negative", ["relative", ["b"]]]],
    "a-b": ["relative", ["a-b"]],
    "5div2": ["div", ["number", 5], ["number", 2]],
    "and and and": ["and", ["relative", ["and"]], ["relative", ["and"]]],
    "* * *": ["*", ["relative", ["*"]], ["relative", ["*"]]],
    "a or b and c = d": [
        "or",
        ["relative", ["a"]],
        ["and", ["relative", ["b"]], ["=", ["relative", ["c"]], ["relative", ["d"]]]],
    ],
    "/data/child[c_sex='1']/c_age": [
        "absolute",
        ["data"],
        ["child", ["=", ["relative", ["c_sex"]], ["string", "1"]]],
        ["c_age"],
    ],
    "/data/p:child [1]/x": ["absolute", ["data"], ["p:child", ["number", 1]], ["x"]],
    "/data/ child/x - 1": ["-", ["absolute", ["data"], ["child"], ["x"]], ["number", 1]],
    "/data/child ::x": ["absolute", ["data"], ["x"]],
    "a /data/b": ["relative", ["a"], ["data"], ["b"]],
    "/data/a-b*/data/c": ["*", ["absolute", ["data"], ["a-b"]], ["absolute", ["data"], ["c"]]],
    "../../child": ["relative", [".."], [".."], ["child"]],
    ".": ["relative", ["."]],
    "@id": ["relative", ["@id"]],
    "../@id": ["relative", [".."], ["@id"]],
    "/data/x[@id = 'a']/@id[. != '']": [
        "absolute",
        ["data"],
        ["x", ["=", ["relative", ["@id"]], ["string", "a"]]],
        ["@id", ["!=", ["relative", ["."]], ["string", ""]]],
    ],
    "child::a/attribute::id": ["relative", ["a"], ["@id"]],
    "current()/../x": ["current", [".."], ["x"]],
    "instance('x')/root/item": ["instance", "x", ["root"], ["item"]],
    "Жасы": ["relative", ["Жасы"]],
    "today()": ["call", "today"],
    "jr:choice-name(/data/s, ' /data/s ')": [
        "call",
        "jr:choice-name",
        ["absolute", ["data"], ["s"]],
        ["absolute", ["data"], ["s"]],
    ],
}

ERRORS: dict[str, tuple[str, int, dict[str, Any]]] = {
    "": ("empty", 0, {}),
    "   ": ("empty", 3, {}),
    "1 +": ("end", 3, {}),
    "1 2": ("unexpected", 2, {"found": "2"}),
    "1e3": ("unexpected", 1, {"found": "e3"}),
    "(1": ("parenthesis", 0, {}),
    "concat('a', (1)": ("parenthesis", 6, {}),
    "1)": ("unexpected", 1, {"found": ")"}),
    "a[1": ("bracket", 1, {}),
    "a[1)": ("unexpected", 3, {"found": ")"}),
    "concat('a',)": ("unexpected", 11, {"found": ")"}),
    "'it''s'": ("unexpected", 4, {"found": "s"}),
    "'open": ("quote", 0, {}),
    "a = “b”": ("character", 4, {"character": "“"}),
    "1 AND 2": ("unexpected", 2, {"found": "AND"}),
    "/data/": ("end", 6, {}),
    ".[1]": ("unexpected", 1, {"found": "["}),
    "9" * 400: ("number", 0, {"number": "9" * 20}),
    "${age} > 5": ("unsupported", 0, {"feature": "variable"}),
    "//age": ("unsupported", 0, {"feature": "descendant"}),
    "/data//age": ("unsupported", 5, {"feature": "descendant"}),
    "a | b": ("unsupported", 2, {"feature": "union"}),
    "parent::a": ("unsupported", 6, {"feature": "axis"}),
    "/data/child::*": ("unexpected", 13, {"found": "*"}),
    "a/@*": ("unsupported", 2, {"feature": "attribute"}),
    "a/@": ("end", 3, {}),
    "@id/..": ("unsupported", 4, {"feature": "parent"}),
    "text()": ("unsupported", 0, {"feature": "node test"}),
    "/data/text ()": ("unsupported", 6, {"feature": "node test"}),
    "/data/node()": ("unsupported", 6, {"feature": "node test"}),
    "/": ("unsupported", 0, {"feature": "root"}),
    "/data/a/../b": ("unsupported", 8, {"feature": "parent"}),
    "(a)[1]": ("unsupported", 0, {"feature": "filter"}),
    "concat('a')/b": ("unsupported", 0, {"feature": "filter"}),
    "1 + foo(2)": ("function", 4, {"name": "foo"}),
    "if(1, 2)": ("arguments", 0, {"name": "if", "given": 2, "least": 3, "most": 3}),
    "join()": ("arguments", 0, {"name": "join", "given": 0, "least": 1, "most": None}),
    "indexed-repeat(a, b, 1, c)": (
        "arguments",
        0,
        {"name": "indexed-repeat", "given": 4, "least": 3, "most": 11},
    ),
    "current(1)/a": ("arguments", 0, {"name": "current", "given": 1, "least": 0, "most": 0}),
    "instance(a)/root": ("instance", 0, {}),
    "jr:choice-name(a, b)": ("choice_name", 18, {}),
    "jr:choice-name(a, 'b[')": ("choice_name", 18, {}),
    "jr:choice-name(a, 'b[c]')": ("choice_name", 18, {}),
    r"regex(., '(a)\1')": ("pattern", 9, {"reason": "backreference"}),
}

WORDS = (
    *("a", "b-c", "12", ".5", "'x'", "/data", ".", "..", "[", "]", "(", ")", ",", "+", "-", "*"),
    *("=", "<", "or", "and", "if(", "$", "@", "|", "current()", "/"),
)

#: An opening and a closing that nest.
NESTINGS = {
    "brackets": ("(", ")"),
    "minuses": ("-", ""),
    "conditions": ("if(1, 2, ", ")"),
    "predicates": ("a[", " = 1]"),
    "operators": ("1 or (2 and (3 = (4 < (5 + (", ")))))"),
}


@pytest.mark.parametrize("source", TREES)
def test_an_expression_has_this_tree(source: str) -> None:
    assert parse(source) == TREES[source]


@pytest.mark.parametrize("source", TREES)
def test_a_tree_survives_json(source: str) -> None:
    assert json.loads(json.dumps(parse(source))) == parse(source)


@pytest.mark.parametrize("source", ERRORS)
def test_an_error_says_what_is_wrong_and_where(source: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(source)
    error = raised.value
    assert (error.code, error.position, error.params) == ERRORS[source]
    assert str(error).startswith(f"{error.code} at {error.position}")


@given(st.text())
def test_any_text_gives_a_tree_or_an_expression_error(text: str) -> None:
    parse_or_refuse(text)


@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "b-c",
                "12",
                ".5",
                "'x'",
                "/data",
                "..",
                ".",
                "[",
                "]",
                "(",
                ")",
                ",",
                "+",
                "-",
                "*",
                "=",
                "<",
                "or",
                "and",
                "if(",
                "${",
                "@",
                "|",
            ]
        )
    )
)
def test_any_words_give_a_tree_or_an_expression_error(words: list[str]) -> None:
    parse_or_refuse(" ".join(words))


def parse_or_refuse(text: str) -> None:
    try:
        tree = parse(text)
    except ExpressionError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert parse(print_expression(tree)) == tree


@pytest.mark.parametrize("nesting", NESTINGS)
def test_what_is_nested_too_deeply_is_refused(nesting: str) -> None:
    opening, closing = NESTINGS[nesting]
    for times in (MAX_DEPTH + 1, 100 * MAX_DEPTH):
        with pytest.raises(ExpressionError) as raised:
            parse(opening * times + "1" + closing * times)
        assert raised.value.code == "deep"


@pytest.mark.parametrize("nesting", NESTINGS)
def test_what_is_nested_as_deeply_as_allowed_can_be_used(nesting: str) -> None:
    tree = deepest(*NESTINGS[nesting])
    assert parse(print_expression(tree)) == tree
    assert callable(compile_expression(tree))
    assert depth(tree) <= MAX_DEPTH


def deepest(opening: str, closing: str) -> Tree:
    """The most deeply nested tree that is accepted."""
    for times in range(MAX_DEPTH, 0, -1):
        with contextlib.suppress(ExpressionError):
            return parse(opening * times + "1" + closing * times)
    raise AssertionError("nothing can be nested at all")


def test_operators_in_turn_are_nested_too() -> None:
    with pytest.raises(ExpressionError, match="deep"):
        parse("1" + " + 1 - 1" * 500)


def test_a_long_chain_of_one_operator_is_not_nested() -> None:
    assert len(parse(" or ".join(["a"] * 5000))) == 5001


def test_a_parsed_source_is_kept() -> None:
    assert parse("1 + 1") is parse("1 + 1")


def test_every_function_that_is_accepted_is_computed() -> None:
    assert frozenset(SIGNATURES) == FUNCTION_NAMES
