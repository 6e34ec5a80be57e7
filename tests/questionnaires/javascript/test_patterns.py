"""`regex()` gives the server's verdicts on the phone, whether it knows the pattern beforehand or not."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires.definition import Tree
from surveyapp.questionnaires.expressions.patterns.characters import CharacterSet, named
from surveyapp.questionnaires.expressions.patterns.portable import class_body
from surveyapp.questionnaires.javascript import Engine
from tests.questionnaires.expressions.patterns.test_patterns import (
    CASES,
    CATASTROPHES,
    REFUSED,
    patterns,
)
from tests.questionnaires.forms import questionnaire
from tests.questionnaires.javascript.pairs import Pair, same

LAX = [HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module")
def pair(engine: Engine) -> Pair:
    return Pair(engine, questionnaire("| type | name | label |\n| text | a | A |"))


def regex(text: str, pattern: str, *, literal: bool) -> Tree:
    """A call of `regex()` whose pattern the document has, or that is put together while answering."""
    written: Tree = ["string", pattern]
    return ["call", "regex", ["string", text], written if literal else ["call", "concat", written]]


@pytest.mark.parametrize("literal", [True, False])
@pytest.mark.parametrize(("pattern", "fitting", "others"), CASES)
def test_a_pattern_matches_these_texts_and_not_those(
    pair: Pair, pattern: str, fitting: list[str], others: list[str], literal: bool
) -> None:
    verdicts = {
        text: pair.javascript.evaluate("a", regex(text, pattern, literal=literal)).boolean
        for text in (*fitting, *others)
    }
    assert verdicts == {text: text in fitting for text in (*fitting, *others)}


@pytest.mark.parametrize("literal", [True, False])
@pytest.mark.parametrize("pattern", REFUSED)
def test_a_pattern_that_cannot_be_used_is_a_fault(pair: Pair, pattern: str, literal: bool) -> None:
    assert pair.evaluated(regex("a", pattern, literal=literal), "a") == ("pattern", "pattern")


@pytest.mark.parametrize("literal", [True, False])
@pytest.mark.parametrize("pattern", CATASTROPHES)
def test_no_pattern_runs_for_ever(pair: Pair, pattern: str, literal: bool) -> None:
    begun = time.monotonic()
    tree = regex("a" * 3000 + "!", pattern, literal=literal)
    assert not pair.javascript.evaluate("a", tree).boolean
    # linear, it takes less than a second; trying all ways, it would not end before the sun does
    assert time.monotonic() - begun < 60


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=LAX)
@given(pattern=patterns(), text=st.text("abc1", max_size=6), literal=st.booleans())
def test_any_pattern_gives_the_same_verdict(pair: Pair, pattern: str, text: str, literal: bool) -> None:
    ours, theirs = pair.evaluated(regex(text, pattern, literal=literal), "a")
    assert same(ours, theirs), (ours, theirs)


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=LAX)
@given(pattern=st.text(r"ab(|)[]^-&\?*+{1,2}.$dpPQE:=!i<>", max_size=12), literal=st.booleans())
def test_any_text_is_the_same_pattern_or_refused_alike(pair: Pair, pattern: str, literal: bool) -> None:
    for text in ("", "a", "ab", "-", "1"):
        ours, theirs = pair.evaluated(regex(text, pattern, literal=literal), "a")
        assert same(ours, theirs), (text, ours, theirs)


@settings(deadline=None, suppress_health_check=LAX)
@given(
    ranges=st.lists(st.tuples(st.characters(), st.characters()).map(sorted), max_size=6),
    character=st.characters(),
)
def test_a_class_means_the_set_it_was_written_for(
    engine: Engine, ranges: list[list[str]], character: str
) -> None:
    members = CharacterSet.of_ranges((ord(first), ord(last)) for first, last in ranges)
    pattern = f"new RegExp({json.dumps(f'[{class_body(members)}]')}, 'u')"
    script = f"{pattern}.test(String.fromCodePoint({ord(character)}))"
    assert engine.evaluate(script) is (character in members)


def test_a_class_of_letters_is_short() -> None:
    letters = named("L")
    assert letters is not None
    assert class_body(letters | CharacterSet.of(" -'")) == r"\p{L} '\-"
    assert class_body(~letters) == r"^\p{L}"
