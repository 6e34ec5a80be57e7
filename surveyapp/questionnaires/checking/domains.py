"""Which answers are enough to try, to know all that a condition can become.

A condition compares an answer with constants. Between two neighbouring constants it cannot tell answers
apart, so that one of each stretch stands for all: that is exact, not a sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from itertools import combinations, pairwise

from surveyapp.questionnaires.definition import DataType, Question, Questionnaire, Roster, Valued
from surveyapp.questionnaires.expressions.context import Scalar
from surveyapp.questionnaires.expressions.conversions import number_text, to_number

#: so many mentioned choices of a multiple choice are tried in all their combinations
_MOST_MENTIONED = 8
#: more constants than this are not gone through
_MOST_CONSTANTS = 60


class Domains:
    """The answers to try for each item of one questionnaire."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._lists = questionnaire.choice_lists
        self._external = questionnaire.external_lists
        self._assigned = {
            assignment.target
            for item in questionnaire.walk()
            if isinstance(item, Question | Roster)
            for assignment in item.assignments
        }

    def of(self, item: Valued, constants: Iterable[Scalar]) -> list[Scalar] | None:
        """Answers that stand for all there are, the empty one first; None: that cannot be said."""
        known = list(constants)
        if len(known) > _MOST_CONSTANTS:
            return None
        tried = _TRIED.get(item.type)
        if item.type in {DataType.SELECT_ONE, DataType.SELECT_MULTIPLE}:
            names = self.choice_names(item)
            if names is None:
                return ["", *_texts(known)] if item.type is DataType.SELECT_ONE else None
            return ["", *names] if item.type is DataType.SELECT_ONE else _sets(names, known)
        return None if tried is None else ["", *tried(known)]

    def choice_names(self, item: Valued) -> tuple[str, ...] | None:
        """The names of a question's choices if nothing else can be its answer."""
        if not isinstance(item, Question) or item.choices is None or item.calculation:
            return None
        source = item.choices
        elsewhere = source.roster or source.nodes or source.search or source.instance in self._external
        given = item.default or item.text_default or item.path in self._assigned
        if elsewhere or given:
            return None
        names = dict.fromkeys(choice.name for choice in self._lists.get(source.list_name, ()))
        return tuple(names) or None


def _numbers(constants: list[Scalar]) -> list[float]:
    """The numbers among constants, also those written as texts, and 0, which is false."""
    found = {0.0}
    for constant in constants:
        number = to_number(constant)
        if math.isfinite(number):
            found.add(number)
    return sorted(found)


def _decimals(constants: list[Scalar]) -> list[Scalar]:
    numbers = _numbers(constants)
    between = [(low + high) / 2 for low, high in pairwise(numbers)]
    return [*numbers, *between, numbers[0] - 1, numbers[-1] + 1]


def _integers(constants: list[Scalar]) -> list[Scalar]:
    near = (whole for n in _numbers(constants) for whole in (math.floor(n), math.ceil(n)))
    return [float(whole) for each in near for whole in (each - 1, each, each + 1)]


def _texts(constants: list[Scalar]) -> list[Scalar]:
    texts = [constant for constant in constants if isinstance(constant, str) and constant]
    numbers = [number_text(float(n), 1e-12) for n in _decimals(constants) if isinstance(n, float)]
    fresh = "x" * (1 + max(map(len, texts), default=0))
    return [*texts, *numbers, fresh]


def _sets(names: tuple[str, ...], constants: list[Scalar]) -> list[Scalar] | None:
    """Choices chosen together: all combinations of those mentioned, with and without another one."""
    mentioned = [name for name in names if name in constants]
    if len(mentioned) > _MOST_MENTIONED:
        return None
    others = [name for name in names if name not in constants][:1]
    tried = [*mentioned, *others]
    return [" ".join(chosen) for size in range(len(tried) + 1) for chosen in combinations(tried, size)]


_TRIED: Mapping[DataType, Callable[[list[Scalar]], list[Scalar]]] = {
    DataType.INTEGER: _integers,
    DataType.DECIMAL: _decimals,
    DataType.TEXT: _texts,
}
