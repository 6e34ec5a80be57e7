"""How many entries each roster has at most: flat columns are made before the first row is read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, cast, func, select, true, type_coerce
from sqlalchemy.dialects.postgresql import JSONPATH

from surveyapp.exports.flattening import levels_of
from surveyapp.exports.merging import RosterChain
from surveyapp.submissions.models import Submission


def most_entries(
    chain: RosterChain, conditions: Sequence[ColumnElement[bool]], dialect: str
) -> Select[tuple[int]]:
    """The query for the largest number of entries of a roster; NULL where there is none."""
    return (_postgresql if dialect == "postgresql" else _sqlite)(chain, conditions)


def _postgresql(chain: RosterChain, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    path = "$." + "[*].".join(map(_path, levels_of(chain))) + ".size()"
    sizes = func.jsonb_path_query(Submission.answers, cast(path, JSONPATH)).label("size")
    each = select(sizes).where(*conditions).subquery()
    return select(func.max(cast(cast(each.c.size, Text), Integer)))


def _sqlite(chain: RosterChain, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    *around, last = levels_of(chain)
    answers: Any = type_coerce(Submission.answers, Text)
    entries = []
    for depth, steps in enumerate(around):
        entry = func.json_each(answers, f"$.{_path(steps)}").table_valued("value", name=f"e{depth}")
        entries.append(entry)
        answers = entry.c.value
    query = select(func.max(func.json_array_length(answers, f"$.{_path(last)}")))
    query = query.select_from(Submission)
    for entry in entries:
        query = query.join(entry, true())
    return query.where(*conditions)


def _path(steps: Iterable[str]) -> str:
    return ".".join(f'"{step}"' for step in steps)
