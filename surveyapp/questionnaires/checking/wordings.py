"""Texts: the same in two languages, cells with Excel's error values, a workbook with no questions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from surveyapp.questionnaires.checking.nearest import nearest
from surveyapp.questionnaires.checking.survey import Survey
from surveyapp.questionnaires.languages import language_code
from surveyapp.questionnaires.problems import Problem, of_the_file
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
    default = workbook.setting("default_language")
    if default and len(languages) > 1 and not _is_used(workbook, default):
        column = workbook.sheet("settings").column("default_language")
        yield workbook.problem("settings", 2, column, "default_language", language=default)
    codes: dict[str, str] = {}
    for language in languages:
        other = codes.setdefault(language_code(language), language)
        if other != language:
            column, named = f"label::{language}", {"language": language, "other": other}
            yield workbook.problem("survey", 1, column, "language_twice", **named)


def _is_used(workbook: Workbook, language: str) -> bool:
    """Whether texts are in a language, or in none that is named, which then is this one."""
    headers = [Header.parse(c) for n in ("survey", "choices") for c in workbook.sheet(n).columns if c]
    worded = [header for header in headers if header.base in _WORDED]
    return any(header.language_code in {None, language_code(language)} for header in worded)


def _sheets(survey: Survey) -> Iterator[Problem]:
    workbook = survey.workbook
    yield from _survey_sheet(survey)
    choices = workbook.sheet("choices")
    bases = {Header.parse(column).base for column in choices.columns if column}
    if choices.rows and not bases & {"name", "value"}:
        yield _missing_column(workbook, choices, "name")
    if choices.rows and not bases & {"list_name", "list name"}:
        yield _missing_column(workbook, choices, "list_name")


def _survey_sheet(survey: Survey) -> Iterator[Problem]:
    workbook = survey.workbook
    if "survey" not in workbook.sheets:
        yield _missing_survey(workbook)
    elif not any(survey.rows):
        yield workbook.problem("survey", None, None, "empty_sheet")
    else:
        for base in ("type", "name"):
            if base not in survey.headers:
                yield _missing_column(workbook, survey.sheet, base)


def _missing_survey(workbook: Workbook) -> Problem:
    if "type" in workbook.sheets:
        return of_the_file("flat_table")
    stripped = {name.strip(): name for name in workbook.sheet_names}
    if found := stripped.get(nearest("survey", stripped)):
        return workbook.problem("survey", None, None, "misnamed_sheet", sheet="survey", found=found)
    return workbook.problem("survey", None, None, "missing_sheet")


def _missing_column(workbook: Workbook, sheet: Sheet, base: str) -> Problem:
    """A column that is not there, or has a name that is only nearly right."""
    known = {"type", "name", "label", "list_name"} - {base}
    others = [column for column in sheet.columns if column and column.lower() not in known]
    facts = {"missing": base, "found": nearest(base, others)}
    code = "misnamed_column" if facts["found"] else "missing_column"
    return workbook.problem(sheet.name, 1, facts["found"] or None, code, **facts)


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
