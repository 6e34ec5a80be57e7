"""What a page tells of people: what a de-identified export does, by groups that were counted lately.

Groups are those of all that the reader may see, whatever `$filter` asks for, and large in the whole
questionnaire too. They are counted once in a while and not for each page, which must cost what a page
costs. A group that came up since is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TypeAlias

from flask import current_app

from surveyapp.exports.deidentifying import Deidentifying, deidentifying
from surveyapp.exports.entry_groups import Groups
from surveyapp.exports.reader import Reader
from surveyapp.exports.records import Record
from surveyapp.exports.request import Selection
from surveyapp.exports.whole import Whole
from surveyapp.extensions import db
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.wiring import settings_of

#: seconds for which a process goes by the groups that it has counted
KEPT = 600.0
#: questionnaires times reaches that a process remembers
MOST = 64
_NAME = "exports.odata.guards"


@dataclass(frozen=True, slots=True)
class Guard:
    """Makes records what may be told of them."""

    treating: Deidentifying
    whole: Whole
    groups: Groups
    counted_at: float

    def record(self, record: Record) -> Record:
        """The record as a de-identified export has it."""
        return self.treating.record(record, self.groups)


#: questionnaire, its versions, regions of the reach
_Key: TypeAlias = tuple[str, tuple[str, ...], frozenset[str] | None]


def guard_of(questionnaire: str, selection: Selection, definitions: Sequence[Questionnaire]) -> Guard:
    """The guard of a reach; counts groups if nobody has lately."""
    kept: dict[_Key, Guard] = current_app.extensions.setdefault(_NAME, {})
    key = (questionnaire, tuple(each.version for each in definitions), selection.regions)
    found = kept.get(key)
    if found is None or monotonic() - found.counted_at > KEPT:
        if len(kept) >= MOST:
            kept.clear()
        found = kept[key] = _counted(questionnaire, selection, definitions)
    return found


def _counted(questionnaire: str, selection: Selection, definitions: Sequence[Questionnaire]) -> Guard:
    if selection == Selection():
        treating = deidentifying(definitions, settings_of())
        whole = Whole(db.engine, questionnaire, selection, treating)
    else:  # the whole is the same, whatever somebody may see of it
        everywhere = guard_of(questionnaire, Selection(), definitions)
        treating, whole = everywhere.treating, everywhere.whole.of(selection)
    reader = Reader(db.engine, questionnaire, selection)
    return Guard(treating, whole, whole.assess(reader, reader.span()), monotonic())
