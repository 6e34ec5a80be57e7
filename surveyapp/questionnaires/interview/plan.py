"""What is compiled of a definition once and shared by all its interviews."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from surveyapp.questionnaires.definition import (
    Calculation,
    ChoiceSource,
    Expression,
    Item,
    Question,
    Questionnaire,
    Roster,
    Valued,
    walk,
)
from surveyapp.questionnaires.dependencies import Dependencies, dependencies_of
from surveyapp.questionnaires.expressions import Compiled, compiled
from surveyapp.questionnaires.interview.lists import (
    NO_ROWS,
    ListNodes,
    Record,
    holder_of,
    table_of,
)
from surveyapp.questionnaires.interview.tables import RootNode
from surveyapp.questionnaires.interview.triggers import Triggers
from surveyapp.questionnaires.paths import is_below

_KEPT_PLANS = 32


@dataclass(frozen=True, slots=True)
class Rule:
    """What is evaluated at each node of one item when one of the items in `reads` changes.

    These are the item itself and all that it depends on, directly or not. A volatile calculation
    keeps its value until one of the items in `redrawn_by` changes: all that its expression depends
    on, but for the rosters that it stands in (`rosters`), unless it refers to them.
    """

    item: Item
    container: str
    reads: frozenset[str]
    relevant: Compiled | None
    calculation: Compiled | None
    volatile: bool = False
    redrawn_by: frozenset[str] = frozenset()
    rosters: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Count:
    """A roster whose instances follow an expression; `path` is the item's if it is a plain path."""

    roster: Roster
    container: str
    evaluate: Compiled
    path: str | None


class Plan:
    """The rules of a questionnaire in an order in which each sees what it depends on."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.items = {item.path: item for item in questionnaire.walk()}
        self._lists: dict[str, ListNodes] = {}
        self._holders: dict[str, Record] = {}
        dependencies = self._dependencies = dependencies_of(questionnaire)
        rules = (self._rule(self.items[path], dependencies) for path in dependencies.order())
        self.rules = [rule for rule in rules if rule.relevant or rule.calculation]
        self.counts = list(self._counts())
        self.within = _within(self.items)

    @cached_property
    def discloses(self) -> bool:
        """Whether any value may open a safeguarding case."""
        return any(isinstance(item, Valued) and item.disclosure for item in self.items.values())

    @cached_property
    def compared(self) -> frozenset[str]:
        """Paths of the calculations that come out the same whenever they are computed."""
        return frozenset(path for path, item in self.items.items() if _is_compared(item))

    @cached_property
    def triggers(self) -> Triggers:
        """What JavaRosa evaluates after which change."""
        return Triggers(self.items, self.within, self._dependencies)

    def instance(self, name: str) -> Record | None:
        """The node above a secondary instance's root; nothing is below it if its file is missing.

        None if there is no such instance.
        """
        if name not in self._holders:
            content = self.questionnaire.instances.get(name)
            if content is None and name not in self.questionnaire.external_lists:
                return None
            self._holders[name] = holder_of(content or NO_ROWS)
        return self._holders[name]

    def root_of(self, name: str) -> RootNode | None:
        """The root of a file's rows; None if the file is missing or holds no rows."""
        holder = self.instance(name)
        root = next(iter(holder.children("*")), None) if holder else None
        return root if isinstance(root, RootNode) else None

    def list_nodes(self, source: ChoiceSource) -> ListNodes:
        """The choices of a list of the questionnaire."""
        if source.list_name not in self._lists:
            self._lists[source.list_name] = self._list_nodes(source)
        return self._lists[source.list_name]

    def _list_nodes(self, source: ChoiceSource) -> ListNodes:
        choices = self.questionnaire.choice_lists.get(source.list_name, ())
        holder = self.instance(source.instance) or holder_of(table_of(choices))
        root = holder.children("*")[0]
        return ListNodes(root, source, choices, self.questionnaire.default_language)

    def _rule(self, item: Item, dependencies: Dependencies) -> Rule:
        relevant = compiled(item.relevant) if item.relevant else None
        container = _container(item.path)
        reads = dependencies.all_before(item.path) | {item.path}
        if not isinstance(item, Question | Calculation) or item.calculation is None:
            return Rule(item, container, reads, relevant, None)
        calculation = compiled(item.calculation)
        if not item.volatile:
            return Rule(item, container, reads, relevant, calculation)
        rosters = self._rosters_around(item)
        read = dependencies.read_by(item.calculation, item)
        redrawn_by = read.union(*map(dependencies.all_before, read)) - (rosters - read)
        return Rule(item, container, reads, relevant, calculation, True, redrawn_by, rosters)

    def _rosters_around(self, item: Item) -> frozenset[str]:
        """Paths of the rosters that an item stands in."""
        return frozenset(
            path
            for path, other in self.items.items()
            if isinstance(other, Roster) and path != item.path and is_below(item.path, path)
        )

    def _counts(self) -> Iterator[Count]:
        for item in walk(self.questionnaire.root):
            if isinstance(item, Roster) and item.count is not None:
                path = self._plain_path(item.count)
                yield Count(item, _container(item.path), compiled(item.count), path)

    def _plain_path(self, expression: Expression) -> str | None:
        match expression.tree:
            case ["absolute", *steps] if all(len(step) == 1 for step in steps):
                path = "/".join(step[0] for step in steps[1:])
                return path if path in self.items else None
        return None


def _is_compared(item: Item) -> bool:
    return (
        isinstance(item, Calculation | Question) and item.calculation is not None and not item.volatile
    )


def _within(items: Mapping[str, Item]) -> Mapping[str, frozenset[str]]:
    """For each item its own path and those of all that it contains."""
    within: dict[str, set[str]] = {path: {path} for path in items}
    for path in items:
        around = path
        while around := _container(around):
            within[around].add(path)
    return {path: frozenset(paths) for path, paths in within.items()}


def _container(path: str) -> str:
    return path.rpartition("/")[0]


@lru_cache(maxsize=_KEPT_PLANS)
def plan_of(questionnaire: Questionnaire) -> Plan:
    """The plan of a questionnaire; those used last are kept."""
    return Plan(questionnaire)
