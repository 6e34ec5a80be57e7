"""Functions of text."""

from __future__ import annotations

import math

import pytest

from surveyapp.questionnaires.expressions import EvaluationError, to_number
from tests.questionnaires.expressions.world import World, evaluate

NAMES = {"child": [{"name": "Ann"}, {"name": ""}, {"name": "Eve"}]}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("concat(1, ' ', true(), today())", "1 true2024-03-15"),
        ("concat()", ""),
        ("join(',', 'a', '', 'b')", "a,,b"),
        ("join(',')", ""),
        ("substr('hello', 1)", "ello"),
        ("substr('hello', 1, 3)", "el"),
        ("substr('hello', -3)", "llo"),
        ("substr('hello', -3, -1)", "ll"),
        ("substr('hello', 2, 1)", ""),
        ("substr('hello', 1, 99)", "ello"),
        ("substr('hello', '')", "hello"),
        ("substr('a😀b', 3)", "b"),
        ("substr('a😀b', 1, 3)", "😀"),
        ("substring('hello', 2, 3)", "ell"),
        ("substring('hello', 2)", "ello"),
        ("substring('hello', 0, 3)", "he"),
        ("substring('12345', 1.5, 2.6)", "234"),
        ("substring('hello', 1 div 0)", ""),
        ("substring-before('a-b-c', '-')", "a"),
        ("substring-after('a-b-c', '-')", "b-c"),
        ("substring-before('abc', 'z')", ""),
        ("substring-after('abc', 'z')", ""),
        ("substring-after('abc', '')", "abc"),
        ("translate('aba', 'ab', 'ba')", "bab"),
        ("translate('abc', 'ab', 'x')", "xc"),
        ("translate('a', 'aa', 'xy')", "x"),
        ("normalize-space('  a \t\n b ')", "a b"),
        ("normalize-space(' a\xa0 b')", "a\xa0 b"),
        ("lower-case('ҚАЗ')", "қаз"),
        ("upper-case('қаз')", "ҚАЗ"),
        ("replace('a.b.c', '.', '-')", "a-b-c"),
        ("string(5)", "5"),
    ],
)
def test_a_function_of_text_gives(source: str, text: str) -> None:
    assert evaluate(source) == text


@pytest.mark.parametrize(
    ("source", "truth"),
    [
        ("contains('abc', 'b')", True),
        ("contains('abc', '')", True),
        ("starts-with('abc', 'ab')", True),
        ("starts-with('abc', 'b')", False),
        ("ends-with('abc', 'bc')", True),
        ("ends-with('abc', 'b')", False),
        ("regex('abc', 'b')", False),
        ("regex('abc', '.*b.*')", True),
        ("regex(12, '[0-9]+')", True),
        ("regex('', '')", True),
    ],
)
def test_a_question_about_a_text_is_answered(source: str, truth: bool) -> None:
    assert evaluate(source) is truth


@pytest.mark.parametrize(
    ("text", "length"), [("", 0), ("abc", 3), ("әіңғ", 4), ("é😀", 3), ("👨‍👩‍👧", 8)]
)
def test_length_is_in_utf16_units(text: str, length: int) -> None:
    assert evaluate(f"string-length('{text}')") == length


def test_without_an_argument_the_own_value_is_meant() -> None:
    assert evaluate("string-length()", {"a": "four"}, at="a") == 4
    assert evaluate("normalize-space()", {"a": " x  y "}, at="a") == "x y"


def test_the_texts_of_all_instances_are_joined() -> None:
    assert evaluate("join('-', /data/child/name)", NAMES) == "Ann--Eve"
    assert evaluate("concat(/data/child/name)", NAMES) == "AnnEve"


def test_several_instances_among_other_arguments_are_an_error() -> None:
    with pytest.raises(EvaluationError, match="repeated"):
        evaluate("concat(/data/child/name, 'x')", NAMES)


def test_a_pattern_put_together_while_answering_may_be_wrong() -> None:
    with pytest.raises(EvaluationError) as raised:
        World.of({"a": "("}).evaluate("regex('x', /data/a)")
    assert (raised.value.code, raised.value.params) == ("pattern", {"reason": "unclosed"})


def test_no_number_is_in_a_text_of_letters() -> None:
    assert math.isnan(to_number(evaluate("concat('a', 1)")))
