"""How many entries of a roster have the same breakdowns, counted by the database (`layouts.py`)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONPATH

from surveyapp.exports.anonymity import Key
from surveyapp.exports.layouts import Layout, Lineage, group_of
from surveyapp.submissions.models import Submission


def lineage_sizes(
    layout: Layout, versions: Collection[str], conditions: Sequence[ColumnElement[bool]], dialect: str
) -> Select[*tuple[Any, ...]]:
    """The query for how many entries there are of each lineage, and how many of them are made up.

    Its rows: the breakdowns of the submission as text, for each level a text with the answers in a JSON
    list (`Lineages`), entries, entries that are made up.
    """
    entries, own = (_postgresql if dialect == "postgresql" else _sqlite)(layout)
    columns = [cast(each, Text).label(f"own{level}") for level, each in enumerate(own)]
    each = select(cast(Submission.breakdowns, Text).label("outer"), *columns, Submission.synthetic)
    each = each.select_from(Submission)
    for found in entries:
        each = each.join(found, true())
    each = each.where(*conditions, Submission.version.in_(sorted(versions)))
    rows = each.subquery()
    groups = [column for column in rows.c if column.key != "synthetic"]
    counts = (func.count(), func.count().filter(rows.c.synthetic))
    return select(*groups, *counts).group_by(*groups)


class Lineages:
    """Lineages out of rows of the query, whose submissions are grouped by some breakdowns.

    There may be a hundred thousand, of few different parts: those are kept once.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._outer: dict[str, Key] = {}
        self._own: dict[str, Key] = {}

    def of(self, texts: Sequence[str]) -> Lineage:
        """That of one row."""
        outer, *own = texts
        if outer not in self._outer:
            told = json.loads(outer)
            self._outer[outer] = tuple(told.get(name) for name in self._names)
        return (self._outer[outer], *map(self._own_of, own))

    def _own_of(self, text: str) -> Key:
        if text not in self._own:
            self._own[text] = tuple(map(group_of, json.loads(text)))
        return self._own[text]


def _postgresql(layout: Layout) -> tuple[list[FromClause], list[ColumnElement[Any]]]:
    entries: list[FromClause] = []
    own: list[ColumnElement[Any]] = []
    answers: Any = Submission.answers
    for each in layout.levels:
        # lax: what is not there has no entries
        found = func.jsonb_path_query(answers, cast(f"{_path(each.steps)}[*]", JSONPATH))
        entry = found.table_valued("value").render_derived(name=f"e{each.depth}")
        answers = entry.c.value
        entries.append(entry)
        values = [func.jsonb_extract_path(answers, *one.steps) for one in each.own]
        own.append(func.jsonb_build_array(*values))
    return entries, own


def _sqlite(layout: Layout) -> tuple[list[FromClause], list[ColumnElement[Any]]]:
    entries: list[FromClause] = []
    own: list[ColumnElement[Any]] = []
    answers: Any = type_coerce(Submission.answers, Text)
    for each in layout.levels:
        entry = func.json_each(answers, _path(each.steps)).table_valued(
            "value", "type", name=f"e{each.depth}"
        )
        entries.append(entry)
        # text would be read as JSON, which it is not
        answers = case((entry.c.type == "object", entry.c.value))
        own.append(_json_list(answers, [_path(one.steps) for one in each.own]))
    return entries, own


def _json_list(entry: Any, paths: Sequence[str]) -> ColumnElement[Any]:
    """The answers at some paths as a list; `json_extract` makes one of several."""
    if not paths:
        return literal("[]")
    found = func.json_extract(entry, *paths)
    return found if len(paths) > 1 else func.json_array(found)


def _path(steps: Iterable[str]) -> str:
    return "$." + ".".join(f'"{step}"' for step in steps)
