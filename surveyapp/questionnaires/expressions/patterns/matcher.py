"""A pattern as a small program over sets of states (Thompson 1968; Cox, “Regular Expression Matching”).

The time is at most the length of the text times the length of the program, whatever the pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache, singledispatchmethod
from typing import TypeAlias

from surveyapp.questionnaires.expressions.patterns.characters import LINE_ENDS, CharacterSet
from surveyapp.questionnaires.expressions.patterns.syntax import (
    Anchor,
    Either,
    Look,
    One,
    Pattern,
    PatternError,
    Repeat,
    Sequence,
    parse_pattern,
)

#: Instructions a program may have; `.{0,1000}` has 2001.
MAX_INSTRUCTIONS = 5000
#: Situations remembered for one pattern before it forgets them all.
MAX_REMEMBERED = 1000

#: Whether a place in a text is of a kind.
Condition: TypeAlias = Callable[[str, int], bool]
#: A set of characters consumes one and goes on; a condition goes on where it holds; numbers are the
#: instructions to go on at; None is the end.
Instruction: TypeAlias = CharacterSet | Condition | tuple[int, ...] | None
States: TypeAlias = frozenset[int]


@lru_cache(maxsize=512)
def compile_pattern(source: str) -> Matcher:
    """The matcher of a Java pattern.

    Raises:
        PatternError: it cannot be used.
    """
    return Matcher(without_edges(parse_pattern(source)))


def without_edges(pattern: Pattern) -> Pattern:
    """Without the `^` and `$` around it, true in a whole match: most patterns are steady then."""
    if isinstance(pattern, Either):
        return Either(tuple(without_edges(branch) for branch in pattern.branches))
    if not isinstance(pattern, Sequence):
        return pattern
    parts = pattern.parts
    if parts[:1] == (Anchor("start"),):
        parts = parts[1:]
    if parts[-1:] == (Anchor("end"),):
        parts = parts[:-1]
    return Sequence(parts)


class _Situation:
    """The states after some characters, and the situations that were seen to follow."""

    __slots__ = ("following", "states")

    def __init__(self, states: States) -> None:
        self.states = states
        self.following: dict[str, _Situation] = {}


class Matcher:
    """One compiled pattern."""

    def __init__(self, pattern: Pattern) -> None:
        self._program = _Assembler().assemble(pattern)
        #: without conditions the next states depend on the states and the character alone
        self._steady = not any(callable(instruction) for instruction in self._program)
        self._situations: dict[States, _Situation] = {}
        self._end = len(self._program) - 1

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        return self._matches_steadily(text) if self._steady else self._matches(text)

    def _matches(self, text: str) -> bool:
        states = self._reached([0], text, 0)
        for position, character in enumerate(text, 1):
            states = self._reached(self._consumed(states, character), text, position)
            if not states:
                return False
        return self._end in states

    def _matches_steadily(self, text: str) -> bool:
        situation = self._situation(self._reached([0], "", 0))
        for character in text:
            following = situation.following.get(character)
            if following is None:
                following = self._situation(
                    self._reached(self._consumed(situation.states, character), "", 0)
                )
                situation.following[character] = following
            if not following.states:
                return False
            situation = following
        return self._end in situation.states

    def _situation(self, states: States) -> _Situation:
        if len(self._situations) >= MAX_REMEMBERED:
            self._situations.clear()
        return self._situations.setdefault(states, _Situation(states))

    def beginnings(self, text: str) -> list[bool]:
        """For each place in a text, its end included, whether something that begins there matches.

        Looked for from the end backwards, so that all places together cost no more than one match.
        """
        found, leading = [], set[int]()
        for position in range(len(text), -1, -1):
            leading = self._leading(leading, text, position)
            found.append(0 in leading)
        return found[::-1]

    def _leading(self, after: set[int], text: str, position: int) -> set[int]:
        """The states that lead to the end from here, if those in `after` do from the next character."""
        leading = {self._end, *self._consuming(after, text[position : position + 1])}
        pending = list(leading)
        while pending:
            state = pending.pop()
            for before in self._before.get(state, ()):
                instruction = self._program[before]
                if before not in leading and (
                    isinstance(instruction, tuple)
                    or (callable(instruction) and instruction(text, position))
                ):
                    leading.add(before)
                    pending.append(before)
        return leading

    def _consuming(self, after: set[int], character: str) -> list[int]:
        """The states from which the character leads to those in `after`."""
        program = self._program
        return [
            state - 1
            for state in after
            if state and isinstance(members := program[state - 1], CharacterSet) and character in members
        ]

    @cached_property
    def _before(self) -> dict[int, list[int]]:
        """The instructions that go on at each state without a character."""
        found: dict[int, list[int]] = {}
        for state, instruction in enumerate(self._program):
            following = (state + 1,) if callable(instruction) else instruction
            for each in following if isinstance(following, tuple) else ():
                found.setdefault(each, []).append(state)
        return found

    def _consumed(self, states: States, character: str) -> list[int]:
        program = self._program
        return [
            state + 1
            for state in states
            if isinstance(members := program[state], CharacterSet) and character in members
        ]

    def _reached(self, starts: Iterable[int], text: str, position: int) -> States:
        """The states in which a character is awaited, or the end, from these without reading on."""
        waiting, seen, pending = set(), set(), list(starts)
        while pending:
            state = pending.pop()
            if state in seen:
                continue
            seen.add(state)
            instruction = self._program[state]
            if instruction is None or isinstance(instruction, CharacterSet):
                waiting.add(state)
            elif isinstance(instruction, tuple):
                pending += instruction
            elif instruction(text, position):
                pending.append(state + 1)
        return frozenset(waiting)


class _Assembler:
    """Writes the program of a pattern, part after part."""

    def __init__(self) -> None:
        self._program: list[Instruction] = []
        self._looks: dict[int, Condition] = {}

    def assemble(self, pattern: Pattern) -> tuple[Instruction, ...]:
        self._write(pattern)
        return (*self._program, None)

    def _add(self, instruction: Instruction) -> int:
        if len(self._program) >= MAX_INSTRUCTIONS:
            raise PatternError("large")
        self._program.append(instruction)
        return len(self._program) - 1

    @singledispatchmethod
    def _write(self, pattern: Pattern) -> None:
        raise TypeError(pattern)

    @_write.register
    def _one(self, pattern: One) -> None:
        self._add(pattern.members)

    @_write.register
    def _sequence(self, pattern: Sequence) -> None:
        for part in pattern.parts:
            self._write(part)

    @_write.register
    def _anchor(self, pattern: Anchor) -> None:
        self._add(_PLACES[pattern.place])

    @_write.register
    def _look(self, pattern: Look) -> None:
        # a repeated group writes its lookahead many times: one matcher is enough
        if id(pattern) not in self._looks:
            self._looks[id(pattern)] = _condition(pattern)
        self._add(self._looks[id(pattern)])

    @_write.register
    def _either(self, pattern: Either) -> None:
        fork = self._add(())
        starts, ends = [], []
        for branch in pattern.branches:
            starts.append(len(self._program))
            self._write(branch)
            ends.append(self._add(()))
        self._program[fork] = tuple(starts)
        for end in ends:
            self._program[end] = (len(self._program),)

    @_write.register
    def _repeat(self, pattern: Repeat) -> None:
        start = len(self._program)
        for _ in range(pattern.least):
            self._write(pattern.body)
            if len(self._program) == start:  # an empty body, however often
                return
        if pattern.most is None:
            self._loop(pattern.body)
            return
        forks = []
        for _ in range(pattern.most - pattern.least):
            forks.append(self._add(()))
            self._write(pattern.body)
        for fork in forks:
            self._program[fork] = (fork + 1, len(self._program))

    def _loop(self, body: Pattern) -> None:
        fork = self._add(())
        self._write(body)
        self._add((fork,))
        self._program[fork] = (fork + 1, len(self._program))


def _condition(look: Look) -> Condition:
    # asked at one place of a text after the other
    ahead = lru_cache(maxsize=1)(Matcher(look.body).beginnings)
    return lambda text, position: ahead(text)[position] is look.wanted


def _at_start(text: str, position: int) -> bool:
    return position == 0


def _at_very_end(text: str, position: int) -> bool:
    return position == len(text)


def _at_end(text: str, position: int) -> bool:
    """The end, or before the line end that ends the text."""
    rest = text[position : position + 3]
    return rest in {"", "\r\n"} or (len(rest) == 1 and rest in LINE_ENDS)


def _in_word(text: str, position: int) -> bool:
    return 0 <= position < len(text) and (text[position].isalnum() or text[position] == "_")


def _at_word_edge(text: str, position: int) -> bool:
    return _in_word(text, position - 1) is not _in_word(text, position)


_PLACES: dict[str, Condition] = {
    "start": _at_start,
    "end": _at_end,
    "very end": _at_very_end,
    "word": _at_word_edge,
    "no word": lambda text, position: not _at_word_edge(text, position),
}
