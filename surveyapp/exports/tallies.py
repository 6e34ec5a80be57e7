"""How many submissions, or entries of rosters, there are of each group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

_Key = TypeVar("_Key")


class Group(NamedTuple):
    """How many there are alike, and how many of them are made up by the program.

    `submissions`: or entries of a roster, where these are counted.
    """

    submissions: int
    synthetic: int


class Tally(Generic[_Key]):
    """Counts groups."""

    def __init__(self) -> None:
        self._everything, self._synthetic = Counter[_Key](), Counter[_Key]()

    def add(self, keys: Iterable[_Key], *, synthetic: bool) -> None:
        """Count one more of each key."""
        for key in keys:
            self.add_group(key, Group(1, int(synthetic)))

    def add_group(self, key: _Key, group: Group) -> None:
        """Count as many more as a group has."""
        self._everything[key] += group.submissions
        self._synthetic[key] += group.synthetic

    def groups(self) -> dict[_Key, Group]:
        """What there is some of."""
        return {key: Group(n, self._synthetic[key]) for key, n in self._everything.items() if n > 0}


def added(parts: Iterable[tuple[_Key, Group]]) -> dict[_Key, Group]:
    """The groups that parts of them make together."""
    tally = Tally[_Key]()
    for key, group in parts:
        tally.add_group(key, group)
    return tally.groups()
