"""The groups of a whole questionnaire, by which every part of it is judged (docs/decisions/0040).

Two files of one questionnaire can be laid side by side: a submission has the same id in both. What one
keeps back of the members of small groups must not follow from the other, so

* a group that is small in the whole is small in every part, whatever was asked for;
* a file that is cut by what such a group lost (`is_cut`) has none of its members: they would be known
  by being in it. Nor may their number depend on the cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from sqlalchemy import Engine

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.anonymity import Anonymity
from surveyapp.exports.deidentifying import Deidentifying, deidentifying
from surveyapp.exports.entry_groups import EntryGroups, Groups
from surveyapp.exports.reader import Reader, Span
from surveyapp.exports.request import Selection
from surveyapp.exports.sifting import Readers
from surveyapp.exports.tallies import Group
from surveyapp.extensions import db
from surveyapp.wiring import settings_of

#: what is counted
_Key = TypeVar("_Key")


class Whole:
    """The groups of the whole that an export is a part of; counted when somebody needs them."""

    def __init__(
        self, engine: Engine, questionnaire: str, selection: Selection, treating: Deidentifying
    ) -> None:
        self._engine, self._treating = engine, treating
        self._questionnaire, self._selection = questionnaire, selection

    @property
    def is_cut(self) -> bool:
        """Whether members of small groups are left out of the export."""
        return bool(self._treating.breakdowns) and is_cut(self._selection)

    @cached_property
    def groups(self) -> Anonymity:
        """Those of the whole, whatever somebody may see of it; reads all breakdowns of submissions."""
        groups = Reader(self._engine, self._questionnaire, Selection()).groups(self._treating.breakdowns)
        return self._treating.assess(_hiding(groups))

    @cached_property
    def entries(self) -> EntryGroups:
        """Those of entries of its rosters; if any has breakdowns, the database reads all answers."""
        reader = Reader(self._engine, self._questionnaire, Selection())
        counted = reader.entry_groups(self._treating.layouts, self._treating.breakdowns)
        return self._treating.entry_groups(_hiding(counted), self.groups)

    def of(self, selection: Selection) -> Whole:
        """The same whole, of which another part is exported; it is not counted again."""
        part = Whole(self._engine, self._questionnaire, selection, self._treating)
        part.groups, part.entries = self.groups, self.entries
        return part

    def assess(self, reader: Readers, span: Span) -> Groups:
        """The groups of what a reader of the export reads; of a part only those large in the whole."""
        treating, names = self._treating, self._treating.breakdowns
        if self._selection == Selection() and isinstance(reader, Reader):
            return self._assess_whole(reader, span)
        found = treating.assess(_hiding(reader.groups(names, span)), self.groups)
        told = found.without({key for key in found.sizes if self.groups.is_small(key)})
        entries = _hiding(reader.entry_groups(treating.layouts, names, span))
        return Groups(told, treating.entry_groups(entries, told, self.entries, is_part=True))

    def _assess_whole(self, reader: Reader, span: Span) -> Groups:
        treating, names = self._treating, self._treating.breakdowns
        groups = reader.groups(names, span)
        entries = reader.entry_groups(treating.layouts, names, span)
        hiding, hiding_entries = _hiding(groups), _hiding(entries)
        self.groups = treating.assess(hiding)
        self.entries = treating.entry_groups(hiding_entries, self.groups)
        sizes, entry_sizes = _sizes(groups), _sizes(entries)
        if (sizes, entry_sizes) == (hiding, hiding_entries):  # all hide each other
            return Groups(self.groups, self.entries)
        found = treating.assess(sizes, self.groups)
        return Groups(found, treating.entry_groups(entry_sizes, found, self.entries))

    def left_out(self) -> int | None:
        """How many are left out of an export that is cut: whatever they would have been cut by.

        The number of those who would have been in it would tell of each of them what it is cut by: by
        two exports between which there is one of them. None: it is not cut.
        """
        if not self.is_cut:
            return None
        reader = Reader(self._engine, self._questionnaire, uncut(self._selection))
        groups = reader.groups(self._treating.breakdowns)
        return sum(group.submissions for key, group in groups.items() if self.groups.is_small(key))


def _hiding(groups: Mapping[_Key, Group]) -> dict[_Key, int]:
    """How many there are who hide each other.

    What was made up hides nobody: it carries its mark. Only where there is nothing else it counts.
    """
    real = {key: n for key, group in groups.items() if (n := group.submissions - group.synthetic)}
    return real or _sizes(groups)


def _sizes(groups: Mapping[_Key, Group]) -> dict[_Key, int]:
    return {key: group.submissions for key, group in groups.items()}


def is_cut(selection: Selection) -> bool:
    """Whether being in the file tells what small groups lost.

    Whoever sent a submission tells where it was collected, since an interviewer is sent to one place.
    """
    return bool(selection.groups) or not (selection.chosen_regions is selection.collectors is None)


def uncut(selection: Selection) -> Selection:
    """The same selection without what it is cut by."""
    return replace(selection, groups=(), chosen_regions=None, collectors=None)


def catch_up() -> None:
    """Count what changed in every questionnaire, so that nobody has to wait for it (`kept_counts`)."""
    questionnaires = [entry.id for entry in catalogue.entries()]
    for questionnaire in questionnaires:
        definitions = [edition.definition for edition in catalogue.all_editions(questionnaire)]
        # on SQLite an open transaction would keep every writer out
        db.session.rollback()
        treating = deidentifying(definitions, settings_of())
        Reader(db.engine, questionnaire, Selection()).catch_up(treating.layouts, treating.breakdowns)
