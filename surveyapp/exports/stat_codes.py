"""Numbers for the codes of choices: SPSS and Stata label numbers, and Stata nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, TypeAlias

from surveyapp.exports.cells import Cell
from surveyapp.exports.merging import MergedItem
from surveyapp.exports.missing import MARKS, Mark, marks_of, worded_reason
from surveyapp.exports.wording import choice_label
from surveyapp.questionnaires.definition import MOST_CODES

#: a number, or the letter of one of Stata's missing values (`.r`)
Value: TypeAlias = float | str

REFUSED, DONT_KNOW, EMPTY, NOT_ASKED = (
    mark.value for mark in (Mark.REFUSED, Mark.DONT_KNOW, Mark.EMPTY, Mark.NOT_ASKED)
)
_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,8}")

#: no answer → what stands for it: SPSS has numbers that are declared missing, at most three a variable
#: (refused, don't know, left empty), and nothing at all for what was not asked
SPSS_MISSING: Mapping[str, Value | None] = {
    **{REFUSED: -99.0, DONT_KNOW: -88.0, EMPTY: -77.0},
    NOT_ASKED: None,
}
#: Stata has missing values of their own
STATA_MISSING: Mapping[str, Value | None] = {mark: mark[1] for mark in (REFUSED, DONT_KNOW, EMPTY)} | {
    NOT_ASKED: "n"
}


class Codes:
    """The numbers of one question's choices, and what they are called.

    A code that is a number keeps it. Others are numbered in the order in which versions first offered
    them, so that a new version changes no number. What says that there is no answer (`ref`, `dk`) has
    the value that `missing` gives it. A code that no list has gets the next number, labelled by itself.
    """

    def __init__(self, item: MergedItem, language: str, missing: Mapping[str, Value | None]) -> None:
        #: code → value
        self.values: dict[str, Value | None] = {mark: missing.get(mark) for mark in missing}
        self.labels: dict[Value, str] = {}
        #: values that are no answer
        self.missing: list[Value] = []
        self._used: set[Value | None] = set(missing.values())
        self._free = count(1)
        self._marks = tuple(missing)
        self._no_answer = marks_of(item.choices)
        labels = {c.name: choice_label(c, language, item.default_language) for c in item.choices}
        for code in item.codes:
            self._give(code, labels.get(code, code), missing)

    def value(self, code: str) -> Value | None:
        """The value of a code."""
        if code not in self.values:
            self._give(code, code, {})
        return self.values[code]

    def named(self) -> Iterator[tuple[str, Value]]:
        """Every code with its value."""
        for code, value in self.values.items():
            if code not in self._marks and value is not None:
                yield code, value

    def _give(self, code: str, label: str, missing: Mapping[str, Value | None]) -> None:
        mark = self._no_answer.get(code)
        value = missing.get(mark) if mark else None
        if value is not None:
            if value not in self.missing:
                self.missing.append(value)
        else:
            own = float(code) if _NUMBER.fullmatch(code) else None
            value = own if own is not None and own not in self._used else self._next()
            self._used.add(value)
        self.values[code] = value
        self.labels.setdefault(value, label)

    def _next(self) -> float:
        return next(float(number) for number in self._free if float(number) not in self._used)


class NoAnswers:
    """Numbers and days that an author declared to be no answer, and what they are called.

    In Stata they become its missing values; in SPSS they stay what they are, and are declared. It takes
    three; of more, which several versions may have, the others become the first of their reason.
    """

    def __init__(
        self,
        item: MergedItem,
        language: str,
        missing: Mapping[str, Value | None],
        cells: Mapping[str, Cell],
        value: Callable[[Any], Value | None],
    ) -> None:
        """`cells`: each code as the cell that its answer becomes; `value`: what a cell becomes."""
        #: cell → value
        self.values: dict[Cell, Value | None] = {}
        self.labels: dict[Value, str] = {}
        self.missing: list[Value] = []
        self._named: list[tuple[str, Value]] = []
        first: dict[str, Value] = {}
        for code, reason in _in_turn(item.missing):
            letter = missing.get(MARKS[reason].value)
            own = letter if isinstance(letter, str) else value(cells[code])
            if own is None:
                continue
            if own not in self.missing and len(self.missing) == MOST_CODES:
                own = first[reason]
            first.setdefault(reason, own)
            self._named.append((code, own))
            self.values[cells[code]] = own
            self.labels.setdefault(own, worded_reason(reason, language))
            if own not in self.missing:
                self.missing.append(own)

    def named(self) -> Iterator[tuple[str, Value]]:
        """Every code with its value."""
        yield from self._named


def _in_turn(codes: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The first code of each reason before all others, so that each reason has one."""
    first = {reason: code for code, reason in reversed(codes)}
    return sorted(codes, key=lambda each: first[each[1]] != each[0])
