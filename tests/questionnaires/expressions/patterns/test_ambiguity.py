"""Patterns that a backtracking engine could run for ever are found, and no others."""

from __future__ import annotations

from importlib import import_module
from typing import Any, TypeAlias

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires.expressions.patterns import PatternError
from surveyapp.questionnaires.expressions.patterns.ambiguity import could_run_for_ever

ENDLESS = (
    r"(a+)+$",
    r"^([A-Za-z]+\s?)+$",
    r"(a|aa)*b",
    r"(a*)*b",
    r"(a|a)*",
    r"(.*)*x",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"(\w+\.?)+@x",
    r"(?=(a+)+b).*",
    r"([a-z]+[0-9]*)*",
    r"(x+x+)+y",
    r"(\d|[0-9])+;",
    r"((a{1,5})+)b",
    r"(a?a)*b",
    r"(a?b?)*c",
    r"(?i)(a|A)*",
    r"((ab)*(ab)*)*c",
    r"(\p{L}+ ?)+",
    r"([А-Яа-я]+-?)+",
    r"(a{2,}b?)*",
)
HARMLESS = (
    r"^[0-9]{3}-[0-9]{3}$",
    r"[A-Z]{2}\d{6}",
    r"^([A-Za-z]+\s)+$",
    r"([A-Za-z]+( [A-Za-z]+)*)",
    r"(\b\w+\b\s*)+",
    r"^(\+7|8)?\d{10}$",
    r"(?=.*[A-Z])(?=.*\d).{8,}",
    r"[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,4}",
    r"(a?)*b",
    r"(ab|ac)*d",
    r"(a|b)*",
    r"([\w-]+\.)+[a-z]{2,}",
    r"\d+(\.\d+)?",
    r".{0,1000}",
    r"(\d{1,3}\.){3}\d{1,3}",
    r"([01]?[0-9]|2[0-3]):[0-5][0-9]",
    r"^[А-Яа-яӘәҒғ\- ]+$",
    r"a*a*a*b",
    r"(a+b)+",
    r"()*",
    r"(|a)+",
    r"^(?!.*\.\.)[a-z.]+$",
    r"(^a|b)*",
    r"",
)


@pytest.mark.parametrize("pattern", ENDLESS)
def test_an_endless_pattern_is_found(pattern: str) -> None:
    assert could_run_for_ever(pattern)


@pytest.mark.parametrize("pattern", HARMLESS)
def test_a_harmless_pattern_is_let_pass(pattern: str) -> None:
    assert not could_run_for_ever(pattern)


@pytest.mark.parametrize("pattern", ["(", "[z-a]", r"(a)\1", "a**"])
def test_what_is_no_pattern_is_not_judged(pattern: str) -> None:
    with pytest.raises(PatternError):
        could_run_for_ever(pattern)


piece = st.sampled_from(["a", "b", "[ab]", ".", "ab", "a?", "b*", "a+"])
group = st.recursive(
    piece,
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("({}|{})".format, inner, inner),
        st.builds("({}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}"])),
    ),
    max_leaves=5,
)


#: a node of Python's parser, which has no types: its kind and what belongs to it
_Node: TypeAlias = tuple[Any, Any]


def ways(pattern: str, text: str) -> int:
    """In how many ways a pattern matches a whole text, by trying them all; each turn takes something."""
    return _Ways(pattern).count(text)


#: private, and so typed nowhere
_PARSER: Any = import_module("re._parser")


class _Ways:
    """Counts derivations with Python's own parser of patterns, which knows nothing of automata."""

    def __init__(self, pattern: str) -> None:
        self._tree = list(_PARSER.parse(pattern))

    def count(self, text: str) -> int:
        return self._sequence(self._tree, text).get(len(text), 0)

    def _sequence(self, nodes: list[_Node], text: str) -> dict[int, int]:
        """End → number of ways to get there from 0."""
        reached = {0: 1}
        for node in nodes:
            following: dict[int, int] = {}
            for start, number in reached.items():
                for length, more in self._node(node, text[start:]).items():
                    end = start + length
                    following[end] = following.get(end, 0) + number * more
            reached = following
        return reached

    def _node(self, node: _Node, text: str) -> dict[int, int]:
        kind, value = str(node[0]), node[1]
        if kind in {"LITERAL", "IN", "ANY", "NOT_LITERAL"}:
            return {1: 1} if text and self._takes(kind, value, text[0]) else {}
        if kind == "SUBPATTERN":
            return self._sequence(list(value[3]), text)
        if kind == "BRANCH":
            found: dict[int, int] = {}
            for branch in value[1]:
                for end, number in self._sequence(list(branch), text).items():
                    found[end] = found.get(end, 0) + number
            return found
        least, most, body = value
        return self._repeat(int(least), int(most), list(body), text)

    @staticmethod
    def _takes(kind: str, value: Any, character: str) -> bool:
        if kind == "ANY":
            return True
        if kind == "LITERAL":
            return chr(int(str(value))) == character
        return any(chr(int(str(code))) == character for _kind, code in value)

    def _repeat(self, least: int, most: int, body: list[_Node], text: str) -> dict[int, int]:
        found: dict[int, int] = {}
        level = {0: 1}
        for turn in range(min(most, least + len(text)) + 1):
            if turn >= least:
                for end, number in level.items():
                    found[end] = found.get(end, 0) + number
            following: dict[int, int] = {}
            for start, number in level.items():
                for length, more in self._sequence(body, text[start:]).items():
                    if length or turn < least:
                        following[start + length] = following.get(start + length, 0) + number * more
            level = following
        return found


@settings(max_examples=150, deadline=None)
@given(group)
def test_the_number_of_ways_grows_as_the_verdict_says(pattern: str) -> None:
    endless = could_run_for_ever(pattern)
    counts = [
        max(ways(pattern, word * turns) for word in ("a", "b", "ab", "aab", "aba")) for turns in (4, 8)
    ]
    assume(min(counts) > 0)
    # what is not exponential is a polynomial of a small degree: doubling the text multiplies by 2^degree
    if not endless:
        assert counts[1] <= 2**8 * counts[0] + 2**8
