"""The nodes of a table: its root, its rows and their cells, found by an index where that can be."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from surveyapp.questionnaires.definition import Table
from surveyapp.questionnaires.expressions import to_number, to_string
from surveyapp.questionnaires.expressions.context import Node, Scalar
from surveyapp.questionnaires.expressions.conversions import TOLERANCE

#: digits behind the point that numbers are looked up by; closer ones are compared all the same
_DIGITS = 9

_NOTHING: Final = ()


class CellNode:
    """One cell of a table."""

    __slots__ = ("_text", "name", "parent")

    position: Final = 1
    relevant: Final = True

    def __init__(self, name: str, parent: RowNode, text: str) -> None:
        self.name = name
        self.parent = parent
        self._text = text

    def children(self, name: str) -> Sequence[Node]:
        """A cell has none."""
        return _NOTHING

    def value(self) -> Scalar:
        """The cell's text."""
        return self._text


class RowNode:
    """One row of a table."""

    __slots__ = ("_cells", "parent", "position")

    relevant: Final = True

    def __init__(self, parent: RootNode, position: int, cells: tuple[str | None, ...]) -> None:
        self.parent = parent
        self.position = position
        self._cells = cells

    @property
    def name(self) -> str:
        """The element name of all rows."""
        return self.parent.table.row

    def children(self, name: str) -> Sequence[Node]:
        """The cell of a column, `*` for all of them."""
        columns = self.parent.columns
        if name == "*":
            return [cell for each in columns if each[:1] != "@" for cell in self.children(each)]
        text = self._cells[columns[name]] if name in columns else None
        return _NOTHING if text is None else (CellNode(name, self, text),)

    def text(self, column: str) -> str:
        """The text of a column; empty if the row has none."""
        columns = self.parent.columns
        return (self._cells[columns[column]] or "") if column in columns else ""

    def cells(self) -> dict[str, str]:
        """All texts by column, attributes left out."""
        columns = {name: at for name, at in self.parent.columns.items() if name[:1] != "@"}
        return {name: text for name, at in columns.items() if (text := self._cells[at]) is not None}

    def value(self) -> Scalar:
        """A row has no value of its own."""
        return ""


class RootNode:
    """The root element of a table. Rows are made once, an index of a column when it is first needed."""

    __slots__ = ("_numbers", "_rows", "_texts", "columns", "name", "parent", "table")

    position: Final = 1
    relevant: Final = True

    def __init__(self, table: Table, parent: Node | None) -> None:
        self.table = table
        self.name = table.root
        self.parent = parent
        self.columns = {name: at for at, name in reversed(list(enumerate(table.columns)))}
        self._rows: tuple[RowNode, ...] | None = None
        self._texts: dict[str, Mapping[str, Sequence[RowNode]]] = {}
        self._numbers: dict[str, Mapping[float, Sequence[RowNode]]] = {}

    @property
    def rows(self) -> tuple[RowNode, ...]:
        """All rows in order."""
        if self._rows is None:
            numbered = enumerate(self.table.rows, start=1)
            self._rows = tuple(RowNode(self, position, cells) for position, cells in numbered)
        return self._rows

    def children(self, name: str) -> Sequence[Node]:
        """The rows, if that is their name."""
        return self.rows if name in {self.table.row, "*"} else _NOTHING

    def value(self) -> Scalar:
        """It has none."""
        return ""

    def matching(self, column: str, value: Scalar) -> Sequence[RowNode] | None:
        """All rows whose cell may equal a value, in order; None if only a comparison can tell."""
        if isinstance(value, bool):
            return None
        if isinstance(value, float | int):
            return self._numbered(column, float(value))
        return self._by_text(column).get(to_string(value), ())

    def _by_text(self, column: str) -> Mapping[str, Sequence[RowNode]]:
        index = self._texts.get(column)
        if index is None:
            found: dict[str, list[RowNode]] = {}
            for row in self.rows:
                found.setdefault(row.text(column), []).append(row)
            index = self._texts[column] = found
        return index

    def _numbered(self, column: str, number: float) -> Sequence[RowNode]:
        if not math.isfinite(number):
            return ()
        near = {round(number - TOLERANCE, _DIGITS), round(number + TOLERANCE, _DIGITS)}
        index = self._by_number(column)
        found = [row for each in near for row in index.get(each, ())]
        return sorted(found, key=lambda row: row.position) if len(near) > 1 else found

    def _by_number(self, column: str) -> Mapping[float, Sequence[RowNode]]:
        index = self._numbers.get(column)
        if index is None:
            found: dict[float, list[RowNode]] = {}
            for text, rows in self._by_text(column).items():
                number = to_number(text)
                if math.isfinite(number):
                    found.setdefault(round(number, _DIGITS), []).extend(rows)
            for some in found.values():
                some.sort(key=lambda row: row.position)
            index = self._numbers[column] = found
        return index
