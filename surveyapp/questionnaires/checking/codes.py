"""Codes that are declared as no answer (`survey:missing`), but that nobody could give.

They are answers like all others where they are typed: ODK Collect knows nothing of the declaration. So
the constraint must take them, and the range, where there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date

from surveyapp.questionnaires.checking.domains import Domains
from surveyapp.questionnaires.checking.location import problem_at
from surveyapp.questionnaires.checking.reading import Items
from surveyapp.questionnaires.checking.truth import Condition, Truths
from surveyapp.questionnaires.definition import DataType, Question, Questionnaire, Tree, Valued
from surveyapp.questionnaires.expressions.context import Scalar
from surveyapp.questionnaires.expressions.conversions import to_number
from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.values import from_text, typed

EPOCH = date(1970, 1, 1)


class _Only(Domains):
    """One question has one answer; of all others they are as always."""

    def __init__(self, questionnaire: Questionnaire, item: Valued, answer: Scalar) -> None:
        super().__init__(questionnaire)
        self._item, self._answer = item, answer

    def of(self, item: Valued, constants: Iterable[Scalar]) -> list[Scalar] | None:
        return [self._answer] if item is self._item else super().of(item, constants)


def code_problems(item: Valued, questionnaire: Questionnaire, items: Items) -> Iterator[Problem]:
    """What is wrong with the codes of an item."""
    for code in item.missing:
        answer = typed(item.type, from_text(item.type, code), UTC)
        if isinstance(answer, date):
            answer = _days(answer)
        out_of_range = isinstance(item, Question) and _is_out_of_range(item, answer)
        if out_of_range or _is_refused(item, answer, questionnaire, items):
            written = f"date('{code}')" if item.type is DataType.DATE else code
            facts = {"code": code, "name": item.name, "written": written}
            yield problem_at(item, "constraint", "code_refused", **facts)


def _is_refused(item: Valued, answer: Scalar, questionnaire: Questionnaire, items: Items) -> bool:
    if item.constraint is None:
        return False
    truths = Truths(items, _Only(questionnaire, item, answer))
    return truths.never([Condition(_in_days(item.constraint.tree), item)], answered=item)


def _in_days(tree: Tree) -> Tree:
    """The same with each written day as its number, which is what comparisons make of it."""
    match tree:
        case ["call", "date", ["string", str() as text]]:
            try:
                return ["number", _days(date.fromisoformat(text))]
            except ValueError:
                return tree
    return [_in_days(part) if isinstance(part, list) else part for part in tree]


def _days(day: date) -> float:
    return float((day - EPOCH).days)


def _is_out_of_range(item: Question, answer: Scalar) -> bool:
    """Beyond the ends of a range question, which has no constraint of its own."""
    low, high = (to_number(item.parameters.get(name, "")) for name in ("start", "end"))
    number = to_number(answer)
    return number < min(low, high) or number > max(low, high)
