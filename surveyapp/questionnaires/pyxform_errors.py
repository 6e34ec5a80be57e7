"""What pyxform says of a workbook, as problems with a place and a code of ours.

pyxform answers with English sentences that hold the place (`[row : 4] On the 'survey' sheet, …`)
and stops at the first. What is recognised gets a code, so that it can be said in the author's
language; the rest travels as the code `pyxform` with the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from surveyapp.questionnaires.workbook import Workbook, WorkbookProblem

_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"[Oo]n the '(\w+)' sheet")
_COLUMN = re.compile(r"the '([^']+)' value")

#: Our code, the sheet and column where pyxform does not name them, and how it is recognised.
#: Groups of the pattern become the problem's params. Sentences of pyxform 4.5.
_RECOGNISED = tuple(
    (code, sheet, column, re.compile(pattern, re.DOTALL))
    for code, sheet, column, pattern in (
        ("unknown_type", "survey", "type", r"Unknown question type '(?P<type>[^']*)'"),
        ("missing_list", "survey", "type", r"List name not in choices sheet: (?P<list>\S+)"),
        ("missing_sheet", "choices", None, r"There should be a choices sheet"),
        ("missing_sheet", "survey", None, r"You must have a sheet named 'survey'"),
        ("missing_type", "survey", "type", r"Question with no type"),
        ("missing_name", "survey", "name", r"Question or group with no name"),
        ("missing_name", "choices", "name", r"Choices must have a name"),
        ("missing_calculation", "survey", "calculation", r"Missing calculation"),
        ("bad_name", "survey", "name", r"Names must begin with a letter or underscore"),
        (
            "duplicate_name",
            "survey",
            "name",
            r"'name' value '(?P<name>[^']*)' is invalid.*must (?:be )?unique",
        ),
        ("duplicate_choice", "choices", "name", r"Choice names must be unique"),
        (
            "unknown_reference",
            "survey",
            None,
            r"Could not find the name '(?P<name>[^']*)'",
        ),
        (
            "ambiguous_reference",
            "survey",
            None,
            r"The name '(?P<name>[^']*)' appears more than once",
        ),
        ("malformed_reference", "survey", None, r"Reference variables must start with"),
        ("unmatched_end", "survey", "type", r"Unmatched 'end_(?P<kind>\w+)'"),
        ("unmatched_begin", "survey", "type", r"Unmatched 'begin_(?P<kind>\w+)'.*'(?P<name>\w*)'"),
        ("missing_column", None, None, r"headers were not found: '?(?P<column>[^.']+)"),
    )
)
_NAMED_SHEET = re.compile(r"for sheet: '(\w+)'")


def problems_of(message: str, workbook: Workbook) -> list[WorkbookProblem]:
    """The problems in an error or warning of pyxform, which may hold one on each line."""
    parts = re.split(r"\n(?=\[row : )", message.strip())
    found = (_problem(part, workbook) for part in parts)
    return [located for problem in found for located in _located(problem, workbook)]


def _problem(message: str, workbook: Workbook) -> WorkbookProblem:
    row, named_sheet, named_column = (
        _first(_ROW, message),
        _sheet(message),
        _first(_COLUMN, message),
    )
    for code, sheet, column, pattern in _RECOGNISED:
        match = pattern.search(message)
        if match:
            place = (named_sheet or sheet, int(row) if row else None, named_column or column)
            return workbook.problem(*place, code, **match.groupdict())
    sheet_or_survey = named_sheet or ("survey" if row else None)
    return workbook.problem(
        sheet_or_survey,
        int(row) if row else None,
        named_column,
        "pyxform",
        message=_ROW.sub("", message),
    )


def _first(pattern: re.Pattern[str], message: str) -> str | None:
    match = pattern.search(message)
    return match[1] if match else None


def _sheet(message: str) -> str | None:
    return _first(_SHEET, message) or _first(_NAMED_SHEET, message)


def _located(problem: WorkbookProblem, workbook: Workbook) -> Iterable[WorkbookProblem]:
    """A problem for each row it is about, where pyxform names none (unknown types)."""
    if problem.code != "unknown_type" or problem.row is not None:
        return [problem]
    return list(_rows_of_type(problem, workbook)) or [problem]


def _rows_of_type(problem: WorkbookProblem, workbook: Workbook) -> Iterator[WorkbookProblem]:
    sheet = workbook.sheet("survey")
    for number, row in sheet.numbered():
        if row.get("type") == problem.params["type"]:
            yield replace(problem, row=number, line=sheet.line(number))
