"""What JavaRosa evaluates after a change, and what it leaves stale.

JavaRosa follows references only: an expression is evaluated again when a node changes that it refers
to, or that another one refers to which it refers to, and then only in the roster instances of the node
that changed. When an instance comes or goes, its direct children count as changed, those in sections do
not. `Triggers` says so of a questionnaire; only an interview that must do as ODK Collect does asks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from surveyapp.questionnaires.definition import Calculation, Expression, Item, Question
from surveyapp.questionnaires.dependencies import Dependencies


class Triggers:
    """The items whose change sets off each item's relevance and calculation, by item path."""

    def __init__(
        self, items: Mapping[str, Item], within: Mapping[str, frozenset[str]], known: Dependencies
    ) -> None:
        self._items = items
        self._within = within
        self._known = known
        self._found: dict[tuple[str, bool], frozenset[str]] = {}

    def of_relevance(self, path: str) -> frozenset[str]:
        """What sets off an item's own relevance."""
        return self._of(path, calculated=False)

    def of_calculation(self, path: str) -> frozenset[str]:
        """What sets off an item's calculation."""
        return self._of(path, calculated=True)

    def _of(self, path: str, *, calculated: bool) -> frozenset[str]:
        key = (path, calculated)
        if key not in self._found:
            self._found[key] = frozenset()  # a cycle was refused long before
            self._found[key] = frozenset(self._all(path, calculated=calculated))
        return self._found[key]

    def _all(self, path: str, *, calculated: bool) -> Iterator[str]:
        item = self._items[path]
        expression = _calculation(item) if calculated else item.relevant
        if expression is None:
            return
        for read in self._known.read_by(expression, item):
            yield read
            yield from self.of_calculation(read)
            yield from self._of_relevance_around(read)

    def _of_relevance_around(self, path: str) -> Iterator[str]:
        while path:
            yield from self.of_relevance(path)
            path = path.rpartition("/")[0]

    def computed_within(self, path: str) -> frozenset[str]:
        """The items that may come out otherwise when all expressions in a roster are evaluated."""
        found: set[str] = set()
        for inner in self._within[path]:
            if self._items[inner].relevant is not None:
                found |= self._within[inner]
            if _calculation(self._items[inner]) is not None:
                found.add(inner)
        return frozenset(found)


def _calculation(item: Item) -> Expression | None:
    return item.calculation if isinstance(item, Question | Calculation) else None
