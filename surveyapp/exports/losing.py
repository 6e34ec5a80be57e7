"""The rosters of a version whose entries have breakdowns, and what entries of small groups lose."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from surveyapp.exports.anonymity import Key
from surveyapp.exports.consequences import Lost, told_by_entry
from surveyapp.exports.entry_groups import EntryGroups
from surveyapp.exports.layouts import Layout, Lineage, Place, entries_at, layout_of
from surveyapp.exports.merging import RosterChain
from surveyapp.exports.ways import Change, Ways, along, nothing, ways_of
from surveyapp.questionnaires.definition import (
    Container,
    DataType,
    Questionnaire,
    Roster,
    Section,
    Valued,
    walk,
)

#: the breakdown of ages
AGE = "age"
#: names of breakdowns with the paths of the questions that feed them
Breakdowns: TypeAlias = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Losing:
    """What an entry loses that loses its own breakdowns."""

    #: in the entry, its places too
    within: Ways
    #: in the whole submission
    outside: Ways
    paths: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Branch:
    """A roster with breakdowns in its entries, or in those of rosters below it."""

    layout: Layout
    #: None: its entries have no breakdowns of their own
    losing: _Losing | None
    below: tuple[_Branch, ...]


class RosterBreakdowns:
    """The breakdowns of the entries of one version's rosters."""

    def __init__(
        self,
        definition: Questionnaire,
        breakdowns: Breakdowns,
        own: Mapping[str, Breakdowns],
        lost: frozenset[str],
        layouts: dict[Layout, Layout],
    ) -> None:
        """`own`: those of each roster's entries; `breakdowns`: of submissions, which `lost` goes with.

        `layouts` gets those that are new: rosters that are alike in two versions have one.
        """
        self._definition, self._own, self._layouts = definition, own, layouts
        #: ages of entries, which are told in fives, with the codes that are none
        self.years = _years(definition, own)
        every = (*breakdowns, *(each for some in own.values() for each in some))
        self._declared = frozenset(path for _name, path in every)
        self._branches = self._below(definition.root, None, [lost]) if own else ()
        self.layouts = tuple(_layouts(self._branches))
        self._losing = {each.losing.paths: each.losing for each in _every(self._branches) if each.losing}
        #: every path that an entry may take along
        self.lost = frozenset(path for paths in self._losing for path in paths)

    def places(self, answers: Any, submission: Key) -> Iterator[Place]:
        """The place of every entry with breakdowns, in a submission of this group."""
        return _places(self._branches, answers, (submission,))

    def lose(self, answers: Any, submission: Key, groups: EntryGroups) -> Collection[str]:
        """Take from entries of small groups what they lose; returns the paths of all that was lost.

        The answers are changed where they are, and must be as answered.
        """
        losing = set[frozenset[str]]()
        _lose(self._branches, answers, (submission,), groups, losing)
        for paths in losing:
            along(self._losing[paths].outside, answers)
        return frozenset().union(*losing) if losing else ()

    def _below(
        self, container: Container, around: Layout | None, losses: Sequence[frozenset[str]]
    ) -> tuple[_Branch, ...]:
        """`losses`: what goes with the submission, with the outermost entry around, and so on."""
        found = (self._branch(each, around, losses) for each in _rosters(container))
        return tuple(branch for branch in found if branch.losing or branch.below)

    def _branch(
        self, roster: Roster, around: Layout | None, losses: Sequence[frozenset[str]]
    ) -> _Branch:
        own = self._own.get(roster.path, ())
        chain: RosterChain = (*(around.chain if around else ()), roster.path)
        made = layout_of(chain, own, losses, around, self.years)
        layout = self._layouts.setdefault(made, made)
        lost = self._lost(roster, own)
        below = self._below(roster, layout, [*losses, lost.everything if lost else frozenset()])
        return _Branch(layout, self._losing_of(roster, lost) if lost else None, below)

    def _lost(self, roster: Roster, own: Breakdowns) -> Lost | None:
        paths = {path for _name, path in own}
        return told_by_entry(self._definition, roster.path, paths, self._declared) if own else None

    def _losing_of(self, roster: Roster, lost: Lost) -> _Losing:
        outside = ways_of(self._definition.root, lambda _item: None, lost.outside)
        return _Losing(ways_of(roster, _without_places, lost.within), outside, lost.everything)


def _years(definition: Questionnaire, own: Mapping[str, Breakdowns]) -> Mapping[str, frozenset[str]]:
    ages = {path for some in own.values() for name, path in some if name == AGE}
    return {
        item.path: frozenset(item.missing)
        for item in walk(definition.root)
        if isinstance(item, Valued) and item.path in ages and item.type is DataType.INTEGER
    }


def _without_places(item: Valued) -> Change | None:
    return nothing if item.type is DataType.GEOPOINT else None


def _rosters(container: Container) -> Iterator[Roster]:
    """The rosters in a container and its sections, not those in each other."""
    for item in container.items:
        if isinstance(item, Roster):
            yield item
        elif isinstance(item, Section):
            yield from _rosters(item)


def _every(branches: Sequence[_Branch]) -> Iterator[_Branch]:
    for branch in branches:
        yield branch
        yield from _every(branch.below)


def _layouts(branches: Sequence[_Branch]) -> Iterator[Layout]:
    return (branch.layout for branch in _every(branches) if branch.losing)


def _places(branches: Sequence[_Branch], answers: Any, above: Lineage) -> Iterator[Place]:
    for branch in branches:
        layout = branch.layout
        for entry in entries_at(answers, layout.steps):
            lineage = (*above, layout.answers(entry))
            if branch.losing:
                yield layout, lineage
            yield from _places(branch.below, entry, lineage)


def _lose(
    branches: Sequence[_Branch],
    answers: Any,
    above: Lineage,
    groups: EntryGroups,
    losing: set[frozenset[str]],
) -> None:
    for branch in branches:
        layout = branch.layout
        for entry in entries_at(answers, layout.steps):
            lineage = (*above, layout.answers(entry))
            if branch.below:  # first what stands in it: it goes by what the entry was answered
                _lose(branch.below, entry, lineage, groups, losing)
            if branch.losing and groups.is_small(layout, lineage):
                along(branch.losing.within, entry)
                losing.add(branch.losing.paths)
