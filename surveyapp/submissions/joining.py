"""Putting a correction onto a newer revision than the one that it began with. Pure.

Three states of the answers are held against each other: what both began with, the newer revision, the
correction. What only one of the two changed is taken from it; what both changed, and differently, is
somebody's decision. A roster of which one of them added or removed instances is one piece: its instances
have no names, so that nobody can tell which of them is which.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from surveyapp.questionnaires import partition, paths
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import (
    ATTACHMENT_TYPES,
    Container,
    Question,
    Questionnaire,
    Roster,
    Section,
    Valued,
)
from surveyapp.submissions.merging import Side
from surveyapp.submissions.placing import Answer, put
from surveyapp.submissions.refusals import NoDifference, Unsettled


@dataclass(frozen=True, slots=True)
class State:
    """Answers as an interview keeps them (`snapshot`), and the digests of the files that they name."""

    answers: Answers = field(repr=False)
    #: node path → SHA-256 in hex, where a file is there
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Joining:
    """What becomes of each piece; a piece is a node path, of a question or of a whole roster."""

    definition: Questionnaire
    held: State
    waiting: State
    #: changed by the newer revision alone, by the correction alone
    theirs: frozenset[str]
    own: frozenset[str]
    #: changed by both, in the order of the questionnaire
    both: tuple[str, ...]

    def answers(self, sides: Mapping[str, Side], rest: Side | None = None) -> Answers:
        """The answers that hold: `sides` says it of those that both changed, `rest` of the others.

        Raises `NoDifference`, `Unsettled`.
        """
        found = deepcopy(self.held.answers)
        for piece in self.own | self.kept(sides, rest):
            put(found, paths.parse_path(piece), _answer(_at(self.waiting.answers, piece)))
        return found

    def kept(self, sides: Mapping[str, Side], rest: Side | None = None) -> frozenset[str]:
        """Those that both changed and of which the correction's answer holds. Raises as `answers`."""
        if strangers := [piece for piece in sides if piece not in self.both]:
            raise NoDifference(strangers)
        chosen = {piece: sides.get(piece, rest) for piece in self.both}
        if open_ones := [piece for piece, side in chosen.items() if side is None]:
            raise Unsettled(open_ones)
        return frozenset(piece for piece, side in chosen.items() if side is Side.WAITING)


def joining_of(definition: Questionnaire, base: State, held: State, waiting: State) -> Joining:
    """Compare what both began with, the newer revision (`held`) and the correction (`waiting`)."""
    sides = (base, held, waiting)
    whole = list(_uneven(definition.root, [side.answers for side in sides], ""))
    was, newer, own = (_pieces(definition, side, whole) for side in sides)
    every = [*whole, *dict.fromkeys((*was, *newer, *own))]
    by_newer = {piece for piece in every if newer.get(piece) != was.get(piece)}
    by_own = {piece for piece in every if own.get(piece) != was.get(piece)}
    same = {piece for piece in every if newer.get(piece) == own.get(piece)}
    return Joining(
        definition,
        held,
        waiting,
        theirs=frozenset(by_newer - by_own),
        own=frozenset(by_own - by_newer),
        both=tuple(p for p in dict.fromkeys(every) if p in (by_newer & by_own) - same),
    )


def _pieces(
    definition: Questionnaire, state: State, whole: Sequence[str]
) -> dict[str, tuple[tuple[str, Any, str | None], ...]]:
    """Piece → the answers in it, with the digests of their files; what is calculated is in none."""
    found: dict[str, list[tuple[str, Any, str | None]]] = {}
    for path, item, value in partition.leaves(definition, state.answers, _is_typed):
        if value is None:
            continue
        piece = next((each for each in whole if path.startswith(f"{each}[")), path)
        digest = state.files.get(path) if item.type in ATTACHMENT_TYPES else None
        found.setdefault(piece, []).append((path, value, digest))
    # instances without an answer are told by how many there are
    counts = {each: [("", len(_at(state.answers, each) or ()), None)] for each in whole}
    return {piece: tuple(counts.get(piece, []) + answers) for piece, answers in (counts | found).items()}


def _is_typed(item: Valued) -> bool:
    return isinstance(item, Question) and not item.calculation


def _uneven(container: Container, states: Sequence[Any], path: str) -> Iterator[str]:
    """The outermost rosters that have not as many instances everywhere."""
    for item in container.items:
        here = paths.join(path, item.name)
        below = [state.get(item.name) if isinstance(state, dict) else None for state in states]
        if isinstance(item, Roster):
            lengths = {len(each or ()) for each in below}
            if len(lengths) > 1:
                yield here
                continue
            for place in range(lengths.pop()):
                yield from _uneven(item, [(each or ())[place] for each in below], f"{here}[{place + 1}]")
        elif isinstance(item, Section):
            yield from _uneven(item, below, here)


def _at(answers: Any, path: str) -> Any:
    """What is at a node; None: nothing."""
    for step in paths.parse_path(path):
        answers = answers.get(step.name) if isinstance(answers, dict) else None
        if step.position is not None:
            answers = answers[step.position - 1] if answers and len(answers) >= step.position else None
    return answers


def _answer(value: Any) -> Answer | None:
    return None if value is None else Answer(deepcopy(value))
