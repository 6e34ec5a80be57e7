"""Workbooks of a few lines, made into definitions by pyxform and our own reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

from pyxform.xls2xform import convert  # type: ignore[import-untyped]  # it ships no types

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Item, Questionnaire, Text
from surveyapp.questionnaires.interview import Interview

#: The moment of the interviews in tests, on a phone in Kazakhstan.
MOMENT = datetime(2026, 9, 1, 14, 3, 7, tzinfo=timezone(timedelta(hours=5)))


@cache
def xform_of(workbook: str | Path) -> bytes:
    """The XForm of a workbook: Markdown, or a path."""
    converted = convert(workbook, validate=False, **_file_type(workbook))
    return str(converted.xform).encode()


def _file_type(workbook: str | Path) -> dict[str, Any]:
    return {} if isinstance(workbook, Path) else {"file_type": ".md"}


def workbook(survey: str, *, choices: str = "", settings: str = "") -> str:
    """A Markdown workbook of up to three tables: lines of cells, the headers first."""
    sheets = {"survey": survey, "choices": choices, "settings": settings}
    return "\n".join(_sheet(name, table) for name, table in sheets.items() if table)


def table(*rows: Mapping[str, str]) -> str:
    """A table for a sheet with many columns, given row by row."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def row(type_: str, name: str = "", **columns: str) -> dict[str, str]:
    """A row of a survey sheet; the label is the name unless one is given."""
    return {"type": type_, "name": name, "label": name} | columns


def _sheet(name: str, table: str) -> str:
    rows = (line.strip() for line in table.strip().splitlines())
    return "\n".join([f"| {name} |", *(f"| | {row} |" for row in rows)])


@cache
def questionnaire(survey: str, *, choices: str = "", settings: str = "") -> Questionnaire:
    """The definition of a Markdown workbook."""
    return xform.parse(xform_of(workbook(survey, choices=choices, settings=settings)))


def interview(
    definition: Questionnaire,
    answers: dict[str, Any] | None = None,
    *,
    language: str | None = None,
    now: datetime = MOMENT,
    random: Callable[[], float] = lambda: 0.5,
) -> Interview:
    """An interview at MOMENT, in the questionnaire's default language unless another is given."""
    language = language or definition.default_language
    return Interview(definition, answers, language=language, now=now, random=random)


def item(definition: Questionnaire, path: str) -> Item:
    """The item of a path."""
    return next(item for item in definition.walk() if item.path == path)


def plain(text: Text) -> dict[str, str]:
    """A text without outputs, by language."""
    return {code: "".join(map(str, wording)) for code, wording in text.wordings.items()}
