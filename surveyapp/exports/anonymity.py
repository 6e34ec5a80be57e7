"""k-anonymity over the declared breakdowns: how large the groups are that people can be told apart by.

A group is all submissions with the same answers to every declared breakdown. One that is smaller than k
loses these answers. If what lost them were fewer than k together, the next smallest groups lose them
too, so that even “without breakdowns” is a group of at least k, or everything.

Entries of rosters have groups of their own (`entry_groups.py`), by the same rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

#: the answers to the breakdowns in their order; None: not answered
Key: TypeAlias = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Anonymity:
    """The groups of an export: `sizes` has how many submissions there are in each."""

    k: int
    sizes: Mapping[Key, int]
    #: groups that lose their breakdowns
    suppressed: frozenset[Key]
    #: submissions of groups that lose them too, and whose sizes are not told
    others: int = 0

    def is_small(self, key: Key) -> bool:
        """Whether a submission of this group loses its breakdowns; of one never heard of too."""
        return key in self.suppressed or key not in self.sizes

    def without(self, small: Collection[Key]) -> Anonymity:
        """The same without the sizes of some groups that lose their breakdowns.

        The sizes of many parts would tell who is of one group with whom.
        """
        sizes = {key: size for key, size in self.sizes.items() if key not in small}
        others = self.others + sum(self.sizes.values()) - sum(sizes.values())
        return Anonymity(self.k, sizes, self.suppressed & sizes.keys(), others)

    def told(self) -> dict[str, Any]:
        """What the manifest says: sizes only, never which groups these are."""
        kept = [size for key, size in self.sizes.items() if key not in self.suppressed]
        sizes = [self.sizes[key] for key in self.suppressed]
        lost = sum(sizes) + self.others
        return {
            "k": self.k,
            "groups": len(self.sizes),
            "smallest_group_before": min(self.sizes.values(), default=None),
            "smallest_group": min([*kept, *([lost] if lost else [])], default=None),
            "groups_suppressed": len(sizes),
            "submissions_suppressed": lost,
            "sizes": {str(s): number for s, number in sorted(Counter(self.sizes.values()).items())},
        }


def assess(sizes: Mapping[Key, int], k: int, small: Collection[Key] = ()) -> Anonymity:
    """Which groups are too small; those that are `small` elsewhere are, however large they are here."""
    suppressed = set(small) & set(sizes)
    lost = sum(sizes[key] for key in suppressed)
    others = ((key, size) for key, size in sizes.items() if key not in suppressed)
    # ties in the order of the answers, so that two exports of the same data suppress the same
    for key, size in sorted(others, key=lambda each: (each[1], str(each[0]))):
        if size >= k and (lost == 0 or lost >= k):
            break
        suppressed.add(key)
        lost += size
    return Anonymity(k, sizes, frozenset(suppressed))
