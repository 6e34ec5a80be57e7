"""Tables as CSV: RFC 4180 (comma, CRLF, doubled quotes) in UTF-8, safe to open in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from types import NoneType
from typing import Any

from surveyapp.exports.cells import Cell
from surveyapp.exports.records import Record
from surveyapp.exports.request import CsvOptions
from surveyapp.exports.tables import Rows, Table

BYTE_ORDER_MARK = "\ufeff"
END = "\r\n"
#: the only field of a line
EMPTY = '""'
#: a spreadsheet may take what begins so for a formula (OWASP, “CSV injection”; full-width signs too)
SIGNS = frozenset("=+-@\t\r\n＝＋－＠")
#: a code such as `-99` is no formula, and must stay a number for who reckons with it
_HARMLESS = re.compile(r"-[0-9]+(\.[0-9]+)?")


def guarded(text: str) -> str:
    """A text that no spreadsheet will run: an apostrophe goes before what looks like a formula."""
    if text[:1] in SIGNS and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text


class CsvFields:
    """Turns a cell into the text of a field; 0 and 1 for no and yes, times to the second."""

    def __init__(self, options: CsvOptions) -> None:
        self._separator = options.separator
        self._texts: Mapping[type, Callable[[Any], str]] = {
            NoneType: lambda _cell: "",
            int: str,
            bool: lambda cell: str(int(cell)),
            float: self._with_comma if options.decimal_comma else repr,
            date: date.isoformat,
            datetime: lambda cell: cell.isoformat(timespec="seconds"),
        }

    def field(self, cell: Cell) -> str:
        """A cell as it stands in a line."""
        kind = type(cell)
        return self._quoted(guarded(cell)) if kind is str else self._texts[kind](cell)  # type: ignore[arg-type]

    def _with_comma(self, number: float) -> str:
        return self._quoted(repr(number).replace(".", ","))

    def _quoted(self, text: str) -> str:
        if self._separator in text or '"' in text or "\n" in text or "\r" in text:
            doubled = text.replace('"', '""')
            return f'"{doubled}"'
        return text


class CsvLines:
    """Turns rows of cells into lines of CSV."""

    def __init__(self, options: CsvOptions) -> None:
        self._separator = options.separator
        self._mark = BYTE_ORDER_MARK if options.byte_order_mark else ""
        self.field = CsvFields(options).field

    def header(self, names: Sequence[str]) -> bytes:
        """The one line of names, after the byte order mark if one is wanted."""
        return self._mark.encode() + self.lines([names])

    def lines(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Lines for some rows."""
        return self.joined([self.field(cell) for cell in row] for row in rows)

    def joined(self, rows: Iterable[Sequence[str]]) -> bytes:
        """The same of fields that are ready."""
        separator = self._separator
        # a line with nothing in it would be no line at all
        return "".join([(separator.join(row) or EMPTY) + END for row in rows]).encode()


class CsvFile:
    """One table as a CSV file."""

    def __init__(self, table: Table, options: CsvOptions) -> None:
        self.name = f"{table.name}.csv"
        self.rows = 0
        self._names = [column.name for column in table.columns]
        self._lines = CsvLines(options)
        self._rows = Rows(table, [self._lines.field] * len(table.columns))

    def begin(self) -> bytes:
        """The header."""
        return self._lines.header(self._names)

    def add(self, record: Record) -> bytes:
        """The rows of one submission."""
        rows = self._rows.of(record)
        self.rows += len(rows)
        return self._lines.joined(rows)
