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

from sqlalchemy import Engine

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.anonymity import Anonymity, Key
from surveyapp.exports.deidentifying import Deidentifying, deidentifying
from surveyapp.exports.kept_counts import Group
from surveyapp.exports.reader import Reader, Span
from surveyapp.exports.request import ExportRequest, Selection
from surveyapp.exports.sifting import Readers
from surveyapp.extensions import db
from surveyapp.wiring import settings_of


class Whole:
    """The groups of the whole that an export is a part of; counted when somebody needs them."""

    def __init__(self, engine: Engine, request: ExportRequest, treating: Deidentifying) -> None:
        self._engine, self._treating = engine, treating
        self._questionnaire, self._selection = request.questionnaire, request.selection

    @property
    def is_cut(self) -> bool:
        """Whether members of small groups are left out of the export."""
        return bool(self._treating.breakdowns) and is_cut(self._selection)

    @cached_property
    def groups(self) -> Anonymity:
        """Those of the whole."""
        return whole_groups(self._engine, self._questionnaire, self._treating)

    def assess(self, reader: Readers, span: Span) -> Anonymity:
        """The groups of what a reader of the export reads; of a part only those large in the whole."""
        names = self._treating.breakdowns
        if self._selection == Selection() and isinstance(reader, Reader):  # it is the whole
            groups = reader.groups(names, span)
            self.groups = as_whole(groups, self._treating)
            sizes = {key: group.submissions for key, group in groups.items()}
            return self._treating.assess(sizes, self.groups)
        found = self._treating.assess(reader.sizes(span, names), self.groups)
        return found.without({key for key in found.sizes if self.groups.is_small(key)})

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


def whole_groups(engine: Engine, questionnaire: str, treating: Deidentifying) -> Anonymity:
    """The groups of everything, whatever somebody may see of it; reads every submission's breakdowns."""
    return as_whole(Reader(engine, questionnaire, Selection()).groups(treating.breakdowns), treating)


def as_whole(groups: Mapping[Key, Group], treating: Deidentifying) -> Anonymity:
    """The same of groups that were counted already.

    What was made up hides nobody: it carries its mark. Only where there is nothing else it counts.
    """
    real = {key: n for key, group in groups.items() if (n := group.submissions - group.synthetic)}
    return treating.assess(real or {key: group.submissions for key, group in groups.items()})


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
        whole_groups(db.engine, questionnaire, deidentifying(definitions, settings_of()))
