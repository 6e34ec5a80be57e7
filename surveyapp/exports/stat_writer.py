"""Tables as SPSS `.sav` and Stata `.dta`, by pyreadstat, in parts of bounded size.

pyreadstat writes from a whole frame, so rows are gathered, as columns and in little memory, until a part
is full. Only this module loads pyreadstat, pandas and numpy (extra `stats`), when a file is made.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from surveyapp.exports.cells import Cell
from surveyapp.exports.csv_writer import CsvLines
from surveyapp.exports.errors import DoesNotFit
from surveyapp.exports.plan import Plan
from surveyapp.exports.records import Record
from surveyapp.exports.request import CsvOptions
from surveyapp.exports.stat_codes import EMPTY, SPSS_MISSING, STATA_MISSING, Codes, NoAnswers
from surveyapp.exports.stat_names import SPSS, STATA
from surveyapp.exports.stat_variables import (
    Dialect,
    Unfit,
    Variable,
    cut,
    cut_letters,
    value_labels,
    variables,
)
from surveyapp.exports.tables import Table
from surveyapp.exports.writing import ExportFile, Part, PartedFile

#: cells of a part: with three million a process had 511 MB, 500 are wanted
CELLS = 2_000_000
#: bytes of a part, were every text as long as the longest: SPSS pads them
BYTES = 256 * 2**20
#: variables of Stata's format 118 (“Description of the .dta file format”, `K`)
_MOST_VARIABLES = 32_767
#: rows that are gathered as rows; then they become columns
_AT_ONCE = 2000

DIALECTS = {
    "sav": Dialect(
        name="sav",
        rules=SPSS,
        missing=SPSS_MISSING,
        zero=date(1582, 10, 14),
        day=86400.0,
        second=1.0,
        # F8.2, which is taken otherwise, shows 3 people as 3.00, the place 43.238949 as 43.24, the code
        # of a region as 1.1E+08. Thousandths of a second need 24 signs: readers refuse DATETIME23.3
        formats={
            "day": "EDATE10",
            "moment": "DATETIME24.3",
            "code": "F10.0",
            "whole": "F17.0",
            "decimal": "F17.6",
        },
        text=32767,
        value_label=120,
        label=partial(cut, most=256),
        most=1.797693134862315e308,
    ),
    "dta": Dialect(
        name="dta",
        rules=STATA,
        missing=STATA_MISSING,
        zero=date(1960, 1, 1),
        day=1.0,
        second=1000.0,
        formats={"day": "%td", "moment": "%tc"},
        # a strL holds two thousand million
        text=2_000_000_000,
        value_label=32000,
        label=partial(cut_letters, most=80),
        most=8.98e307,
    ),
}


def rows_of_part(table: Table) -> int:
    """How many rows of a table one file has at most."""
    return max(1, CELLS // len(table.columns))


def stat_files(format_: str, plan: Plan) -> list[ExportFile]:
    """The tables as parted files, and what tells their names and numbers."""
    tables = [StatFile(table, plan, DIALECTS[format_]) for table in plan.tables]
    return [*tables, VariablesFile(tables)]


class StatFile(PartedFile):
    """One table, in as many numbered files as it takes."""

    def __init__(self, table: Table, plan: Plan, dialect: Dialect) -> None:
        super().__init__()
        self.table = table
        self.dialect = dialect
        self.variables = variables(table, plan, dialect)
        self.name = f"{table.name}.{dialect.name}"
        self.rows = 0
        self._most = rows_of_part(table)
        self._held: list[list[Cell]] = []
        self._begin_part()

    def add(self, record: Record) -> bytes:
        """The bytes of a part, if this submission filled it."""
        self._held.extend(self.table.rows(record))
        if len(self._held) >= min(_AT_ONCE, self._most - self._gathered):
            self._gather()
            if self._gathered >= self._most or self._gathered * sum(self._widths) > BYTES:
                return self._part()
        return b""

    def end(self) -> Iterable[bytes]:
        """The last part."""
        self._gather()
        return [self._part()] if self._gathered or not self.parts else []

    def _begin_part(self) -> None:
        self._gathered = 0
        self._columns: list[list[Any]] = [[] for _variable in self.variables]
        self._widths = [8] * len(self.variables)
        # the same words again and again: each is kept once
        self._words: list[dict[Any, Any]] = [{} for _variable in self.variables]

    def _gather(self) -> None:
        """Turn the rows that are held into pieces of columns."""
        if not self._held:
            return
        for number, cells in enumerate(zip(*self._held, strict=True)):
            self._columns[number].append(self._piece(number, cells))
        self._gathered += len(self._held)
        self.rows += len(self._held)
        self._held.clear()

    def _piece(self, number: int, cells: Sequence[Cell]) -> Any:
        variable = self.variables[number]
        try:
            values = list(map(variable.value, cells))
        except Unfit:
            raise DoesNotFit(self.dialect.name, self.table.name, variable.column.name) from None
        if variable.is_text:
            once = self._words[number].setdefault
            kept = [None if value is None else once(value, value) for value in values]
            longest = max((len(value) for value in kept if value is not None), default=0)
            self._widths[number] = max(self._widths[number], 2 * longest)
            return _objects(kept)
        if any(type(value) is str for value in values):
            return _objects(values)
        return np.array(values, dtype=np.float64)

    def _part(self) -> bytes:
        frame = pd.DataFrame(
            {
                variable.name: np.concatenate(pieces) if pieces else _empty(variable)
                for variable, pieces in zip(self.variables, self._columns, strict=True)
            }
        )
        content = _WRITERS[self.dialect.name](frame, self)
        number = len(self.parts) + 1
        self.parts.append(Part(self.name, len(content), len(frame)))
        if number > 1:  # now there are several, and the first one is one of them
            self.parts = [
                Part(f"{self.table.name}-{n:03}.{self.dialect.name}", part.size, part.rows)
                for n, part in enumerate(self.parts, start=1)
            ]
        self._begin_part()
        return content


def _objects(values: Sequence[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _empty(variable: Variable) -> Any:
    return np.empty(0, dtype=object if variable.is_text else np.float64)


def _sav(frame: pd.DataFrame, file: StatFile) -> bytes:
    # an empty text and no text are one in SPSS; pyreadstat wants to see some text in a column of texts
    _say_texts(frame, file.variables)
    with _scratch() as path:
        pyreadstat.write_sav(
            frame,
            path,
            row_compress=True,
            column_labels=_labels(file),
            variable_value_labels=_value_labels(file),
            missing_ranges={v.name: _missing_numbers(v.codes) for v in file.variables if v.codes},
            variable_measure={v.name: _measure(v) for v in file.variables},
            variable_format={v.name: v.format for v in file.variables if v.format},
        )
        return Path(path).read_bytes()


def _dta(frame: pd.DataFrame, file: StatFile) -> bytes:
    _say_texts(frame, file.variables)
    letters = [mark for mark in STATA_MISSING.values() if isinstance(mark, str)]
    with _scratch() as path:
        pyreadstat.write_dta(
            frame,
            path,
            version=_stata_version(file),
            column_labels=_labels(file),
            variable_value_labels=_value_labels(file),
            missing_user_values={v.name: letters for v in file.variables if not v.is_text},
            variable_format={v.name: v.format for v in file.variables if v.format},
        )
        return Path(path).read_bytes()


def _stata_version(file: StatFile) -> int:
    """Of pyreadstat's versions that which most readers open: 14, release 118 of the format.

    15 is release 119, which Stata itself writes for more variables than 118 has numbers for, and opens
    in its largest edition alone; R's haven 2.5 reads every strL of it as an empty text.
    """
    return 14 if len(file.variables) <= _MOST_VARIABLES else 15


def _missing_numbers(codes: Codes | NoAnswers) -> list[Any]:
    """At most three, which is what SPSS can declare."""
    empty = [SPSS_MISSING[EMPTY]] if isinstance(codes, Codes) else []
    numbers = (value for value in [*codes.missing, *empty] if isinstance(value, float))
    return list(dict.fromkeys(numbers))


_WRITERS = {"sav": _sav, "dta": _dta}


def _say_texts(frame: pd.DataFrame, some: Sequence[Variable]) -> None:
    for variable in some:
        if variable.is_text:
            frame[variable.name] = (
                frame[variable.name].astype(object).where(frame[variable.name].notna(), "")
            )


def _labels(file: StatFile) -> list[str | None]:
    return [variable.label for variable in file.variables]


def _value_labels(file: StatFile) -> dict[str, dict[Any, str]]:
    every = ((v.name, value_labels(v, file.dialect)) for v in file.variables)
    return {name: labels for name, labels in every if labels}


def _measure(variable: Variable) -> str:
    if variable.is_text or isinstance(variable.codes, Codes):
        return "nominal"
    return "scale"


@contextmanager
def _scratch() -> Iterator[str]:
    """A path to write to that is in memory, where the system has that; answers stay off the disk."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("part")
        try:
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield str(Path(folder, "part"))


class VariablesFile:
    """`variables.csv`: each column's name there, and each code's number; last, when all are known."""

    def __init__(self, tables: Sequence[StatFile]) -> None:
        self.name = "variables.csv"
        self.rows = 0
        self._tables = tables

    def begin(self) -> bytes:
        """Nothing yet."""
        return b""

    def add(self, record: Record) -> bytes:
        """Nothing yet."""
        return b""

    def end(self) -> Iterable[bytes]:
        """A line for each variable, and one for each of its codes."""
        rows = [row for file in self._tables for row in _told(file)]
        self.rows = len(rows)
        lines = CsvLines(CsvOptions())
        return [lines.header(["table", "column", "variable", "code", "value"]) + lines.lines(rows)]


def _told(file: StatFile) -> Iterator[list[Cell]]:
    for variable in file.variables:
        named: list[Cell] = [file.table.name, variable.column.name, variable.name]
        yield [*named, None, None]
        for code, value in variable.codes.named() if variable.codes else ():
            yield [*named, code, f".{value}" if isinstance(value, str) else value]
