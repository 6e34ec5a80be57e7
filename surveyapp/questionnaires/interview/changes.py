"""What has changed in an interview, and so what must be evaluated anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from surveyapp.questionnaires.definition import Roster
from surveyapp.questionnaires.interview.nodes import Branch, Leaf, Node
from surveyapp.questionnaires.interview.plan import Rule
from surveyapp.questionnaires.paths import is_below


@dataclass(frozen=True, slots=True)
class Change:
    """Items whose values changed, by path; without any item, everything may have changed.

    Values changed in the roster instances `instances` (by identity) of `rosters`, where these
    contain the items. If instances of rosters came or went, `resized` has their paths; `begun` is the
    path of a roster of which all is evaluated, because an instance is new. What one of the changes
    `after` which it comes has set off is not evaluated again.
    """

    items: frozenset[str] = frozenset()
    rosters: frozenset[str] = frozenset()
    instances: frozenset[int] = frozenset()
    resized: frozenset[str] = frozenset()
    begun: str | None = None
    after: tuple[Change, ...] = ()

    @classmethod
    def of(cls, leaves: Sequence[Leaf]) -> Change:
        """The values of these leaves, all of one item, changed."""
        around = [instance for leaf in leaves for instance in _instances_around(leaf)]
        return cls(
            frozenset(leaf.item.path for leaf in leaves),
            frozenset(instance.item.path for instance in around),
            frozenset(id(instance) for instance in around),
        )

    @classmethod
    def around(cls, branch: Branch, items: frozenset[str], **more: Any) -> Change:
        """Items changed in a roster's instance, or in what stands around one."""
        near = list(_instances_from(branch))
        rosters = frozenset(instance.item.path for instance in near)
        return cls(items, rosters, frozenset(map(id, near)), **more)

    def is_near(self, branch: Branch) -> bool:
        """Whether a branch stands in the roster instances of what changed, where both are in one."""
        return all(
            instance.item.path not in self.rosters or id(instance) in self.instances
            for instance in _instances_from(branch)
        )

    def sets_off(self, triggers: frozenset[str], item: str) -> bool:
        """Whether JavaRosa evaluates an expression that these items trigger, at an item's path."""
        if any(change.sets_off(triggers, item) for change in self.after):
            return False
        if self.begun and is_below(item, self.begun):
            return True
        return self is EVERYTHING or not triggers.isdisjoint(self.items)

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
    return _instances_from(node.parent)


def _instances_from(branch: Branch | None) -> Iterator[Branch]:
    """The roster instances that a branch stands in, itself included."""
    while branch is not None:
        if isinstance(branch.item, Roster):
            yield branch
        branch = branch.parent
