"""The codebook: what every column of every table means, in three languages, as one more table.

A row without `choice` tells of a column; below it stands one row for each choice of its question, with
the code in `choice`, and one for each number or day that is declared to be no answer. The languages are
those of the program, then any other the questionnaire has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_babel import LazyString, force_locale

from surveyapp.exports.cells import Cell
from surveyapp.exports.csv_writer import CsvLines
from surveyapp.exports.missing import worded_reasons
from surveyapp.exports.plan import CODEBOOK, Plan
from surveyapp.exports.request import CsvOptions
from surveyapp.exports.tables import Column, Table
from surveyapp.exports.wording import worded
from surveyapp.i18n import LANGUAGES

FILE = f"{CODEBOOK}.csv"
_BEFORE = ("table", "column", "choice", "path", "type", "identity", "sensitive", "versions")


def codebook(plan: Plan, options: CsvOptions) -> bytes:
    """The codebook as CSV, written as the tables are."""
    languages = _languages(plan)
    lines = CsvLines(options)
    header = lines.header([*_BEFORE, *(f"label_{language}" for language in languages)])
    return header + lines.lines(
        row
        for table in plan.tables
        for column in table.columns
        for row in _rows(table, column, languages)
    )


def _languages(plan: Plan) -> list[str]:
    found = dict.fromkeys(LANGUAGES)
    for item in plan.items:
        found |= dict.fromkeys(item.label.wordings)
    return list(found)


def _rows(table: Table, column: Column, languages: Sequence[str]) -> Iterator[list[Cell]]:
    yield [table.name, column.name, *_facts(column), *(_label(column, each) for each in languages)]
    if column.item is not None and column.choice is None:
        empty = [None] * (len(_BEFORE) - 3)
        for choice in column.item.choices:
            labels = [worded(choice.label, language) for language in languages]
            yield [table.name, column.name, choice.name, *empty, *labels]
        for code, reason in column.item.missing:
            reasons = worded_reasons(reason)
            told = [reasons.get(language, "") for language in languages]
            yield [table.name, column.name, code, *empty, *told]


def _facts(column: Column) -> list[Cell]:
    """From `choice` to `versions`."""
    item = column.item
    if item is None:
        return [None, None, column.type.value, None, None, None]
    code = column.choice.name if column.choice else None
    versions = " ".join(sorted(item.versions))
    return [code, item.path, column.type.value, int(item.identity), int(item.sensitive), versions]


def _label(column: Column, language: str) -> str:
    if column.item is None:
        return _said(column.meaning, language)
    label = worded(column.item.label, language)
    return f"{label}: {worded(column.choice.label, language)}" if column.choice else label


def _said(meaning: LazyString | None, language: str) -> str:
    if meaning is None or language not in LANGUAGES:
        return ""
    with force_locale(language):
        return str(meaning)
