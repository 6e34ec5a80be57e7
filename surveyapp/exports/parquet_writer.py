"""Tables as Parquet: typed columns in row groups, with the labels in the columns' metadata.

Whole numbers are int64, decimals double, days date32, moments timestamps in UTC, yes-or-no columns
booleans, several choices lists of strings; everything else is a string. Only this module loads pyarrow
(extra `parquet`), and only when a file is made.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from surveyapp.exports.cells import CODES_APART, Cell, labels_of
from surveyapp.exports.errors import DoesNotFit
from surveyapp.exports.missing import worded_reasons
from surveyapp.exports.plan import Plan
from surveyapp.exports.records import Record
from surveyapp.exports.request import TableOptions
from surveyapp.exports.tables import Column, Rows, Table, as_it_is
from surveyapp.exports.typed import is_list, is_truth, labels_by_language
from surveyapp.exports.wording import choice_label
from surveyapp.i18n import LANGUAGES
from surveyapp.questionnaires.definition import DataType

#: rows in a row group: readers skip groups, and each costs a little
ROWS = 10_000
#: rows as objects of Python at once; more leave the processor's cache before they become arrays
ROWS_AT_ONCE = 500
#: of a table with many columns fewer rows are
CELLS = 1_000_000

_TYPES: dict[DataType, pa.DataType] = {
    DataType.INTEGER: pa.int64(),
    DataType.DECIMAL: pa.float64(),
    DataType.DATE: pa.date32(),
    DataType.DATETIME: pa.timestamp("us", tz="UTC"),
}


class ParquetFile:
    """One table as a Parquet file."""

    def __init__(self, table: Table, plan: Plan) -> None:
        self.name = f"{table.name}.parquet"
        self.rows = 0
        self._table = table
        self._schema = pa.schema([_field(column) for column in table.columns])
        self._rows = Rows(table, [_value_of(column, plan.options) for column in table.columns])
        self._most = max(1, min(ROWS, CELLS // len(table.columns)))
        self._held: list[list[Any]] = []
        self._batches: list[pa.RecordBatch] = []
        self._gathered = 0
        self._flow = _Flow()
        self._writer = parquet.ParquetWriter(
            pa.PythonFile(self._flow, mode="w"), self._schema, compression="zstd"
        )

    def begin(self) -> bytes:
        """The four letters that every Parquet file begins with."""
        return self._flow.drained()

    def add(self, record: Record) -> bytes:
        """A row group, if the rows of this submission filled it."""
        self._held.extend(self._rows.of(record))
        if len(self._held) >= min(self._most, ROWS_AT_ONCE):
            self._gather()
        if self._gathered < self._most:
            return b""
        self._write()
        return self._flow.drained()

    def end(self) -> Iterable[bytes]:
        """What is left, and where each column of each group is."""
        if self._held:
            self._gather()
        if self._batches:
            self._write()
        self._writer.close()
        return [self._flow.drained()]

    def _gather(self) -> None:
        """Rows become columns."""
        arrays = [
            self._array(column, field.type, values)
            for column, field, values in zip(
                self._table.columns, self._schema, zip(*self._held, strict=True), strict=True
            )
        ]
        self._batches.append(pa.record_batch(arrays, schema=self._schema))
        self._gathered += len(self._held)
        self._held.clear()

    def _write(self) -> None:
        table = pa.Table.from_batches(self._batches, self._schema)
        self._writer.write_table(table, row_group_size=self._gathered)
        self.rows += self._gathered
        self._batches.clear()
        self._gathered = 0

    def _array(self, column: Column, kind: pa.DataType, values: Sequence[Any]) -> pa.Array:
        try:
            return pa.array(values, kind)
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            raise DoesNotFit("parquet", self._table.name, column.name) from None


class _Flow(io.RawIOBase):
    """What pyarrow writes to: emptied after each group."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(self._pieces[-1])

    def drained(self) -> bytes:
        joined = b"".join(self._pieces)
        self._pieces.clear()
        return joined


def _field(column: Column) -> pa.Field:
    return pa.field(column.name, _type(column), metadata=_told(column))


def _type(column: Column) -> pa.DataType:
    if is_truth(column):
        return pa.bool_()
    if is_list(column):
        return pa.list_(pa.string())
    return _TYPES.get(column.type, pa.string())


def _value_of(column: Column, options: TableOptions) -> Callable[[Cell], Any]:
    """Makes of a cell what the column takes."""
    if is_truth(column):
        return lambda cell: None if cell is None else bool(cell)
    if column.item is None or column.choice is not None:
        return as_it_is
    labels = labels_of(column.item, options)
    if is_list(column):
        return lambda cell: _listed(cell, labels)
    if column.type is DataType.SELECT_ONE and labels:
        return lambda cell: labels.get(cell, cell) if isinstance(cell, str) else cell
    return as_it_is


def _listed(cell: Cell, labels: Any) -> list[str] | None:
    if cell is None:
        return None
    codes = str(cell).split(CODES_APART) if cell else []
    return [labels.get(code, code) for code in codes] if labels else codes


def _told(column: Column) -> dict[str, str]:
    """Labels in the three languages; of a question its path, type and choices besides."""
    told = {f"label_{language}": label for language, label in labels_by_language(column).items()}
    if column.item is None:
        return told
    item = column.item
    told |= {"path": item.path, "type": column.type.value}
    if item.missing:
        told["missing"] = json.dumps(
            {code: worded_reasons(reason) for code, reason in item.missing}, ensure_ascii=False
        )
    if item.choices and column.choice is None:
        choices = {
            choice.name: {
                language: choice_label(choice, language, item.default_language) for language in LANGUAGES
            }
            for choice in item.choices
        }
        told["choices"] = json.dumps(choices, ensure_ascii=False)
    return told
