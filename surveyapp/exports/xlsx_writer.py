"""Tables as one Excel workbook, written while it is read: a sheet for each table, the first one at once.

The other tables' sheets wait in sealed spools. A table with more rows or columns than a sheet holds goes
on in another one (`name~2`); with too many columns its first column, the row's id, stands there again.
Own code, because the kept library that writes in bounded memory gives a quarter of the speed
(docs/decisions/0036).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import IO, Final

from surveyapp.exports.archive import COMPRESSION, Flow
from surveyapp.exports.cells import Cell
from surveyapp.exports.plan import Plan
from surveyapp.exports.records import Record
from surveyapp.exports.spool import SealedSpool
from surveyapp.exports.tables import SUBMISSIONS, Rows, Table
from surveyapp.exports.xlsx_cells import MOST_TEXT, cell_xml, too_long
from surveyapp.exports.xlsx_parts import SHEET_END, parts, sheet_path
from surveyapp.exports.xlsx_sheets import MOST_COLUMNS, Sheet, SheetNames

#: the sheet that says which texts were cut; only there when one was
CUT_SHEET: Final = "cut texts"
_CUT_TITLES: Final = ("sheet", "id", "column")
#: how many cells that were cut are named; and characters that wait to be compressed
_NAMED_CUTS: Final = 10_000
_AT_ONCE: Final = 65_536


class XlsxFile:
    """A workbook as a file of an export; without what `end` gives it is none."""

    def __init__(self, plan: Plan) -> None:
        self.name = f"{SUBMISSIONS}.xlsx"
        #: submissions; the sheets of rosters have their own
        self.rows = 0
        self._flow = Flow()
        self._zip = zipfile.ZipFile(self._flow, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION)
        self._names = SheetNames()
        self._spools = ExitStack()
        self._blocks = [
            _Block(table, rows, columns)
            for table, rows in (
                (each, Rows(each, [cell_xml] * len(each.columns))) for each in plan.tables
            )
            for columns in _parted(len(table.columns))
        ]
        self._out: IO[bytes] | None = None
        self._pending: list[str] = []
        self._pending_size = 0
        self._written: list[str] = []
        self._cuts: list[list[Cell]] = []

    def begin(self) -> bytes:
        """The headers of all sheets; that of the first one goes out."""
        for block in self._blocks:
            self._next_sheet(block)
        return self._flushed()

    def add(self, record: Record) -> bytes:
        """The rows of one submission: what of the archive is ready by now, perhaps nothing."""
        self.rows += 1
        table, rows = None, list[list[str | None]]()
        for block in self._blocks:
            if block.table is not table:
                table, rows = block.table, block.rows.of(record)
            for place, row in enumerate(rows):
                sheet, size = self._add_row(block, row)
                if size > MOST_TEXT // 2:  # else none of its texts can be too long
                    self._note_cuts(sheet, block, block.table.rows(record)[place])
        return self._flushed() if self._pending_size > _AT_ONCE else b""

    def end(self) -> Iterator[bytes]:
        """The rest of the first sheet, the others, and what makes a workbook of them."""
        with self._spools:
            self._put(SHEET_END)
            yield self._flushed()
            self._close()
            for block in self._blocks:
                for sheet in block.sheets:
                    if sheet.spool is not None:
                        sheet.spool.write(SHEET_END.encode() if sheet is block.sheets[-1] else b"")
                        yield from self._whole(sheet.name, sheet.spool.chunks())
            yield from self._told_cuts()
            for path, content in parts(self._written).items():
                self._zip.writestr(path, content)
            self._zip.close()
            yield from self._flow.drained()

    def _add_row(self, block: _Block, row: list[str | None]) -> tuple[Sheet, int]:
        """The sheet that a row went to, and its characters there."""
        sheet = block.sheets[-1]
        if sheet.is_full:
            self._end_sheet(sheet)
            sheet = self._next_sheet(block)
        xml = sheet.row(row if block.is_whole else [row[place] for place in block.columns])
        self._write(sheet, xml)
        return sheet, len(xml)

    def _write(self, sheet: Sheet, xml: str) -> None:
        if sheet.spool is None:
            self._put(xml)
        else:
            sheet.spool.write(xml.encode())

    def _end_sheet(self, sheet: Sheet) -> None:
        self._write(sheet, SHEET_END)
        if sheet.spool is None:
            self._flush()
            self._close()

    def _next_sheet(self, block: _Block) -> Sheet:
        """Begin a sheet; those of the first block go out at once."""
        at_once = block is self._blocks[0]
        spool = None if at_once else self._spools.enter_context(SealedSpool())
        sheet = Sheet(self._names.name(block.table.name), block.titles, spool)
        block.sheets.append(sheet)
        if at_once:
            self._out = self._open(sheet.name)
        self._write(sheet, sheet.head)
        return sheet

    def _open(self, name: str) -> IO[bytes]:
        self._written.append(name)
        return self._zip.open(sheet_path(len(self._written)), "w")

    def _put(self, xml: str) -> None:
        self._pending.append(xml)
        self._pending_size += len(xml)

    def _flush(self) -> None:
        if self._out is not None:
            self._out.write("".join(self._pending).encode())
        self._pending.clear()
        self._pending_size = 0

    def _flushed(self) -> bytes:
        self._flush()
        return b"".join(self._flow.drained())

    def _close(self) -> None:
        if self._out is not None:
            self._out.close()
        self._out = None

    def _whole(self, name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        with self._open(name) as member:
            for chunk in chunks:
                member.write(chunk)
                yield from self._flow.drained()
        yield from self._flow.drained()

    def _note_cuts(self, sheet: Sheet, block: _Block, row: Sequence[Cell]) -> None:
        cells = [row[place] for place in block.columns]
        self._cuts += [
            [sheet.name, cells[0], title]
            for title, cell in zip(block.titles, cells, strict=True)
            if isinstance(cell, str) and too_long(cell) and len(self._cuts) < _NAMED_CUTS
        ]

    def _told_cuts(self) -> Iterator[bytes]:
        if self._cuts:
            sheet = Sheet(self._names.name(CUT_SHEET), _CUT_TITLES, None)
            xml = "".join(
                [sheet.head, *(sheet.row(list(map(cell_xml, row))) for row in self._cuts), SHEET_END]
            )
            yield from self._whole(sheet.name, [xml.encode()])


def _told(table: Table) -> Rows[str | None]:
    return Rows(table, [cell_xml] * len(table.columns))


class _Block:
    """Columns of a table that fit side by side into a sheet, and the sheets they have so far."""

    def __init__(self, table: Table, rows: Rows[str | None], columns: Sequence[int]) -> None:
        self.table = table
        self.rows = rows
        self.columns = columns
        self.is_whole = len(columns) == len(table.columns)
        self.titles = [table.columns[place].name for place in columns]
        self.sheets: list[Sheet] = []


def _parted(columns: int) -> Iterator[Sequence[int]]:
    """All columns, or as many as fit, and the others in portions after the first column."""
    yield range(min(columns, MOST_COLUMNS))
    for start in range(MOST_COLUMNS, columns, MOST_COLUMNS - 1):
        yield [0, *range(start, min(start + MOST_COLUMNS - 1, columns))]
