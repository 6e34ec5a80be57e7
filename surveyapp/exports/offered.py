"""Which columns can be chosen, without making an export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from functools import partial

from surveyapp.exports.cells import PART
from surveyapp.exports.plan import make_plan
from surveyapp.exports.profiles import is_withheld
from surveyapp.exports.request import Profile, TableOptions
from surveyapp.exports.tables import TYPE
from surveyapp.questionnaires.definition import Questionnaire


def column_names(definitions: Sequence[Questionnaire], profile: Profile) -> list[str]:
    """The columns of every table, each once, parts of one answer together; without guarded ones."""
    plan = make_plan(definitions, TableOptions(), UTC, partial(is_withheld, profile))
    names = (column.name for table in plan.tables for column in table.columns)
    return list(dict.fromkeys(name.split(PART)[0].split(TYPE)[0] for name in names))
