"""The file of a workbook → its sheets: Excel old and new, CSV with sheets one below the other, Markdown.

Whatever the bytes are, the result is a workbook or a WorkbookError.
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO, StringIO
from pathlib import PurePath
from typing import Any

from pyxform.errors import PyXFormError  # type: ignore[import-untyped]  # it ships no types
from pyxform.xls2json_backends import (  # type: ignore[import-untyped]  # it ships no types
    xls_to_dict,
    xlsx_to_dict,
)

from surveyapp.questionnaires.workbook import SHEETS, Sheet, Workbook, WorkbookError, WorkbookProblem

MAX_BYTES = 20 * 1024 * 1024
#: what a packed workbook may hold unpacked
MAX_UNPACKED = 200 * 1024 * 1024
MAX_ROWS = 100_000


def read_workbook(content: bytes, name: str) -> Workbook:
    """Read a workbook whose file is called `name`, with one of `SUFFIXES`. Raises WorkbookError."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in _READERS:
        raise _refusal("file_type", suffix=suffix)
    if len(content) > MAX_BYTES:
        raise _refusal("workbook_large", limit=MAX_BYTES)
    workbook = _reader(content, suffix)(content)
    problems = [*_too_many_rows(workbook), *_bad_characters(workbook)]
    if problems:
        raise WorkbookError(problems)
    return workbook


def _reader(content: bytes, suffix: str) -> Callable[[bytes], Workbook]:
    """The reader by the suffix; which of Excel's formats it is, by the first bytes."""
    marked = (read for mark, read in _MARKS.items() if content.startswith(mark))
    return next(marked, _READERS[suffix]) if suffix in _EXCEL else _READERS[suffix]


def _too_many_rows(workbook: Workbook) -> Iterator[WorkbookProblem]:
    for sheet in workbook.sheets.values():
        if len(sheet.rows) > MAX_ROWS:
            yield workbook.problem(sheet.name, MAX_ROWS + 2, None, "too_many_rows", limit=MAX_ROWS)


#: What XML 1.0 cannot hold, escaped or not (its production 2, `Char`).
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _bad_characters(workbook: Workbook) -> Iterator[WorkbookProblem]:
    for sheet in workbook.sheets.values():
        for number, row in sheet.numbered():
            for column, text in row.items():
                found = _NOT_XML.search(text)
                if found:
                    shown = f"U+{ord(found[0]):04X}"
                    yield workbook.problem(sheet.name, number, column, "bad_character", character=shown)


def _refusal(code: str, **params: Any) -> WorkbookError:
    return WorkbookError([WorkbookProblem(None, None, None, code, params)])


# ---------------------------------------------------------------- Excel


def _read_xlsx(content: bytes) -> Workbook:
    _refuse_bomb(content)
    return _read_excel(content, xlsx_to_dict)


def _read_xls(content: bytes) -> Workbook:
    return _read_excel(content, xls_to_dict)


def _refuse_bomb(content: bytes) -> None:
    """Refuse what unpacks to far more than it is, and XML with a document type in it."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            if sum(part.file_size for part in package.infolist()) > MAX_UNPACKED:
                raise _refusal("workbook_large", limit=MAX_UNPACKED)
            if any(_has_doctype(package, part) for part in package.infolist()):
                raise _refusal("unreadable", detail="DOCTYPE")
    except WorkbookError:
        raise
    except Exception as error:  # zipfile raises whatever a damaged file leads it into
        raise _refusal("unreadable", detail=type(error).__name__) from error


def _has_doctype(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Whether a part that Excel reads as XML begins with a document type (it never does)."""
    if not part.filename.endswith((".xml", ".rels")):
        return False
    with package.open(part) as file:
        beginning = file.read(_BEGINNING)
    return b"<!DOCTYPE" in beginning.replace(b"\0", b"")


#: bytes at the beginning of an XML file in which a document type would stand, behind comments too
_BEGINNING = 64 * 1024


def _read_excel(content: bytes, read: Callable[[BytesIO], Mapping[str, Any]]) -> Workbook:
    try:
        found = read(BytesIO(content))
    except Exception as error:  # the readers raise whatever a damaged file leads them into
        detail = str(error) if isinstance(error, PyXFormError) else type(error).__name__
        raise _refusal("unreadable", detail=detail) from error
    sheets = {name: Sheet(name, *_excel_sheet(found, name)) for name in SHEETS if name in found}
    return Workbook(sheets, found["sheet_names"])


def _excel_sheet(found: Mapping[str, Any], name: str) -> tuple[list[str], list[dict[str, str]]]:
    header = found.get(f"{name}_header") or [{}]
    return list(header[0]), [dict(row) for row in found[name]]


# ---------------------------------------------------------------- tables as text


def _read_csv(content: bytes) -> Workbook:
    """As pyxform reads it: the first cell of a line names the sheet that begins there."""
    text = _text(content)
    # where a comma stands in numbers, spreadsheets separate by semicolons
    separator = ";" if ";" in (first := text.partition("\n")[0]) and "," not in first else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise _refusal("unreadable", detail=str(error)) from error
    return _of_lines((line, cells) for line, cells in lines if any(cells))


_TABLE_ROW = re.compile(r"^\s*\|(.*)\|")
_SEPARATOR = re.compile(r"^[\s|:-]*-[\s|:-]*$")
_CELL_BORDER = re.compile(r"(?<!\\)\|")


def _read_markdown(content: bytes) -> Workbook:
    """Markdown as pyxform reads it, and stricter: a cell beyond the header is a problem, not lost.

    `<br>` in a cell, Markdown's line break within a table, becomes a line break.
    """
    return _of_lines(_table_rows(_text(content)))


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal("unreadable", detail=str(error)) from error


def _of_lines(lines: Iterable[tuple[int, list[str]]]) -> Workbook:
    workbook, problems = Workbook({}, []), list[WorkbookProblem]()
    sheet = Sheet("")
    for line, cells in lines:
        if cells[0]:
            sheet = Sheet(cells[0].lower())
            workbook.sheets[sheet.name] = sheet
            workbook.sheet_names.append(cells[0])
        _add_line(workbook, sheet, line, cells[1:], problems)
    if not workbook.sheets:
        raise _refusal("unreadable", detail="no table")
    if problems:
        raise WorkbookError(problems)
    return workbook


def _table_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    for line, content in enumerate(text.split("\n"), start=1):
        match = None if content.lstrip().startswith("#") else _TABLE_ROW.match(content)
        if match and not _SEPARATOR.match(match[1]):
            yield line, [_cell(cell) for cell in _CELL_BORDER.split(match[1])]


def _cell(text: str) -> str:
    return text.strip().replace("\\|", "|").replace("<br>", "\n")


def _add_line(
    workbook: Workbook, sheet: Sheet, line: int, cells: list[str], problems: list[WorkbookProblem]
) -> None:
    if not any(cells):
        return
    if not sheet.columns:
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
