"""What is wrong with an expression is said in the author's language."""

from __future__ import annotations

import pytest
from flask import Flask

from surveyapp.catalogue.expression_problems import (
    PATTERNS,
    SENTENCES,
    UNSUPPORTED,
    explain_expression,
)
from surveyapp.questionnaires.expressions import ExpressionError, parse
from surveyapp.questionnaires.expressions.patterns import PatternError


def explained(source: str, language: str = "en") -> str:
    with pytest.raises(ExpressionError) as raised:
        parse(source)
    return explain_expression(raised.value.code, raised.value.params, language)


def test_every_error_has_a_sentence() -> None:
    assert SENTENCES.keys() | {"pattern", "unsupported"} == ExpressionError.CODES
    assert UNSUPPORTED.keys() == ExpressionError.FEATURES
    assert PATTERNS.keys() == PatternError.REASONS


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("a = “b”", "The character ““” cannot stand here"),
        ("foo(1)", "There is no function “foo”"),
        ("if(1, 2)", "Arguments that “if” takes: 3; given: 2"),
        ("round(1, 2, 3)", "Arguments that “round” takes: 1–2; given: 3"),
        ("join()", "Arguments that “join” takes: 1+; given: 0"),
        ("//a", "// does not work; write the whole path"),
        ("regex(., '(')", "The pattern of regex() has a bracket that is never closed"),
    ],
)
def test_an_error_is_explained(words: Flask, source: str, sentence: str) -> None:
    assert explained(source) == sentence
