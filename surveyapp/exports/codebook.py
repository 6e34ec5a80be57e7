"""The codebook: what every column of every table means, in three languages, as one more table.

A row without `choice` tells of a column; below it stands one row for each choice of its question, with
the code in `choice`. The languages are those of the program, then any other the questionnaire has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flask_babel import LazyString, force_locale

from surveyapp.exports.cells import Cell
from surveyapp.exports.csv_writer import CsvLines
from surveyapp.exports.plan import CODEBOOK, Column, Plan, Table
from surveyapp.exports.request import CsvOptions
from surveyapp.exports.wording import worded
from surveyapp.i18n import LANGUAGES
from surveyapp.questionnaires.definition import DataType, Text

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
    yield [*_facts(table, column), *_labels(column, languages)]
    if column.item is not None and column.choice is None:
        for choice in column.item.choices:
            empty = [None] * (len(_BEFORE) - 3)
            labels = [worded(choice.label, language) for language in languages]
            yield [table.name, column.name, choice.name, *empty, *labels]


def _facts(table: Table, column: Column) -> list[Cell]:
    item = column.item
    if item is None:
        return [table.name, column.name, None, None, column.type, None, None, None]
    code = column.choice.name if column.choice else None
    marks = (int(item.identity), int(item.sensitive))
    kind = DataType.INTEGER if column.choice else column.type
    return [table.name, column.name, code, item.path, kind, *marks, " ".join(sorted(item.versions))]


def _labels(column: Column, languages: Sequence[str]) -> list[Cell]:
    if column.item is None:
        return [_said(column.meaning, language) for language in languages]
    labels = [worded(column.item.label, language) for language in languages]
    if column.choice is None:
        return [*labels]
    choices = _worded(column.choice.label, languages)
    return [f"{label}: {choices[language]}" for label, language in zip(labels, languages, strict=True)]


def _worded(text: Text, languages: Sequence[str]) -> Mapping[str, str]:
    return {language: worded(text, language) for language in languages}


def _said(meaning: LazyString | None, language: str) -> str:
    if meaning is None or language not in LANGUAGES:
        return ""
    with force_locale(language):
        return str(meaning)
