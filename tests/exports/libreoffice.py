"""Opens odd exports in LibreOffice and compares what it gives back; by hand, not by pytest.

    apt-get install --no-install-recommends libreoffice-calc
    python -m tests.exports.libreoffice

A workbook, and a CSV file as a Russian Excel expects it (`;`, decimal comma, byte order mark), of the odd
questionnaire of `odd` are converted headless to CSV and compared with the stored answers, cell by cell.
Without LibreOffice it says so, and ends well. (The continuous check does not install it: half a gigabyte.)
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.exports.request import CsvOptions
from surveyapp.extensions import db
from surveyapp.migrating import upgrade_database
from surveyapp.submissions.models import Submission
from tests.exports import odd
from tests.exports.test_round_trips import csv_cell, local, xlsx_cell

#: CSV by commas, in UTF-8, every sheet a file, cells as they are stored and not as they look
TO_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
#: how a Russian CSV is read: by `;`, in UTF-8, in Russian, numbers and days recognised
FROM_RUSSIAN = "--infilter=Text - txt - csv (StarCalc):59,34,76,1,,1049,false,true"


def main() -> None:
    """Convert, compare, and say how many cells were alike."""
    program = shutil.which("soffice")
    if program is None:
        print("skipped: LibreOffice is not installed")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = _exported(folder)
        _convert(program, folder, folder / "odd.xlsx")
        print("xlsx:", _compared(_tables(folder / "out", "odd-{}.csv"), wanted, _from_xlsx))
        _convert(program, folder, folder / "russian.csv", FROM_RUSSIAN)
        found = {"submissions": _rows(next((folder / "out").glob("russian*.csv")))}
        print("csv:", _compared(found, wanted, _from_russian))


def _exported(folder: Path) -> dict[str, list[dict[str, Any]]]:
    settings = {"INSTANCE_PATH": str(folder / "instance"), "DEMONSTRATION": "yes"}
    with create_app(Settings.from_environment(settings)).app_context():
        upgrade_database()
        odd.publish("1", "2", "3")
        odd.store()
        (folder / "odd.xlsx").write_bytes(odd.exported(format="xlsx"))
        russian = CsvOptions(separator=";", decimal_comma=True, byte_order_mark=True)
        (folder / "russian.csv").write_bytes(odd.exported(csv=russian))
        query = select(Submission.id, Submission.version, Submission.answers)
        rows = db.session.execute(query.order_by(Submission.serial)).all()
        return odd.expected([(row.id, row.version, row.answers) for row in rows])


def _convert(program: str, folder: Path, file: Path, *options: str) -> None:
    home = f"-env:UserInstallation=file://{folder}/home"
    command = [
        program,
        home,
        *options,
        "--headless",
        "--convert-to",
        TO_CSV,
        "--outdir",
        str(folder / "out"),
    ]
    subprocess.run([*command, str(file)], check=True, capture_output=True, timeout=300)


def _tables(folder: Path, pattern: str) -> dict[str, list[dict[str, str]]]:
    sheets = {
        "submissions": "submissions",
        odd.ROSTER: odd.ROSTER[:31],
        "room": "room",
        "thing": "thing",
    }
    return {table: _rows(folder / pattern.format(sheet)) for table, sheet in sheets.items()}


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def _compared(
    found: Mapping[str, Sequence[Mapping[str, str]]], wanted: Mapping[str, Any], told: Any
) -> str:
    """How many cells are alike; the others by column: read, stored."""
    alike, others, seen = 0, Counter[str](), dict[str, list[tuple[str, str]]]()
    for table, rows in found.items():
        assert len(rows) == len(wanted[table]), table
        for read, row in zip(rows, wanted[table], strict=True):
            for column, value in row.items():
                kind = (
                    "text" if column in {"id", "parent_id", "position"} else odd.kind_of(column, table)
                )
                if _is_same(read[column], told(value, kind)):
                    alike += 1
                else:
                    others[f"{table}.{column}"] += 1
                    pair = (read[column][:40], str(told(value, kind))[:40])
                    seen.setdefault(f"{table}.{column}", []).append(pair)
    details = "".join(f"\n  {name}: {number}: {seen[name]}" for name, number in others.items())
    return f"{alike} cells alike, {sum(others.values())} others{details}"


def _is_same(read: str, wanted: Any) -> bool:
    if isinstance(wanted, bool | int | float):
        try:
            return abs(float(read) - wanted) <= 1e-14 * abs(wanted)  # it shows 15 digits
        except ValueError:
            return False
    return bool(read == wanted)


def _from_xlsx(value: Any, kind: str) -> Any:
    cell = xlsx_cell(value, kind)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if kind == "moment" else cell.date().isoformat()
    # lines of a cell are parted by one sign there
    return "" if cell is None else cell.replace("\r\n", "\n") if isinstance(cell, str) else cell


def _from_russian(value: Any, kind: str) -> Any:
    if isinstance(value, date) and kind == "day":
        return value.isoformat()
    if isinstance(value, datetime):
        offset = "+05:07:48" if value.year < 1900 else "+06:00" if value.year == 2024 else "+05:00"
        return f"{local(value).replace(microsecond=0).isoformat()}{offset}"
    return value if isinstance(value, int | float) else csv_cell(value, kind)


if __name__ == "__main__":
    main()
