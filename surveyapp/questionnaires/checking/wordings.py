"""Texts: the same in two languages, cells with Excel's error values, a workbook with no questions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from surveyapp.questionnaires.checking.survey import Survey
from surveyapp.questionnaires.languages import language_code
from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.translations import declared_languages
from surveyapp.questionnaires.workbook import Header, Sheet, Workbook

#: more languages than this are a mistake in the headers
MAX_LANGUAGES = 60
#: texts in which fewer letters than this stand are often rightly the same: abbreviations, numbers
_LETTERS = 12
#: what Excel shows where a formula failed
_FAILED = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_WORDED = frozenset({"label", "hint", "guidance_hint", "constraint_message", "required_message"})
_MARKUP = re.compile(r"\$\{[^}]*\}|<[^>]*>|[\W\d_]")


def wording_problems(survey: Survey) -> Iterator[Problem]:
    """What is wrong with the texts of a workbook."""
    workbook = survey.workbook
    yield from _languages(workbook)
    yield from _sheets(survey)
    for name in ("survey", "choices"):
        sheet = workbook.sheet(name)
        yield from _headers_twice(workbook, sheet)
        yield from _failed_formulas(workbook, sheet)
        yield from _same(workbook, sheet)


def _languages(workbook: Workbook) -> Iterator[Problem]:
    languages = declared_languages(workbook)
    if len(languages) > MAX_LANGUAGES:
        facts = {"languages": len(languages), "limit": MAX_LANGUAGES}
        yield workbook.problem("survey", 1, None, "too_many_languages", **facts)
    codes: dict[str, str] = {}
    for language in languages:
        other = codes.setdefault(language_code(language), language)
        if other != language:
            column, named = f"label::{language}", {"language": language, "other": other}
            yield workbook.problem("survey", 1, column, "language_twice", **named)


def _sheets(survey: Survey) -> Iterator[Problem]:
    workbook = survey.workbook
    if "survey" not in workbook.sheets:
        yield workbook.problem("survey", None, None, "missing_sheet")
    elif not any(survey.rows):
        yield workbook.problem("survey", None, None, "empty_sheet")
    if "survey" in workbook.sheets and "type" not in survey.headers:
        yield workbook.problem("survey", 1, None, "missing_column", missing="type")
    choices = workbook.sheet("choices")
    bases = {Header.parse(column).base for column in choices.columns}
    if choices.rows and not bases & {"name", "value"}:
        yield workbook.problem("choices", 1, None, "missing_column", missing="name")
    if choices.rows and not bases & {"list_name", "list name"}:
        yield workbook.problem("choices", 1, None, "missing_column", missing="list_name")


def _headers_twice(workbook: Workbook, sheet: Sheet) -> Iterator[Problem]:
    seen: set[str] = set()
    for column in filter(None, sheet.columns):
        if column in seen:
            yield workbook.problem(sheet.name, 1, column, "duplicate_header", header=column)
        seen.add(column)


def _failed_formulas(workbook: Workbook, sheet: Sheet) -> Iterator[Problem]:
    for number, row in sheet.numbered():
        for column, text in row.items():
            if text in _FAILED:
                yield workbook.problem(sheet.name, number, column, "error_value", value=text)


def _same(workbook: Workbook, sheet: Sheet) -> Iterator[Problem]:
    """Texts that stand in two languages without a letter changed: one may have been forgotten."""
    columns: dict[str, list[str]] = {}
    for column in filter(None, sheet.columns):
        header = Header.parse(column)
        if header.base in _WORDED and header.language:
            columns.setdefault(header.base, []).append(column)
    for number, row in sheet.numbered():
        for headers in columns.values():
            yield from _same_in_row(workbook, sheet, number, [h for h in headers if h in row])


def _same_in_row(workbook: Workbook, sheet: Sheet, number: int, headers: list[str]) -> Iterator[Problem]:
    row, first = sheet.rows[number - 2], dict[str, str]()
    for header in headers:
        text = row[header].strip()
        if len(_MARKUP.sub("", text)) < _LETTERS:
            continue
        other = first.setdefault(text, header)
        if other != header:
            facts = {"language": _language(header), "other": _language(other)}
            yield workbook.problem(sheet.name, number, header, "same_text", **facts)


def _language(header: str) -> str:
    return Header.parse(header).language or header
