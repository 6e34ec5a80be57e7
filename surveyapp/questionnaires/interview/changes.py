"""What has changed in an interview, and so what must be evaluated anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from surveyapp.questionnaires.definition import Roster
from surveyapp.questionnaires.interview.nodes import Branch, Leaf, Node
from surveyapp.questionnaires.interview.plan import Rule
from surveyapp.questionnaires.paths import is_below


@dataclass(frozen=True, slots=True)
class Change:
    """Items whose values changed, by path; without any item, everything may have changed.

    Values changed in the roster instances `instances` (by identity) of `rosters`, where these
    contain the items. If instances of rosters came or went, `resized` has their paths.
    """

    items: frozenset[str] = frozenset()
    rosters: frozenset[str] = frozenset()
    instances: frozenset[int] = frozenset()
    resized: frozenset[str] = frozenset()

    @classmethod
    def of(cls, leaves: Sequence[Leaf]) -> Change:
        """The values of these leaves, all of one item, changed."""
        around = [instance for leaf in leaves for instance in _instances_around(leaf)]
        return cls(
            frozenset(leaf.item.path for leaf in leaves),
            frozenset(instance.item.path for instance in around),
            frozenset(id(instance) for instance in around),
        )

    def concerns(self, rule: Rule) -> bool:
        """Whether a rule may come out differently."""
        return not self.items or not rule.reads.isdisjoint(self.items)

    def redraws(self, rule: Rule, node: Node) -> bool:
        """Whether a volatile calculation, which otherwise keeps its value, is evaluated anew.

        JavaRosa does so where something changed that the expression itself refers to, in the same
        roster instances. (What has no value yet is evaluated in any case.)
        """
        touched = rule.redrawn_by & self.items
        if not touched:
            return False
        if self.resized:
            own = rule.rosters & self.resized
            return any(path in self.resized or not _is_in(path, own) for path in touched)
        return all(
            instance.item.path not in self.rosters or id(instance) in self.instances
            for instance in _instances_around(node)
        )


#: nothing has been evaluated yet
EVERYTHING = Change()


def _is_in(path: str, rosters: frozenset[str]) -> bool:
    return any(is_below(path, roster) for roster in rosters)


def _instances_around(node: Node) -> Iterator[Branch]:
    """The roster instances that a node stands in."""
    branch = node.parent
    while branch is not None:
        if isinstance(branch.item, Roster):
            yield branch
        branch = branch.parent
