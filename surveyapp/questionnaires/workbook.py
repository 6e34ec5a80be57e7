"""Reading a workbook: an XLSForm as sheets of rows, from Excel or Markdown.

Rows keep the numbers that an author sees, so that every problem says where it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePath
from typing import Any

from pyxform.errors import PyXFormError  # type: ignore[import-untyped]  # it ships no types
from pyxform.xls2json_backends import xlsx_to_dict  # type: ignore[import-untyped]  # no types

from surveyapp.questionnaires.languages import language_code

#: Sheets of an XLSForm; what stands in others is the author's own and is left alone.
SHEETS = ("survey", "choices", "settings", "external_choices", "entities", "osm")


@dataclass(frozen=True, slots=True)
class WorkbookProblem:
    """One thing wrong with a workbook: where, and a code with what fills its message.

    `row` counts as a spreadsheet does (1 is the header); `line` is the line of a Markdown file.
    The codes and their wording are in `surveyapp.catalogue.problems`.
    """

    sheet: str | None
    row: int | None
    column: str | None
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None

    def __str__(self) -> str:
        places = {"sheet": self.sheet, "row": self.row, "line": self.line, "column": self.column}
        where = ", ".join(f"{word} {place}" for word, place in places.items() if place is not None)
        what = ", ".join(f"{name}={value}" for name, value in self.params.items())
        return f"{where or 'workbook'}: {self.code}" + (f" ({what})" if what else "")


class WorkbookError(ValueError):
    """A workbook that cannot be used; `problems` says why and holds at least one."""

    def __init__(self, problems: Iterable[WorkbookProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


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

    def sheet(self, name: str) -> Sheet:
        """A sheet, empty if the workbook has none of that name."""
        return self.sheets.get(name) or Sheet(name)

    def setting(self, name: str) -> str:
        """A value of the settings sheet; `''` if it is not set."""
        settings = self.sheet("settings")
        return settings.rows[0].get(settings.column(name), "") if settings.rows else ""

    def problem(
        self, sheet: str | None, row: int | None, column: str | None, code: str, /, **params: Any
    ) -> WorkbookProblem:
        """A problem in this workbook, with its line in a Markdown file."""
        line = self.sheet(sheet).line(row) if sheet else None
        return WorkbookProblem(sheet, row, column, code, params, line)


def read_workbook(content: bytes, name: str) -> Workbook:
    """Read a workbook; its file's `name` ends in `.xlsx` or `.md`. Raises WorkbookError."""
    suffix = PurePath(name).suffix.lower()
    if suffix not in _READERS:
        raise WorkbookError([WorkbookProblem(None, None, None, "file_type", {"suffix": suffix})])
    workbook = _READERS[suffix](content)
    problems = list(_bad_characters(workbook))
    if problems:
        raise WorkbookError(problems)
    return workbook


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


def _read_excel(content: bytes) -> Workbook:
    try:
        found = xlsx_to_dict(BytesIO(content))
    except Exception as error:  # openpyxl raises whatever a damaged file leads it into
        detail = str(error) if isinstance(error, PyXFormError) else type(error).__name__
        raise _unreadable(detail) from error
    sheets = {name: Sheet(name, *_excel_sheet(found, name)) for name in SHEETS if name in found}
    return Workbook(sheets, found["sheet_names"])


def _excel_sheet(found: Mapping[str, Any], name: str) -> tuple[list[str], list[dict[str, str]]]:
    header = found.get(f"{name}_header") or [{}]
    return list(header[0]), [dict(row) for row in found[name]]


def _unreadable(detail: str) -> WorkbookError:
    return WorkbookError([WorkbookProblem(None, None, None, "unreadable", {"detail": detail})])


_TABLE_ROW = re.compile(r"^\s*\|(.*)\|")
_SEPARATOR = re.compile(r"^[\s|:-]*-[\s|:-]*$")
_CELL_BORDER = re.compile(r"(?<!\\)\|")


def _read_markdown(content: bytes) -> Workbook:
    """Markdown as pyxform reads it, and stricter: a cell beyond the header is a problem, not lost.

    `<br>` in a cell, Markdown's line break within a table, becomes a line break.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(str(error)) from error
    workbook, problems = Workbook({}, []), list[WorkbookProblem]()
    sheet = Sheet("")
    for line, cells in _table_rows(text):
        if cells[0]:
            sheet = Sheet(cells[0].lower())
            workbook.sheets[sheet.name] = sheet
            workbook.sheet_names.append(cells[0])
        _add_markdown_row(workbook, sheet, line, cells[1:], problems)
    if not workbook.sheets:
        raise _unreadable("no table")
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


def _add_markdown_row(
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


_READERS = {".xlsx": _read_excel, ".md": _read_markdown}
