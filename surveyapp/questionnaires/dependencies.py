"""Which items depend on which: the order to evaluate them in, and the cycles that forbid one.

The graph is JavaRosa's (`TriggerableDag`): an item depends on every item that its `relevant`,
`calculate`, `required` and `readonly` refer to, and on the container it stands in, because relevance
is inherited. A form with a cycle is refused by ODK Collect too. Counts of rosters are not part of it:
they may look into the roster that they count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

from surveyapp.questionnaires.definition import (
    Calculation,
    Expression,
    Item,
    Question,
    Questionnaire,
    Section,
    Valued,
    walk,
)
from surveyapp.questionnaires.expressions import references


class DependencyCycle(ValueError):
    """Items that depend on each other; `paths` starts and ends with the same item."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        self.paths = paths
        super().__init__(" → ".join(paths))


@lru_cache(maxsize=32)
def dependencies_of(questionnaire: Questionnaire) -> Dependencies:
    """The dependencies of a questionnaire; those used last are kept."""
    return Dependencies(questionnaire.root, questionnaire.root_name)


class Dependencies:
    """The dependencies between the items of one questionnaire, by item path."""

    def __init__(self, root: Section, root_name: str) -> None:
        self._root_name = root_name
        self._items = {item.path: item for item in walk(root)}
        self._before = {path: self._directly_before(item) for path, item in self._items.items()}
        self._order: tuple[str, ...] = ()

    def directly_before(self, path: str) -> tuple[str, ...]:
        """What an item depends on directly, by path."""
        return self._before[path]

    def _directly_before(self, item: Item) -> tuple[str, ...]:
        """What an item depends on directly; sorted, so that the order is always the same."""
        read = {path for expression in _judging(item) for path in self.read_by(expression, item)}
        container = item.path.rpartition("/")[0]
        return tuple(sorted(read | {container} if container else read))

    def read_by(self, expression: Expression, item: Item) -> frozenset[str]:
        """The items that one of an item's expressions refers to."""
        start = f"/{self._root_name}/"
        return frozenset(
            path
            for reference in references(expression.tree, start + item.path)
            for path in _meant(reference.removeprefix(start), self._items)
            if path in self._items
        )

    def order(self) -> tuple[str, ...]:
        """All item paths, each after those it depends on. Raises `DependencyCycle`."""
        if not self._order:
            self._order = self._sorted()
        return self._order

    def _sorted(self) -> tuple[str, ...]:
        try:
            return tuple(TopologicalSorter(self._before).static_order())
        except CycleError as error:
            cycle: list[str] = error.args[1]
            raise DependencyCycle(tuple(reversed(cycle))) from error

    def all_before(self, path: str) -> frozenset[str]:
        """Every item that an item depends on, directly or not."""
        found: set[str] = set()
        waiting = list(self._before[path])
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting.extend(self._before[each])
        return frozenset(found)


def _meant(path: str, items: Mapping[str, Item]) -> Iterable[str]:
    """The item paths that a path with `*` for some of its names means; one without means itself."""
    if "*" not in path:
        return (path,)
    names = ("[^/]+" if name == "*" else re.escape(name) for name in path.split("/"))
    return filter(re.compile("/".join(names)).fullmatch, items)


def _judging(item: Item) -> Iterator[Expression]:
    found: list[Expression | None] = [item.relevant]
    if isinstance(item, Valued):
        found += [item.required, item.read_only]
    if isinstance(item, Question | Calculation):
        found.append(item.calculation)
    return (expression for expression in found if expression is not None)
