"""Patterns that a backtracking engine could run for ever: those of exponential ambiguity.

Our own matcher takes time linear in the text whatever the pattern. Java's engine, on which ODK Collect
runs, and the browser's try one way after the other: if some text leads from a place in the pattern back
to that place by two different ways, a text of n such pieces that fails at the end is tried in 2^n ways,
`(a+)+$` is the known example. That is decided exactly on the pattern's automaton (Weber and Seidl, “On
the degree of ambiguity of finite automata”, 1991, criterion EDA): each character of the pattern is a
state, and a cycle of pairs of states that holds a pair of equals and a pair of unequals says yes.

As in Java a turn of a loop that takes no character ends the loop. Lookaheads are patterns of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

from surveyapp.questionnaires.expressions.patterns.characters import CharacterSet
from surveyapp.questionnaires.expressions.patterns.matcher import compile_pattern
from surveyapp.questionnaires.expressions.patterns.syntax import (
    Anchor,
    Either,
    Look,
    One,
    Pattern,
    Repeat,
    Sequence,
    parse_pattern,
)
from surveyapp.questionnaires.graphs import components

#: a state: the position of a character in the automaton
_State: TypeAlias = int
_Pair: TypeAlias = tuple[_State, _State]
#: pairs looked at before a pattern is let go; those of real forms have some hundred
_MOST_PAIRS = 200_000
_WORD = CharacterSet.of_ranges([(48, 57), (65, 90), (95, 95), (97, 122)])


@lru_cache(maxsize=512)
def could_run_for_ever(source: str) -> bool:
    """Whether backtracking may take time exponential in the text.

    Raises:
        PatternError: the pattern cannot be used at all.
    """
    compile_pattern(source)
    return any(_is_ambiguous(pattern) for pattern in _whole_and_looks(parse_pattern(source)))


def _whole_and_looks(pattern: Pattern) -> Iterator[Pattern]:
    yield pattern
    yield from (look.body for look in _looks(pattern))


def _looks(pattern: Pattern) -> Iterator[Look]:
    match pattern:
        case Look():
            yield pattern
            yield from _looks(pattern.body)
        case Sequence():
            for part in pattern.parts:
                yield from _looks(part)
        case Either():
            for branch in pattern.branches:
                yield from _looks(branch)
        case Repeat():
            yield from _looks(pattern.body)


class _Automaton:
    """Thompson's automaton: empty moves between its nodes, and nodes that take a character."""

    def __init__(self, pattern: Pattern) -> None:
        self.moves: list[list[int]] = []
        self.members: dict[_State, CharacterSet] = {}
        self.anchors: dict[int, str] = {}
        #: nodes at which a turn of a loop is over
        self.turns: set[int] = set()
        self._write(pattern, self._node())

    def _node(self) -> int:
        self.moves.append([])
        return len(self.moves) - 1

    def _write(self, pattern: Pattern, start: int) -> int:
        """Write a pattern that begins at a node; the node it ends at."""
        match pattern:
            case One():
                self.members[start] = pattern.members
                end = self._node()
                self.moves[start].append(end)
                return end
            case Sequence():
                for part in pattern.parts:
                    start = self._write(part, start)
                return start
            case Either():
                return self._either(pattern, start)
            case Repeat():
                return self._repeat(pattern, start)
            case Anchor():
                self.anchors[start] = pattern.place
        end = self._node()
        self.moves[start].append(end)
        return end

    def _either(self, pattern: Either, start: int) -> int:
        end = self._node()
        for branch in pattern.branches:
            first = self._node()
            self.moves[start].append(first)
            self.moves[self._write(branch, first)].append(end)
        return end

    def _repeat(self, pattern: Repeat, start: int) -> int:
        # what is counted unfolds: alone it is never exponential, but within a loop it may be
        for _ in range(pattern.least):
            start = self._write(pattern.body, start)
        end = self._node()
        if pattern.most is None:
            again, first = self._node(), self._node()
            self.moves[start] += [first, end]
            self.moves[again] += [first, end]
            self.turns.add(again)
            self.moves[self._write(pattern.body, first)].append(again)
            return end
        for _ in range(pattern.most - pattern.least):
            first = self._node()
            self.moves[start] += [first, end]
            start = self._write(pattern.body, first)
        self.moves[start].append(end)
        return end

    def following(self, state: _State) -> dict[_State, int]:
        """The states that may take the next character, each with the number of ways there, at most 2."""
        found: dict[_State, int] = {}
        visits = 0
        work: list[tuple[int, frozenset[int], tuple[str, ...]]] = [
            (self.moves[state][0], frozenset(), ())
        ]
        while work and visits < _MOST_PAIRS:
            visits += 1
            node, over, places = work.pop()
            if node in over:
                continue  # a turn that took nothing
            if node in self.turns:
                over |= {node}
            if node in self.members:
                if self._possible(state, node, places):
                    found[node] = min(2, found.get(node, 0) + 1)
                continue
            if node in self.anchors:
                places = (*places, self.anchors[node])
            work += [(each, over, places) for each in self.moves[node]]
        return found

    def _possible(self, before: _State, after: _State, places: tuple[str, ...]) -> bool:
        """Whether what must hold between two characters can."""
        sides = self._sides(before), self._sides(after)
        for place in places:
            if place in {"start", "end", "very end"}:
                return False
            alike = bool(sides[0] & sides[1])
            differing = len(sides[0] | sides[1]) > 1
            if not (differing if place == "word" else alike):
                return False
        return True

    def _sides(self, state: _State) -> set[bool]:
        members = self.members[state]
        return {
            inside
            for inside, rest in ((True, members & _WORD), (False, members & ~_WORD))
            if rest.bounds
        }


def _is_ambiguous(pattern: Pattern) -> bool:
    automaton = _Automaton(pattern)
    states = [state for state, members in automaton.members.items() if members.bounds]
    following = {state: automaton.following(state) for state in states}
    return any(
        _loop_is_ambiguous(automaton, set(loop), following)
        for loop in components(states, lambda state: following[state])
        if len(loop) > 1 or loop[0] in following[loop[0]]
    )


def _loop_is_ambiguous(
    automaton: _Automaton, loop: set[_State], following: dict[_State, dict[_State, int]]
) -> bool:
    inside = {state: {n: c for n, c in following[state].items() if n in loop} for state in loop}
    if any(count > 1 for nexts in inside.values() for count in nexts.values()):
        return True
    members = automaton.members
    overlap: dict[_Pair, bool] = {}

    def overlapping(one: _State, other: _State) -> bool:
        pair = (min(one, other), max(one, other))
        if pair not in overlap:
            overlap[pair] = one == other or bool((members[one] & members[other]).bounds)
        return overlap[pair]

    def pairs(pair: _Pair) -> Iterable[_Pair]:
        # order does not matter, so that half of the pairs is enough
        for one in inside[pair[0]]:
            for other in inside[pair[1]]:
                if overlapping(one, other):
                    yield (min(one, other), max(one, other))

    if len(loop) ** 2 > _MOST_PAIRS:
        return False
    return any(
        any(one == other for one, other in found) and any(one != other for one, other in found)
        for found in components(((state, state) for state in loop), pairs)
    )
