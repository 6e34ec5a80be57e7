"""Rows a second of CPU: our sheets and XlsxWriter's, over rows that are ready; by hand (`pip install xlsxwriter`).

    python -m tests.performance.xlsx_writers

A hundred columns as an export has them. XlsxWriter is told every cell's type, so that it guesses nothing.
"""

from __future__ import annotations

import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from surveyapp.exports.archive import COMPRESSION
from surveyapp.exports.cells import Cell
from surveyapp.exports.xlsx_cells import cell_xml
from surveyapp.exports.xlsx_sheets import Sheet

ROWS, ROUNDS, ANSWERS = 5000, 3, 84
NAME = "submissions"
_MOMENT = datetime(2026, 9, 1, 13, 3, 7)  # noqa: DTZ001  # a cell knows no zone


def main() -> None:
    """Measure each writer, the same rows each time."""
    rows = [_row(number) for number in range(ROWS)]
    writers: dict[str, Callable[[Path, Sequence[list[Cell]]], None]] = {"ours": ours}
    if find_spec("xlsxwriter") is None:
        print("XlsxWriter skipped: it is not installed")
    else:
        writers |= {"XlsxWriter, constant_memory": constant_memory, "XlsxWriter": in_memory}
    with tempfile.TemporaryDirectory() as folder:
        for name, write in writers.items():
            best = min(_seconds(write, Path(folder, "some.xlsx"), rows) for _round in range(ROUNDS))
            print(f"{name}: {ROWS / best:,.0f} rows/s of one core")


def _row(number: int) -> list[Cell]:
    facts: list[Cell] = [f"id-{number}", 1, "household", "2026.1", "kk", "field", None, "stored"]
    facts += ["", "", 0, date(2026, 9, 1), _MOMENT, _MOMENT, _MOMENT, 0]
    answers: list[Cell] = ["yes", number % 7, 43.25 + number / 1e5, "1", None, "жауап мәтіні"]
    return facts + [answers[place % len(answers)] for place in range(ANSWERS)]


def _seconds(
    write: Callable[[Path, Sequence[list[Cell]]], None], file: Path, rows: Sequence[list[Cell]]
) -> float:
    begun = time.process_time()
    write(file, rows)
    return time.process_time() - begun


def ours(file: Path, rows: Sequence[list[Cell]]) -> None:
    """The sheet alone, as `XlsxFile` writes it."""
    sheet = Sheet(NAME, [f"column_{place}" for place in range(len(rows[0]))], None)
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w") as member,
    ):
        member.write(sheet.head.encode())
        for start in range(0, len(rows), 50):
            told = (sheet.row([cell_xml(cell) for cell in row]) for row in rows[start : start + 50])
            member.write("".join(told).encode())


def constant_memory(file: Path, rows: Sequence[list[Cell]]) -> None:
    """XlsxWriter as bounded memory wants it."""
    _by_xlsxwriter(file, rows, constant_memory=True)


def in_memory(file: Path, rows: Sequence[list[Cell]]) -> None:
    """XlsxWriter with all rows in memory."""
    _by_xlsxwriter(file, rows, constant_memory=False)


def _by_xlsxwriter(file: Path, rows: Sequence[list[Cell]], *, constant_memory: bool) -> None:
    workbook = import_module("xlsxwriter").Workbook(str(file), {"constant_memory": constant_memory})
    day = workbook.add_format({"num_format": "yyyy-mm-dd"})
    moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = workbook.add_worksheet(NAME)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell)
            elif isinstance(cell, datetime):
                sheet.write_datetime(row, column, cell, moment)
            elif isinstance(cell, date):
                sheet.write_datetime(row, column, cell, day)
            elif cell is not None:
                sheet.write_number(row, column, cell)
    workbook.close()


if __name__ == "__main__":
    main()
