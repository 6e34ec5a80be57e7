"""What pyxform says of a workbook, as problems with a place and a code of ours.

pyxform answers with English sentences that hold the place (`[row : 4] On the 'survey' sheet, …`)
and stops at the first. What is recognised gets a code, so that it can be said in the author's
language; the rest travels as the code `pyxform` with the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from surveyapp.questionnaires.workbook import Workbook, WorkbookProblem

_ROW = re.compile(r"\[row : (\d+)\]\s*")
_SHEET = re.compile(r"[Oo]n the '(\w+)' sheet|for sheet: '(\w+)'")
_COLUMN = re.compile(r"the '([^']+)' value")


@dataclass(frozen=True, slots=True)
class _Rule:
    """How an error is recognised; the pattern's groups become the problem's params.

    `sheet` and `column` stand where the sentence does not name them.
    """

    code: str
    sheet: str | None
    column: str | None
    pattern: str


#: Sentences of pyxform 4.5; a test provokes each.
_RULES = (
    _Rule("unknown_type", "survey", "type", r"Unknown question type '(?P<type>[^']*)'"),
    _Rule("missing_list", "survey", "type", r"List name not in choices sheet: (?P<list>\S+)"),
    _Rule("missing_sheet", "choices", None, r"There should be a choices sheet"),
    _Rule("missing_sheet", "survey", None, r"You must have a sheet named 'survey'"),
    _Rule("missing_type", "survey", "type", r"Question with no type"),
    _Rule("missing_name", "survey", "name", r"Question or group with no name"),
    _Rule("missing_name", "choices", "name", r"Choices must have a name"),
    _Rule("missing_calculation", "survey", "calculation", r"Missing calculation"),
    _Rule("missing_column", None, None, r"headers were not found: '(?P<missing>[^']+)'"),
    _Rule("bad_name", None, "name", r"Names must begin with a letter or underscore"),
    _Rule("duplicate_name", "survey", "name", r"'(?P<name>[^']*)' is invalid. .*must (be )?unique"),
    _Rule("duplicate_choice", "choices", "name", r"Choice names must be unique"),
    _Rule("unknown_reference", None, None, r"not find the name '(?P<name>[^']*)'"),
    _Rule("ambiguous_reference", None, None, r"name '(?P<name>[^']*)' appears more than once"),
    _Rule("malformed_reference", None, None, r"Reference variables must start with"),
    _Rule("unmatched_end", "survey", "type", r"Unmatched 'end_(?P<kind>\w+)'"),
    _Rule("unmatched_begin", "survey", "type", r"Unmatched 'begin_(?P<kind>\w+)'"),
)


def problems_of(message: str, workbook: Workbook) -> list[WorkbookProblem]:
    """The problems in an error or warning of pyxform, which may hold one on each line."""
    parts = re.split(r"\n(?=\[row : )", message.strip())
    found = (_problem(part, workbook) for part in parts)
    return [located for problem in found for located in _located(problem, workbook)]


def _problem(message: str, workbook: Workbook) -> WorkbookProblem:
    number = _first(_ROW, message)
    row = int(number) if number else None
    sheet, column = _first(_SHEET, message), _first(_COLUMN, message)
    for rule in _RULES:
        match = re.search(rule.pattern, message, re.DOTALL)
        if match:
            place = (sheet or rule.sheet, row, column or rule.column)
            return workbook.problem(*place, rule.code, **match.groupdict())
    sentence = _ROW.sub("", message)
    return workbook.problem(
        sheet or ("survey" if row else None), row, column, "pyxform", message=sentence
    )


def _first(pattern: re.Pattern[str], message: str) -> str | None:
    match = pattern.search(message)
    return next(filter(None, match.groups()), None) if match else None


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
