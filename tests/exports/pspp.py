"""Opens SPSS files in PSPP and compares what it gives back; by hand, not by pytest.

    apt-get install --no-install-recommends pspp
    python -m tests.exports.pspp

Cells as it saves them as CSV, and its dictionary: labels of variables and values, declared missing ones.
Without PSPP it says so, and ends well. Its CSV tells moments to the second, and both
signs of a line break within a text as one.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from surveyapp.exports.stat_writer import DIALECTS
from tests.exports.opening import Expected, Names, StatCells, compared, made, number

_SYNTAX = """GET FILE='{0}.sav'.
DISPLAY DICTIONARY.
SAVE TRANSLATE /OUTFILE='{0}.csv' /TYPE=CSV /FIELDNAMES /CELLS=VALUES /TEXTOPTIONS DELIMITER=','.
"""

#: choices that are no answer in the odd questionnaire; how the dictionary marks a declared missing value
_NONE, _MISSING = {"-99", "dk"}, "[a]"


def main() -> None:
    """Export, read, compare, and say how many cells and labels were alike."""
    program = shutil.which("pspp")
    if program is None:
        print("skipped: PSPP is not installed")
        return
    csv.field_size_limit(sys.maxsize)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for questionnaire, wanted in made(folder, "sav").items():
            print(f"{questionnaire}:", _read(program, folder / questionnaire / "sav", wanted))


def _read(program: str, folder: Path, wanted: Expected) -> str:
    names = Names.of(folder)
    found, words = {}, []
    for table in wanted.tables:
        syntax = folder / "read.sps"
        syntax.write_text(_SYNTAX.format(folder / table), encoding="utf-8")
        command = [program, "-O", "format=csv", str(syntax)]
        told = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert told.returncode == 0, told
        words += [line for line in f"{told.stdout}{told.stderr}".splitlines() if "warning" in line]
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
            found[table] = names.renamed(table, [_plain(row) for row in csv.DictReader(lines)])
        words += _described(list(csv.reader(told.stdout.splitlines())), table, wanted, names)
    cells = compared(found, wanted, StatCells("sav", names, wanted, _day, _moment))
    return f"{cells}; {'; '.join(words) or 'all labels alike'}"


def _plain(row: dict[str, str]) -> dict[str, str | None]:
    """A number that is missing is one space."""
    return {name: None if cell == " " else cell for name, cell in row.items()}


def _day(value: date, _has_labels: bool) -> str:
    return value.strftime("%m/%d/%Y")


def _moment(value: datetime) -> str:
    return value.strftime("%m/%d/%Y %H:%M:%S")


def _described(lines: Sequence[Sequence[str]], table: str, wanted: Expected, names: Names) -> list[str]:
    """What is other than the definition has it, in the two tables of `DISPLAY DICTIONARY`."""
    variables = {line[0]: line[2] for line in lines if len(line) > 3}
    labels: dict[str, list[tuple[str, str]]] = {}
    of = ""
    for label, value, said in (line for line in lines if len(line) == 3):
        of = label or of
        labels.setdefault(of, []).append((value, said))
    others = []
    for (within, column), variable in names.variables.items():
        if within == table and column in wanted.labels:
            label = DIALECTS["sav"].label(wanted.labels[column])
            values, coded = labels.get(label, []), wanted.coded(column, names, "sav")
            missing = {
                code
                for code in names.values.get(column, {})
                if code in _NONE or code in wanted.marks.get(column, {})
            }
            told = (
                variables[variable],
                {_value(value): said for value, said in values},
                {_value(value) for value, _said in values if value.endswith(_MISSING)},
            )
            right = (
                label,
                {number(value): said for value, said in coded.items()},
                {number(names.values[column][code]) for code in missing}
                | ({-77.0} if "-77.0" in coded else set()),
            )
            others += [] if told == right else [f"{column}: {told} instead of {right}"]
    return others


def _value(told: str) -> float:
    """A labelled value: a number, or a day in seconds since SPSS's first one."""
    plain = told.removesuffix(_MISSING)
    if plain.count(".") < 2:
        return float(plain)
    day = datetime.strptime(plain, "%d.%m.%Y")  # noqa: DTZ007  # a day
    return (day.toordinal() - DIALECTS["sav"].zero.toordinal()) * DIALECTS["sav"].day


if __name__ == "__main__":
    main()
