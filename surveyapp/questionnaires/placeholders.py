"""Filling the placeholders of a workbook's texts (`{operator}` …) when it is published.

A placeholder is one of a fixed list of names in braces, without the `$` that marks XLSForm's own
references. They may stand in any cell of the survey and choices sheets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from surveyapp.questionnaires.languages import language_code
from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.workbook import Header, Sheet, Workbook

#: The names, with what stands for each if nothing is given; None: publishing is refused without it.
#: `minutes` comes from the workbook itself (`bind::survey:minutes`).
PLACEHOLDERS: Mapping[str, str | None] = {
    "operator": None,
    "bin": None,
    "retention": None,
    "contact": None,
    "minutes": None,
    #: 1 switches the module of sensitive questions on, see the built-in `adolescent_selfreport`
    "cfg_sensitive": "0",
}

#: A value for all languages, or one for each language code.
Value: TypeAlias = str | Mapping[str, str]

_PLACEHOLDER = re.compile(r"(?<!\$)\{([a-z][a-z_]*)\}")
_MINUTES = "bind::survey:minutes"


def fill_placeholders(workbook: Workbook, values: Mapping[str, Value]) -> list[Problem]:
    """Put the values in, in place; return what could not be filled.

    `placeholder_unset` is an error; `placeholder_unknown`, braces around another word, is a doubt.
    """
    known = {name: values.get(name) or default or "" for name, default in PLACEHOLDERS.items()}
    known["minutes"] = next(_minutes(workbook), known["minutes"])
    default = language_code(workbook.setting("default_language"))
    return [
        problem
        for sheet in (workbook.sheet("survey"), workbook.sheet("choices"))
        for problem in _fill_sheet(workbook, sheet, known, default)
    ]


def used_placeholders(workbook: Workbook) -> frozenset[str]:
    """Names of the placeholders that the workbook's texts use."""
    sheets = (workbook.sheet("survey"), workbook.sheet("choices"))
    cells = (text for sheet in sheets for row in sheet.rows for text in row.values())
    names = {name for text in cells for name in _PLACEHOLDER.findall(text)}
    return frozenset(names & PLACEHOLDERS.keys())


def _minutes(workbook: Workbook) -> Iterator[str]:
    return (row[_MINUTES] for row in workbook.sheet("survey").rows if _MINUTES in row)


def _fill_sheet(
    workbook: Workbook, sheet: Sheet, values: Mapping[str, Value], default: str
) -> Iterator[Problem]:
    languages = {column: Header.parse(column).language_code or default for column in sheet.columns}
    for number, row in sheet.numbered():
        for column, text in row.items():
            known = {name: _wording(value, languages[column]) for name, value in values.items()}
            for name in dict.fromkeys(_PLACEHOLDER.findall(text)):
                if not known.get(name):
                    code = "placeholder_unset" if name in known else "placeholder_unknown"
                    yield workbook.problem(sheet.name, number, column, code, placeholder=name)
            row[column] = _filled(text, known)


def _filled(text: str, known: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: known.get(match[1]) or match[0], text)


def _wording(value: Value, language: str) -> str:
    return value if isinstance(value, str) else value.get(language, "")
