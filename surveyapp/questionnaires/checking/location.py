"""Where a problem of an item stands in the workbook that the item was made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from surveyapp.questionnaires.checking import survey as columns
from surveyapp.questionnaires.checking.survey import Kind, Row, Survey
from surveyapp.questionnaires.definition import Item
from surveyapp.questionnaires.problems import Problem

#: attribute of an item → what its column is
_COLUMNS: Mapping[str, str] = {
    "relevant": columns.RELEVANT,
    "constraint": columns.CONSTRAINT,
    "calculate": columns.CALCULATION,
    "setvalue": columns.CALCULATION,
    "required": columns.REQUIRED,
    "readonly": columns.READ_ONLY,
    "default": columns.DEFAULT,
    "label": columns.LABEL,
    "itemset": columns.FILTER,
    "choice_filter": columns.FILTER,
    "repeat_count": columns.COUNT,
    "survey:warning": "bind::survey:warning",
    "survey:disclosure": "bind::survey:disclosure",
    "survey:missing": "bind::survey:missing",
}
_INSTANCE_NAME = "meta/instanceName"
#: what pyxform adds to the name of a row for what it makes of it, and of which column
_MADE_OF = (("_count", columns.COUNT), ("_other", columns.TYPE))


#: a path to an answer as pyxform writes it for `${name}`
_PATH = re.compile(r"(?:(?:current\(\)/)?(?:\.\./)+|/)(?:[\w.-]+/)*([\w.-]+)")


def _as_written(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The facts with an expression as its author wrote it."""
    if "compared" not in facts:
        return facts
    return {**facts, "compared": _PATH.sub(r"${\1}", facts["compared"])}


def problem_at(item: Item, attribute: str, code: str, /, **facts: object) -> Problem:
    """A problem of one attribute of an item; where that stands in a workbook is found out later."""
    return Problem(None, None, attribute, code, facts, path=item.path)


class Location:
    """Finds the rows of one workbook's items."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._rows = {row.path: row for row in survey.rows if row.path}

    def located(self, problem: Problem) -> Problem:
        """The problem with its sheet, row and column, and its path as far as a workbook has none."""
        if problem.path is None:
            return problem
        if problem.path == _INSTANCE_NAME:
            settings = self._survey.workbook.sheet("settings").column("instance_name")
            return replace(problem, sheet="settings", row=2, column=settings, path=None)
        row, column = self._row(problem.path, _COLUMNS.get(problem.column or ""))
        if row is None:
            return replace(problem, sheet="survey")
        return replace(
            problem,
            sheet="survey",
            row=row.number,
            column=self._survey.header(column) if column else None,
            line=self._survey.sheet.line(row.number),
            path=None,
            facts=_as_written(problem.facts),
        )

    def rows_of(self, paths: tuple[str, ...]) -> list[int]:
        """How an author finds the rows of some items, as far as they have one."""
        rows = (self._row(path, None)[0] for path in paths)
        return [self._survey.shown(row.number) for row in rows if row]

    def _row(self, path: str, column: str | None) -> tuple[Row | None, str | None]:
        if row := self._rows.get(path):
            return row, column
        for ending, base in _MADE_OF:
            row = self._rows.get(path.removesuffix(ending))
            if row and path.endswith(ending) and (row.or_other or row.kind is Kind.BEGIN):
                return row, base
        return None, column
