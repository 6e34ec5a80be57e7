"""The file of a workbook → its sheets: Excel old and new, CSV with sheets one below the other, Markdown.

Whatever the bytes are, the result is a workbook or a WorkbookError.
"""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO, StringIO
from pathlib import PurePath
from typing import Any

from pyxform.errors import PyXFormError  # type: ignore[import-untyped]  # it ships no types
from pyxform.xls2json_backends import (  # type: ignore[import-untyped]  # it ships no types
    xls_to_dict,
    xlsx_to_dict,
)

from surveyapp.questionnaires.problems import Problem, WorkbookError, of_the_file
from surveyapp.questionnaires.workbook import SHEETS, Sheet, Workbook
from surveyapp.questionnaires.workbook_characters import first_bad_character
from surveyapp.questionnaires.workbook_formulas import unsaved_formulas
from surveyapp.questionnaires.workbook_limits import decoded, refuse_file, refuse_size


def read_workbook(content: bytes, name: str) -> Workbook:
    """Read a workbook whose file is called `name`, with one of `SUFFIXES`. Raises WorkbookError."""
    workbook = open_workbook(content, name)
    if workbook.problems:
        raise WorkbookError(workbook.problems)
    return workbook


def open_workbook(content: bytes, name: str) -> Workbook:
    """Read a workbook whose single cells may be wrong. Raises WorkbookError if that is not possible."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in _READERS:
        raise _refusal("file_type", suffix=suffix)
    refuse_file(content, suffix)
    workbook = _reader(content, suffix)(content)
    refuse_size(workbook)
    workbook.problems += _bad_characters(workbook)
    return workbook


def _reader(content: bytes, suffix: str) -> Callable[[bytes], Workbook]:
    """The reader by the suffix; which of Excel's formats it is, by the first bytes."""
    marked = (read for mark, read in _MARKS.items() if content.startswith(mark))
    return next(marked, _READERS[suffix]) if suffix in _EXCEL else _READERS[suffix]


def _bad_characters(workbook: Workbook) -> Iterator[Problem]:
    for sheet in workbook.sheets.values():
        for number, row in sheet.numbered():
            for column, text in row.items():
                if found := first_bad_character(text):
                    yield workbook.problem(sheet.name, number, column, "bad_character", character=found)


def _refusal(code: str, **facts: Any) -> WorkbookError:
    return WorkbookError([of_the_file(code, **facts)])


# ---------------------------------------------------------------- Excel


def _read_xlsx(content: bytes) -> Workbook:
    workbook = _read_excel(content, xlsx_to_dict)
    workbook.problems += unsaved_formulas(content, workbook)
    return workbook


def _read_xls(content: bytes) -> Workbook:
    return _read_excel(content, xls_to_dict)


#: what pyxform says of two columns with the same header
_DOUBLE_HEADER = "Duplicate column header: "


def _read_excel(content: bytes, read: Callable[[BytesIO], Mapping[str, Any]]) -> Workbook:
    try:
        with warnings.catch_warnings():
            # what openpyxl leaves out of a file, drawings and the like, is nothing to the author
            warnings.simplefilter("ignore")
            found = read(BytesIO(content))
    except Exception as error:  # the readers raise whatever a damaged file leads them into
        raise _excel_refusal(error) from error
    sheets = {name: Sheet(name, *_excel_sheet(found, name)) for name in SHEETS if name in found}
    return Workbook(sheets, found["sheet_names"])


def _excel_refusal(error: Exception) -> WorkbookError:
    detail = str(error) if isinstance(error, PyXFormError) else type(error).__name__
    double = detail.removeprefix(_DOUBLE_HEADER)
    if double != detail:
        return _refusal("duplicate_header", header=double)
    return _refusal("encrypted" if "encrypted" in detail.lower() else "unreadable", detail=detail)


def _excel_sheet(found: Mapping[str, Any], name: str) -> tuple[list[str], list[dict[str, str]]]:
    header = found.get(f"{name}_header") or [{}]
    return list(header[0]), [dict(row) for row in found[name]]


# ---------------------------------------------------------------- tables as text


def _read_csv(content: bytes) -> Workbook:
    """As pyxform reads it: the first cell of a line names the sheet that begins there."""
    text = decoded(content)
    # where a comma stands in numbers, spreadsheets separate by semicolons
    # the first line may hold nothing but the sheet's name
    separator = _separator(next((line for line in text.split("\n") if set(line) & set(",;\t")), ""))
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise _refusal("unreadable", detail=str(error)) from error
    return _of_lines((line, cells) for line, cells in lines if any(cells))


def _separator(line: str) -> str:
    return "," if "," in line else ";" if ";" in line else "\t" if "\t" in line else ","


_TABLE_ROW = re.compile(r"^\s*\|(.*)\|")
_SEPARATOR = re.compile(r"^[\s|:-]*-[\s|:-]*$")
_CELL_BORDER = re.compile(r"(?<!\\)\|")


def _read_markdown(content: bytes) -> Workbook:
    """Markdown as pyxform reads it, and stricter: a cell beyond the header is a problem, not lost.

    `<br>` in a cell, Markdown's line break within a table, becomes a line break.
    """
    return _of_lines(_table_rows(decoded(content)))


def _of_lines(lines: Iterable[tuple[int, list[str]]]) -> Workbook:
    workbook, problems = Workbook({}, []), list[Problem]()
    sheet = Sheet("")
    for line, cells in lines:
        if cells[0]:
            sheet = Sheet(cells[0].lower())
            workbook.sheets[sheet.name] = sheet
            workbook.sheet_names.append(cells[0])
        _add_line(workbook, sheet, line, cells[1:], problems)
    if not workbook.sheets:
        raise _refusal("no_table")
    workbook.problems += problems
    return workbook


def _table_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    for line, content in enumerate(text.split("\n"), start=1):
        match = None if content.lstrip().startswith("#") else _TABLE_ROW.match(content)
        if match and not _SEPARATOR.match(match[1]):
            yield line, [_cell(cell) for cell in _CELL_BORDER.split(match[1])]


def _cell(text: str) -> str:
    return text.strip().replace("\\|", "|").replace("<br>", "\n")


def _add_line(
    workbook: Workbook, sheet: Sheet, line: int, cells: list[str], problems: list[Problem]
) -> None:
    if not any(cells):
        return
    if not sheet.columns:
        while not cells[-1]:  # a cell below an empty header at the end is one too many
            cells.pop()
        sheet.columns = cells
        return
    sheet.rows.append({c: v for c, v in zip(sheet.columns, cells, strict=False) if c and v})
    sheet.lines.append(line)
    if any(cells[len(sheet.columns) :]):
        row = len(sheet.rows) + 1
        problems.append(workbook.problem(sheet.name, row, None, "too_many_cells"))


_READERS: Mapping[str, Callable[[bytes], Workbook]] = {
    ".xlsx": _read_xlsx,
    ".xlsm": _read_xlsx,
    ".xls": _read_xls,
    ".csv": _read_csv,
    ".md": _read_markdown,
}
SUFFIXES = tuple(_READERS)
_EXCEL = frozenset({".xlsx", ".xlsm", ".xls"})
_MARKS: Mapping[bytes, Callable[[bytes], Workbook]] = {
    b"PK\x03\x04": _read_xlsx,
    b"\xd0\xcf\x11\xe0": _read_xls,
}
