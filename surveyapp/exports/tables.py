"""Tables of an export and their columns; a table gives a submission's rows, told as a format wants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Generic, TypeVar

from flask_babel import LazyString

from surveyapp.exports.cells import PART, Cell
from surveyapp.exports.errors import UnknownColumns
from surveyapp.exports.facts import LINKS, PARENT_POSITION
from surveyapp.exports.merging import MergedItem
from surveyapp.exports.records import Instance, Record
from surveyapp.exports.rows import Most, Own, Rendering, RowOf, Source, row_maker
from surveyapp.questionnaires.definition import Choice, DataType

#: name of the table of submissions
SUBMISSIONS: Final = "submissions"
#: names that every table of a roster has
LINK_NAMES: Final = tuple(link.name for link in (*LINKS, PARENT_POSITION))
#: columns that nobody can do without
ALWAYS: Final = frozenset({"id", "synthetic", "flags", *LINK_NAMES})
#: between an item's name and its type when versions disagree on the type; in no item's name
TYPE: Final = "~"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: about an `item`, perhaps about one `choice` of it, or with a `meaning` of its own.

    `read` gives its cell alone; with a `source` it is read together with its neighbours (`rows`).
    """

    name: str
    type: DataType
    read: Callable[[Instance], Cell]
    meaning: LazyString | None = None
    item: MergedItem | None = None
    choice: Choice | None = None
    source: Source | Own | None = None


@dataclass(frozen=True)
class Table:
    """A table; `levels` leads from a submission to its rows, one tuple of names for each roster.

    `most`: how many entries of a roster have columns here; `marked`: whether missing answers are told.
    """

    name: str
    columns: tuple[Column, ...]
    levels: tuple[tuple[str, ...], ...] = ()
    most: tuple[Most, ...] = ()
    marked: bool = False

    def rows(self, record: Record) -> list[list[Cell]]:
        """The rows of one submission, cells as they are."""
        return self._plain.of(record)

    @cached_property
    def _plain(self) -> Rows[Cell]:
        return Rows(self, [as_it_is] * len(self.columns))


def as_it_is(cell: Cell) -> Cell:
    """The rendering of a format that takes cells."""
    return cell


class Rows(Generic[T]):
    """Gives rows of a table as a format wants their cells: by one rendering for each column.

    A rendering is asked once for what comes again and again, so it must depend on its cell alone.
    """

    def __init__(self, table: Table, renderings: Sequence[Rendering[T]]) -> None:
        self._table = table
        self._renderings = renderings
        #: version → what makes its rows
        self._makers: dict[str, RowOf[T]] = {}

    def of(self, record: Record) -> list[list[T]]:
        """The rows of one submission."""
        instances = [Instance(record, record.answers, record.key)]
        for steps in self._table.levels:
            instances = [below for instance in instances for below in instance.below(steps)]
        row_of = self._makers.get(record.version) or self._maker(record.version)
        return [row_of(instance) for instance in instances]

    def _maker(self, version: str) -> RowOf[T]:
        table = self._table
        cells = [column.source or column.read for column in table.columns]
        made = row_maker(cells, self._renderings, version, marked=table.marked, most=table.most)
        self._makers[version] = made
        return made


# --- columns that were chosen -------------------------------------------------------------------


def chosen(tables: Sequence[Table], names: Sequence[str]) -> list[Table]:
    """The tables with these columns alone, or all. Raises `UnknownColumns`.

    A name is a column's own, or that before its parts (`helps` for `helps/food`, `child` for flat
    rosters' `child[1]/c_age`). What ties rows together, and the marks of what is synthetic or flagged,
    come along; the table of submissions stays, another one only where it has a chosen column.
    """
    if not names:
        return list(tables)
    known = {prefix for table in tables for c in table.columns for prefix in _prefixes(c.name)}
    if unknown := [name for name in names if name not in known]:
        raise UnknownColumns(unknown)
    wanted = frozenset(names)
    kept = []
    for table in tables:
        found = {c.name for c in table.columns if not wanted.isdisjoint(_prefixes(c.name))}
        if found or table.name == SUBMISSIONS:
            columns = tuple(c for c in table.columns if c.name in found | ALWAYS)
            kept.append(replace(table, columns=columns))
    return kept


def _prefixes(name: str) -> set[str]:
    """`child[1]/helps/food` → itself, `child[1]/helps`, `child[1]`, `child`; each without its type."""
    parts = name.split(PART)
    heads = {PART.join(parts[:length]) for length in range(1, len(parts) + 1)}
    return heads | {head.partition(TYPE)[0] for head in heads} | {parts[0].partition("[")[0]}
