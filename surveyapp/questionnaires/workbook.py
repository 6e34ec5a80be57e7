"""Reading a workbook: an XLSForm as sheets of rows, from Excel or Markdown.

Rows keep the numbers that an author sees, so that every problem says where it is.
"""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from pathlib import PurePath
from typing import Any

from pyxform.errors import PyXFormError  # type: ignore[import-untyped]  # it ships no types
from pyxform.xls2json_backends import (  # type: ignore[import-untyped]  # it ships no types
    xls_to_dict,
    xlsx_to_dict,
)

from surveyapp.questionnaires.languages import language_code
from surveyapp.questionnaires.problems import Problem, WorkbookError, of_the_file
from surveyapp.questionnaires.workbook_characters import first_bad_character
from surveyapp.questionnaires.workbook_limits import decoded, refuse_file, refuse_size

#: Sheets of an XLSForm; what stands in others is the author's own and is left alone.
SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")


@dataclass(slots=True)
class Sheet:
    """Rows as mappings from a column's header to a text, empty ones left out."""

    name: str
    columns: list[str] = field(default_factory=list)
    rows: list[dict[str, str]] = field(default_factory=list)
    #: line of each row in a Markdown file
    lines: list[int] = field(default_factory=list)

    def numbered(self) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows with their numbers; the header is row 1."""
        return enumerate(self.rows, start=2)

    def column(self, base: str) -> str:
        """The header of a column as the author wrote it; `base` itself if there is none."""
        return next((text for text in self.columns if Header.parse(text).base == base), base)

    def line(self, row: int | None) -> int | None:
        """The line of a row in a Markdown file; None elsewhere."""
        return self.lines[row - 2] if row and 2 <= row < len(self.lines) + 2 else None


#: Wordings that XLSForm does not know: bind attributes whose name ends in the language's code.
_OWN_WORDING = re.compile(r"(bind::survey:(?:title|warning|permission))_([A-Za-z-]+)$")


@dataclass(frozen=True, slots=True)
class Header:
    """A column's header: what it holds, and in which language (`label::Русский (ru)`)."""

    base: str
    language: str | None

    @classmethod
    def parse(cls, text: str) -> Header:
        """Split at `::`, or at `:` as old workbooks do."""
        tokens = [token.strip() for token in text.split("::" if "::" in text else ":")]
        base = "_".join(tokens.pop(0).split()).lower()
        if base in {"bind", "media"} and tokens:
            base = f"{base}::{tokens.pop(0)}"
        own = _OWN_WORDING.match(base)
        return cls(*own.groups()) if own else cls(base, tokens[0] if tokens else None)

    @property
    def language_code(self) -> str | None:
        """`ru` of `Русский (ru)`; the whole name where the author gave no code."""
        return language_code(self.language) if self.language else None


@dataclass(slots=True)
class Workbook:
    """The sheets of an XLSForm by lower-case name, and the names as the author wrote them."""

    sheets: dict[str, Sheet]
    sheet_names: list[str]
    #: what was wrong with single cells when it was read
    problems: list[Problem] = field(default_factory=list)

    def sheet(self, name: str) -> Sheet:
        """A sheet, empty if the workbook has none of that name."""
        return self.sheets.get(name) or Sheet(name)

    def setting(self, name: str) -> str:
        """A value of the settings sheet; `''` if it is not set."""
        settings = self.sheet("settings")
        return settings.rows[0].get(settings.column(name), "") if settings.rows else ""

    def problem(
        self, sheet: str | None, row: int | None, column: str | None, code: str, /, **facts: Any
    ) -> Problem:
        """A problem in this workbook, with its line in a Markdown file."""
        line = self.sheet(sheet).line(row) if sheet else None
        return Problem(sheet, row, column, code, facts, line)


def read_workbook(content: bytes, name: str) -> Workbook:
    """Read a workbook; its file's `name` ends in one of `SUFFIXES`. Raises WorkbookError."""
    workbook = open_workbook(content, name)
    if workbook.problems:
        raise WorkbookError(workbook.problems)
    return workbook


def open_workbook(content: bytes, name: str) -> Workbook:
    """Read a workbook whose single cells may be wrong. Raises WorkbookError if that is not possible."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in _READERS:
        raise WorkbookError([of_the_file("file_type", suffix=suffix)])
    refuse_file(content, suffix)
    workbook = _READERS[suffix](content)
    refuse_size(workbook)
    workbook.problems += _bad_characters(workbook)
    return workbook


def _bad_characters(workbook: Workbook) -> Iterator[Problem]:
    for sheet in workbook.sheets.values():
        for number, row in sheet.numbered():
            for column, text in row.items():
                if found := first_bad_character(text):
                    yield workbook.problem(sheet.name, number, column, "bad_character", character=found)


#: what pyxform says of two columns with the same header
_DOUBLE_HEADER = "Duplicate column header: "


def _read_xlsx(content: bytes) -> Workbook:
    return _read_excel(content, xlsx_to_dict)


def _read_xls(content: bytes) -> Workbook:
    return _read_excel(content, xls_to_dict)


def _read_excel(content: bytes, read: Callable[[BytesIO], Mapping[str, Any]]) -> Workbook:
    try:
        with warnings.catch_warnings():
            # what openpyxl leaves out of a file, drawings and the like, is nothing to the author
            warnings.simplefilter("ignore")
            found = read(BytesIO(content))
    except Exception as error:  # openpyxl raises whatever a damaged file leads it into
        raise _refusal(error) from error
    sheets = {name: Sheet(name, *_excel_sheet(found, name)) for name in SHEETS if name in found}
    return Workbook(sheets, found["sheet_names"])


def _excel_sheet(found: Mapping[str, Any], name: str) -> tuple[list[str], list[dict[str, str]]]:
    header = found.get(f"{name}_header") or [{}]
    return list(header[0]), [dict(row) for row in found[name]]


def _refusal(error: Exception) -> WorkbookError:
    detail = str(error) if isinstance(error, PyXFormError) else type(error).__name__
    double = detail.removeprefix(_DOUBLE_HEADER)
    if double != detail:
        return WorkbookError([of_the_file("duplicate_header", header=double)])
    return _unreadable(detail)


def _unreadable(detail: str) -> WorkbookError:
    return WorkbookError([of_the_file("unreadable", detail=detail)])


def _read_csv(content: bytes) -> Workbook:
    """Sheets one below the other, as pyxform has it: the first cell of a line names the sheet."""
    text = decoded(content)
    # where a comma stands in numbers, spreadsheets separate by semicolons
    separator = ";" if ";" in (first := text.partition("\n")[0]) and "," not in first else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise _unreadable(str(error)) from error
    return _of_lines((line, cells) for line, cells in lines if any(cells))


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
        raise _unreadable("no table")
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
#: what the name of a workbook's file ends in
SUFFIXES = tuple(_READERS)
