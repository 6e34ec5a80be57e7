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
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
#: a code such as `-99` is no formula, and must stay a number for who reckons with it
_HARMLESS = re.compile(r"-[0-9]+(\.[0-9]+)?")


def guarded(text: str) -> str:
    """A text that no spreadsheet will run: an apostrophe goes before what looks like a formula."""
    if _FORMULA.match(text) and not _HARMLESS.fullmatch(text):
        return f"'{text}"
    return text


class CsvLines:
    """Turns rows of cells into lines of CSV; 0 and 1 for no and yes, times to the second."""

    def __init__(self, options: CsvOptions) -> None:
        self._buffer = io.StringIO(newline="")
        self._writer = csv.writer(self._buffer, delimiter=options.separator, lineterminator="\r\n")
        self._mark = BYTE_ORDER_MARK if options.byte_order_mark else ""
        self._texts: Mapping[type, Callable[[Any], str]] = {
            NoneType: lambda _: "",
            str: guarded,
            int: str,
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
        texts = self._texts
        for row in rows:
            self._writer.writerow([texts[type(cell)](cell) for cell in row])
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
        rows = list(self._table.rows(record))
        self.rows += len(rows)
        return self._lines.lines(rows)

    def end(self) -> bytes:
        """Nothing: the last row is the end."""
        return b""
