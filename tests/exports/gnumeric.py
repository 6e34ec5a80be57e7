"""Opens workbooks in Gnumeric and compares what it gives back; by hand, not by pytest.

    apt-get install --no-install-recommends gnumeric
    python -m tests.exports.gnumeric

Every sheet as it saves it as CSV, cells as they are stored: days and moments as numbers of days.
Without Gnumeric it says so, and ends well.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from tests.exports.opening import MARKS, Expected, compared, made
from tests.exports.test_round_trips import xlsx_cell

_TO_CSV = ["-S", "--export-type=Gnumeric_stf:stf_assistant", "-O", "separator=, format=raw"]
#: day 0 of a workbook; as days after February 1900 count
_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  # spreadsheets know no zones


def main() -> None:
    """Export, convert, compare, and say how many cells were alike."""
    program = shutil.which("ssconvert")
    if program is None:
        print("skipped: Gnumeric is not installed")
        return
    csv.field_size_limit(sys.maxsize)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for questionnaire, wanted in made(folder, "xlsx").items():
            print(f"{questionnaire}:", _read(program, folder / questionnaire / "xlsx", wanted))


def _read(program: str, folder: Path, wanted: Expected) -> str:
    command = [program, *_TO_CSV, str(folder / "submissions.xlsx"), str(folder / "sheet-%s.csv")]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    found = {}
    for table in wanted.tables:
        with (folder / f"sheet-{table[:31]}.csv").open(encoding="utf-8", newline="") as lines:
            found[table] = list(csv.DictReader(lines, strict=True))
    return compared(found, wanted, partial(_told, wanted))


def _told(wanted: Expected, value: Any, kind: str, column: str) -> Any:
    told = wanted.marked(value, column)
    cell = told if told in MARKS else xlsx_cell(told, kind)
    if isinstance(cell, datetime):
        return (cell - _ZERO).total_seconds() / 86400
    return "" if cell is None else cell


if __name__ == "__main__":
    main()
