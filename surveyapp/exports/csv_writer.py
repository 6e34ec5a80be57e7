"""Tables as CSV: RFC 4180 (comma, CRLF, doubled quotes) in UTF-8, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from types import NoneType
from typing import Any

from surveyapp.exports.cells import Cell
from surveyapp.exports.plan import Table
from surveyapp.exports.records import Record
from surveyapp.exports.request import CsvOptions

BYTE_ORDER_MARK = "\ufeff"
#: a spreadsheet may take what begins so for a formula (OWASP, “CSV injection”; full-width signs too)
SIGNS = frozenset("=+-@\t\r\n＝＋－＠")
#: a code such as `-99` is no formula, and must stay a number for who reckons with it
_HARMLESS = re.compile(r"-[0-9]+(\.[0-9]+)?")


def guarded(text: str) -> str:
    """A text that no spreadsheet will run: an apostrophe goes before what looks like a formula."""
    if text[:1] in SIGNS and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text


class CsvLines:
    """Turns rows of cells into lines of CSV; 0 and 1 for no and yes, times to the second."""

    def __init__(self, options: CsvOptions) -> None:
        self._buffer = io.StringIO(newline="")
        self._writer = csv.writer(self._buffer, delimiter=options.separator, lineterminator="\r\n")
        self._mark = BYTE_ORDER_MARK if options.byte_order_mark else ""
        #: what the csv module writes as we would
        self._plain = {int, NoneType} if options.decimal_comma else {int, NoneType, float}
        self._texts: Mapping[type, Callable[[Any], str]] = {
            bool: lambda cell: str(int(cell)),
            float: _with_comma if options.decimal_comma else repr,
            date: date.isoformat,
            datetime: lambda cell: cell.isoformat(timespec="seconds"),
        }

    def header(self, names: Sequence[str]) -> bytes:
        """The one line of names, after the byte order mark if one is wanted."""
        self._buffer.write(self._mark)
        return self.lines([names])

    def lines(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Lines for some rows."""
        texts, plain, signs = self._texts, self._plain, SIGNS
        self._writer.writerows(
            # one line for each cell that needs nothing done: there are a hundred in a row
            [
                cell
                if (kind := type(cell)) in plain
                else (cell if cell[:1] not in signs else guarded(cell))  # type: ignore[index,arg-type]  # a str
                if kind is str
                else texts[kind](cell)
                for cell in row
            ]
            for row in rows
        )
        written = self._buffer.getvalue().encode()
        self._buffer.seek(0)
        self._buffer.truncate()
        return written


def _with_comma(number: float) -> str:
    return repr(number).replace(".", ",")


class CsvFile:
    """One table as a CSV file."""

    def __init__(self, table: Table, options: CsvOptions) -> None:
        self.name = f"{table.name}.csv"
        self.rows = 0
        self._table = table
        self._lines = CsvLines(options)

    def begin(self) -> bytes:
        """The header."""
        return self._lines.header([column.name for column in self._table.columns])

    def add(self, record: Record) -> bytes:
        """The rows of one submission."""
        rows = self._table.rows(record)
        self.rows += len(rows)
        return self._lines.lines(rows)
