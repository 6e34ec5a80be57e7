"""Groups of entries of rosters: children are told apart too (docs/decisions/0044).

A group is all entries of a roster with the same answers to its breakdowns that stand in the same: in
submissions that are told with the same breakdowns, in entries around them that are told with the same.
One that is smaller than k loses its own breakdowns, by the rule of `anonymity.assess` among those that
stand in the same. So whoever lost them is one of k there, or nobody there has any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from surveyapp.exports.anonymity import Anonymity, Key, assess
from surveyapp.exports.layouts import Layout, Lineage, Place, in_fives
from surveyapp.exports.merging import RosterChain

#: how many entries there are in each place
EntrySizes: TypeAlias = Mapping[Place, int]
#: what an entry stands in, as it is told; None: that lost its breakdowns
_Above: TypeAlias = tuple[Key | None, ...]
#: marks groups of entries that are small in the whole questionnaire
_ELSEWHERE: Final = "\0small"
#: lineages whose verdict is remembered; a hundred thousand are some 30 MB
_REMEMBERED: Final = 50_000


@dataclass(frozen=True, slots=True)
class _Told:
    """An entry as it is told if it loses nothing, and which levels around it lost their breakdowns."""

    above: _Above
    own: Key
    lost: frozenset[int]


class EntryGroups:
    """The groups of the entries of an export."""

    def __init__(
        self,
        layouts: Sequence[Layout],
        sizes: EntrySizes,
        submissions: Anonymity,
        whole: EntryGroups | None = None,
        *,
        is_part: bool = False,
    ) -> None:
        """`layouts`: of every version. `submissions`: their groups, in the same export.

        What is small in the `whole` is small here; of a part its sizes are not told, which would tell
        who is of one group with whom.
        """
        self._submissions, self._whole, self._is_part = submissions, whole, is_part
        self._names = _names(layouts)
        self._strata: dict[RosterChain, dict[_Above, Anonymity]] = {}
        self._verdicts: dict[tuple[int, Lineage], bool] = {}
        #: there are few different ones, in many groups
        self._kept_once: dict[Key, Key] = {}
        chains = {each.chain for each in layouts if each.own}
        for chain in sorted(chains, key=lambda each: (len(each), each)):  # inner ones look up outer ones
            here = {each: number for each, number in sizes.items() if each[0].chain == chain}
            self._strata[chain] = self._assess(here)

    def is_small(self, layout: Layout, lineage: Lineage) -> bool:
        """Whether an entry loses its own breakdowns; of a group never heard of too."""
        key = (id(layout), lineage)
        found = self._verdicts.get(key)
        if found is None:
            found = self._is_small(layout, lineage)
            if len(self._verdicts) < _REMEMBERED:
                self._verdicts[key] = found
        return found

    def told(self) -> list[dict[str, Any]]:
        """What the manifest says of each roster: sizes only, never which groups these are."""
        return [
            {"roster": chain[-1], "breakdowns": list(self._names[chain]), **_told(strata)}
            for chain, strata in self._strata.items()
        ]

    def _assess(self, sizes: EntrySizes) -> dict[_Above, Anonymity]:
        strata: dict[_Above, Counter[Key]] = {}
        for (layout, lineage), number in sizes.items():
            told = self._as_told(layout, lineage)
            if told is not None:
                small = self._whole is not None and self._whole.is_small(layout, lineage)
                key = (*told.own, _ELSEWHERE) if small else told.own
                strata.setdefault(told.above, Counter())[key] += number
        return {above: self._assessed(found) for above, found in strata.items()}

    def _assessed(self, sizes: Mapping[Key, int]) -> Anonymity:
        small = [key for key in sizes if key[-1:] == (_ELSEWHERE,)]
        groups = assess(sizes, self._submissions.k, small)
        return groups.without(small) if self._is_part else groups

    def _is_small(self, layout: Layout, lineage: Lineage) -> bool:
        if self._whole is not None and self._whole.is_small(layout, lineage):
            return True
        told = self._as_told(layout, lineage)
        if told is None:
            return True
        groups = self._strata.get(layout.chain, {}).get(told.above)
        return groups is None or groups.is_small(told.own)

    def _as_told(self, layout: Layout, lineage: Lineage) -> _Told | None:
        """None: the whole roster goes with what it stands in."""
        if layout.around is None:
            outer = self._submissions.is_small(lineage[0])
            above: _Above = (None if outer else lineage[0],)
            lost: frozenset[int] = frozenset({0} if outer else ())
        else:
            around = self._as_told(layout.around, lineage[:-1])
            if around is None:
                return None
            is_lost = bool(layout.around.own) and self.is_small(layout.around, lineage[:-1])
            above = (*around.above, None if is_lost else around.own)
            lost = around.lost | ({layout.around.depth} if is_lost else set())
        if not layout.goes_with.isdisjoint(lost):
            return None
        return _Told(above, self._own(layout, lineage[-1], lost), lost)

    def _own(self, layout: Layout, answers: Key, lost: frozenset[int]) -> Key:
        """The own breakdowns by name: several questions may feed one, and each version has its own."""
        found: dict[str, str] = {}
        for each, answer in zip(layout.own, answers, strict=True):
            if answer is not None and each.goes_with.isdisjoint(lost):
                told = answer if each.years is None else str(in_fives(answer, each.years))
                before = found.get(each.name)
                found[each.name] = told if before is None else f"{before}\0{told}"
        own = tuple(found.get(name) for name in self._names.get(layout.chain, ()))
        return self._kept_once.setdefault(own, own)


def _names(layouts: Iterable[Layout]) -> dict[RosterChain, tuple[str, ...]]:
    """The names of each roster's own breakdowns, in every version."""
    found: dict[RosterChain, set[str]] = {}
    for layout in layouts:
        for each in layout.levels:
            found.setdefault(each.chain, set()).update(own.name for own in each.own)
    return {chain: tuple(sorted(names)) for chain, names in found.items()}


def _told(strata: Mapping[_Above, Anonymity]) -> dict[str, Any]:
    """As `Anonymity.told`, of all strata."""
    sizes = [size for groups in strata.values() for size in groups.sizes.values()]
    suppressed = [groups.sizes[key] for groups in strata.values() for key in groups.suppressed]
    return {
        "groups": len(sizes),
        "smallest_group_before": min(sizes, default=None),
        "smallest_group": min(_left(strata.values()), default=None),
        "groups_suppressed": len(suppressed),
        "entries_suppressed": sum(suppressed) + sum(groups.others for groups in strata.values()),
        "sizes": {str(size): number for size, number in sorted(Counter(sizes).items())},
    }


def _left(strata: Iterable[Anonymity]) -> Sequence[int]:
    """The sizes of what can still be told apart: of groups, and of those without one beside them.

    Where none of those who stand in the same has any, they are told by nothing of their own.
    """
    found: list[int] = []
    for groups in strata:
        kept = [size for key, size in groups.sizes.items() if key not in groups.suppressed]
        lost = sum(groups.sizes.values()) + groups.others - sum(kept)
        if kept:
            found += [*kept, *([lost] if lost else [])]
    return found


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of an export: of its submissions, and of the entries in their rosters."""

    submissions: Anonymity
    entries: EntryGroups

    def is_small(self, key: Key) -> bool:
        """Whether a submission of this group loses its breakdowns."""
        return self.submissions.is_small(key)

    def told(self) -> dict[str, Any]:
        """What the manifest says: sizes only, never which groups these are."""
        rosters = self.entries.told()
        return self.submissions.told() | ({"rosters": rosters} if rosters else {})
