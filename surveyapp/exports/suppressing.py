"""Small counts kept back, and so many others that nobody reckons them out of sums and differences.

A count below k and above 0 is suppressed. Wherever sums are shown as well, a single suppressed count
would follow from the rest: then the smallest other count of that line is suppressed too, and so on
until each line has none, or several that are k or more together. Groups of people that are too small
are joined to “others” first, so that a group's own size never has to be hidden.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Group = TypeVar("Group", bound=Hashable)
#: row and column of a count
Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Joined(Generic[Group]):
    """Which groups are shown by themselves, and which together as others."""

    alone: tuple[Group, ...]
    others: tuple[Group, ...]


def joined(sizes: Mapping[Group, int], k: int) -> Joined[Group]:
    """Groups of fewer than k join the others, and the next smallest until these are k and two."""
    order = sorted((group for group in sizes if sizes[group]), key=lambda each: sizes[each])
    others: list[Group] = []
    while order and (
        sizes[order[0]] < k or (others and (len(others) < 2 or sum(sizes[g] for g in others) < k))
    ):
        others.append(order.pop(0))
    if sum(sizes[each] for each in others) < k:
        others = []  # there were too few altogether
    kept = set(order)
    return Joined(tuple(each for each in sizes if each in kept), tuple(others))


def suppressed_line(counts: Sequence[int], k: int) -> list[int | None]:
    """Counts whose sum is shown, the small ones None."""
    rows = suppressed_table([counts], [False], k)
    return rows[0]


def suppressed_table(
    rows: Sequence[Sequence[int]], totals_hidden: Sequence[bool], k: int
) -> list[list[int | None]]:
    """Counts by row and column, the small ones and those that would give them away None.

    The sum of each column is shown, and of each row but those whose total is hidden.
    """
    table = _Table(rows, totals_hidden, k)
    while (cell := table.next_cell()) is not None:
        table.hidden.add(cell)
    return [
        [None if (number, place) in table.hidden else count for place, count in enumerate(row)]
        for number, row in enumerate(rows)
    ]


class _Table:
    """Counts, and which of them are hidden so far."""

    def __init__(self, rows: Sequence[Sequence[int]], totals_hidden: Sequence[bool], k: int) -> None:
        self.rows, self.totals_hidden, self.k = rows, totals_hidden, k
        self.hidden = {
            (r, c) for r, row in enumerate(rows) for c, count in enumerate(row) if 0 < count < k
        }

    def next_cell(self) -> Cell | None:
        """One more count that has to be hidden; None when nothing follows from what is shown."""
        for line, total_hidden in self._lines():
            hidden = [cell for cell in line if cell in self.hidden]
            open_ = [cell for cell in line if cell not in self.hidden and self._count(cell)]
            if self._follows(hidden, total_hidden) and open_:
                return min(open_, key=self._count)
        return None

    def _follows(self, hidden: Sequence[Cell], total_hidden: bool) -> bool:
        """Whether hidden counts of a line, or its hidden total, can be reckoned closely enough."""
        if total_hidden:
            return not hidden
        return bool(hidden) and (len(hidden) < 2 or sum(map(self._count, hidden)) < self.k)

    def _lines(self) -> Iterator[tuple[list[Cell], bool]]:
        width = len(self.rows[0]) if self.rows else 0
        for r, total_hidden in enumerate(self.totals_hidden):
            if width > 1:  # a single column is its own total
                yield [(r, c) for c in range(width)], total_hidden
        for c in range(width):
            yield [(r, c) for r in range(len(self.rows))], False

    def _count(self, cell: Cell) -> int:
        return self.rows[cell[0]][cell[1]]
