"""Formulas of an Excel file whose values were never saved, as programs write them.

Read as a workbook is, their cells are empty, and a condition would be lost without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

from openpyxl import load_workbook

from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.workbook import Workbook

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
#: a formula, and no value of it in the same cell
_UNSAVED = re.compile(rb"<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")


def unsaved_formulas(content: bytes, workbook: Workbook) -> Iterator[Problem]:
    """A problem for each cell of the workbook's sheets that is empty for that reason."""
    if not _has_any(content):
        return
    with_formulas = load_workbook(BytesIO(content), read_only=True, data_only=False)
    for title in with_formulas.sheetnames:
        name = title.strip().lower()
        if name in workbook.sheets:
            yield from _of_sheet(workbook, name, with_formulas[title].iter_rows(values_only=True))


def _has_any(content: bytes) -> bool:
    with ZipFile(BytesIO(content)) as package:
        parts = [name for name in package.namelist() if _SHEET.fullmatch(name)]
        return any(_UNSAVED.search(package.read(part)) for part in parts)


def _of_sheet(workbook: Workbook, name: str, rows: Iterator[tuple[object, ...]]) -> Iterator[Problem]:
    sheet = workbook.sheet(name)
    header = [str(each).strip() if each is not None else "" for each in next(rows, ())]
    for (number, cells), row in zip(sheet.numbered(), rows, strict=False):
        for column, value in zip(header, row, strict=False):
            is_formula = isinstance(value, str) and value.startswith("=")
            if is_formula and column in sheet.columns and column not in cells:
                facts = {"formula": str(value)[:80]}
                yield workbook.problem(name, number, column, "formula_unsaved", **facts)
