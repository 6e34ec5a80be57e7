"""What is compiled of a definition once and shared by all its interviews."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from surveyapp.questionnaires.definition import (
    Calculation,
    Expression,
    Item,
    Question,
    Questionnaire,
    Roster,
    walk,
)
from surveyapp.questionnaires.dependencies import Dependencies
from surveyapp.questionnaires.expressions import Value, compile_expression
from surveyapp.questionnaires.expressions.context import Context
from surveyapp.questionnaires.interview.lists import ListNodes

Evaluator: TypeAlias = Callable[[Context], Value]

_KEPT_PLANS = 32


@dataclass(frozen=True, slots=True)
class Rule:
    """What is evaluated at each node of one item whenever an answer changes.

    A volatile calculation keeps its value until one of the items in `redrawn_by` changes, as in
    JavaRosa, which evaluates what a change may touch and nothing else.
    """

    item: Item
    container: str
    relevant: Evaluator | None
    calculation: Evaluator | None
    volatile: bool = False
    redrawn_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Count:
    """A roster whose instances follow an expression."""

    roster: Roster
    container: str
    evaluator: Evaluator


class Plan:
    """The rules of a questionnaire in an order in which each sees what it depends on."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.items = {item.path: item for item in questionnaire.walk()}
        self._evaluators: dict[Expression, Evaluator] = {}
        self._lists: dict[str, ListNodes] = {}
        dependencies = Dependencies(questionnaire.root, questionnaire.root_name)
        rules = (self._rule(self.items[path], dependencies) for path in dependencies.order())
        self.rules = [rule for rule in rules if rule.relevant or rule.calculation]
        self.counts = list(self._counts())

    def evaluator(self, expression: Expression) -> Evaluator:
        """The compiled expression; each source is compiled once."""
        evaluator = self._evaluators.get(expression)
        if evaluator is None:
            evaluator = self._evaluators[expression] = compile_expression(expression.tree)
        return evaluator

    def list_nodes(self, name: str) -> ListNodes | None:
        """A choice list of the questionnaire, or None."""
        if name not in self._lists:
            choices = self.questionnaire.choice_lists.get(name)
            if choices is None:
                return None
            self._lists[name] = ListNodes(choices, self.questionnaire.default_language)
        return self._lists[name]

    def _rule(self, item: Item, dependencies: Dependencies) -> Rule:
        relevant = item.relevant and self.evaluator(item.relevant)
        container = _container(item.path)
        if not isinstance(item, Question | Calculation) or item.calculation is None:
            return Rule(item, container, relevant, None)
        redrawn_by = dependencies.all_before(item.path) if item.volatile else frozenset[str]()
        calculation = self.evaluator(item.calculation)
        return Rule(item, container, relevant, calculation, item.volatile, redrawn_by)

    def _counts(self) -> Iterator[Count]:
        for item in walk(self.questionnaire.root):
            if isinstance(item, Roster) and item.count is not None:
                yield Count(item, _container(item.path), self.evaluator(item.count))


def _container(path: str) -> str:
    return path.rpartition("/")[0]


@lru_cache(maxsize=_KEPT_PLANS)
def plan_of(questionnaire: Questionnaire) -> Plan:
    """The plan of a questionnaire; those used last are kept."""
    return Plan(questionnaire)
