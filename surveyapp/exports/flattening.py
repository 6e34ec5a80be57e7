"""Where the entries of rosters stand in a submission's answers, for columns that lie flat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from surveyapp.exports.merging import RosterChain
from surveyapp.exports.records import Step
from surveyapp.exports.rows import Most


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of a roster, with the entries that it lies in; `positions` from 0, outermost first."""

    chain: RosterChain
    positions: tuple[int, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The way to it from a submission's answers."""
        return _way(self.chain, self.positions)

    def said(self, names: Mapping[RosterChain, str]) -> str:
        """`child[1]/toy[2]`, counted from 1."""
        around = [self.chain[: depth + 1] for depth in range(len(self.chain))]
        return "/".join(
            f"{names[chain]}[{position + 1}]"
            for chain, position in zip(around, self.positions, strict=True)
        )


def places(
    chain: RosterChain,
    chains: Sequence[RosterChain],
    sizes: Mapping[RosterChain, int],
    above: tuple[int, ...] = (),
) -> Iterator[Place]:
    """All entries of a roster, each followed by the entries of the rosters in it."""
    inner = [other for other in chains if other[:-1] == chain]
    for position in range(sizes.get(chain, 0)):
        yield Place(chain, (*above, position))
        for below in inner:
            yield from places(below, chains, sizes, (*above, position))


def mosts(chain: RosterChain, sizes: Mapping[RosterChain, int]) -> Iterator[Most]:
    """How many entries a roster may have, wherever it stands."""
    around = [chain[: depth + 1] for depth in range(len(chain) - 1)]
    *_levels, last = levels_of(chain)
    for positions in product(*(range(sizes.get(each, 0)) for each in around)):
        yield Most((*_way(chain[:-1], positions), *last), sizes.get(chain, 0))


def _way(chain: RosterChain, positions: Sequence[int]) -> tuple[Step, ...]:
    way: list[Step] = []
    for steps, position in zip(levels_of(chain), positions, strict=True):
        way += [*steps, position]
    return tuple(way)


def levels_of(rosters: RosterChain) -> tuple[tuple[str, ...], ...]:
    """`("child", "child/toys/toy")` → `(("child",), ("toys", "toy"))`."""
    above = ("", *rosters)
    return tuple(steps_below(path, parent) for parent, path in zip(above, rosters, strict=False))


def steps_below(path: str, ancestor: str) -> tuple[str, ...]:
    """The names that lead from an ancestor (empty: the top) to a path."""
    return tuple(path.removeprefix(f"{ancestor}/").split("/"))
