"""The plan of an export: which tables and columns there are, made of every version's definition.

One table holds a row for each submission, one more for each roster. A column's name does not depend on
what is left out, so that two exports of the same questionnaire can be laid side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from typing import Any

from flask_babel import LazyString

from surveyapp.exports.cells import PART, Cell, CellColumn, Reading, cell_columns, moment
from surveyapp.exports.facts import FACTS, LINKS, PARENT_POSITION, Fact, Link
from surveyapp.exports.merging import MergedItem, RosterChain, merged_items, merged_rosters
from surveyapp.exports.naming import names_of
from surveyapp.exports.records import Instance, Record, answer_at
from surveyapp.exports.request import TableOptions
from surveyapp.questionnaires.definition import Choice, DataType, Questionnaire

#: name of the table of submissions, and of the file that explains every column
SUBMISSIONS = "submissions"
CODEBOOK = "codebook"
#: between an item's name and its type when versions disagree on the type; in no item's name
TYPE = "~"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: about an `item`, perhaps about one `choice` of it, or with a `meaning` of its own."""

    name: str
    type: DataType
    read: Callable[[Instance], Cell]
    meaning: LazyString | None = None
    item: MergedItem | None = None
    choice: Choice | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `levels` leads from a submission to its rows, one tuple of names for each roster."""

    name: str
    columns: tuple[Column, ...]
    levels: tuple[tuple[str, ...], ...] = ()

    def rows(self, record: Record) -> Iterator[list[Cell]]:
        """The rows of one submission."""
        instances = [Instance(record, record.answers, str(record.id))]
        for steps in self.levels:
            instances = [below for instance in instances for below in instance.below(steps)]
        for instance in instances:
            yield [column.read(instance) for column in self.columns]


@dataclass(frozen=True, slots=True)
class Plan:
    """The tables of an export, that of the submissions first, and what it is about."""

    tables: tuple[Table, ...]
    #: the items that come along; `left_out` are those that were not asked for
    items: tuple[MergedItem, ...]
    left_out: tuple[MergedItem, ...]
    options: TableOptions
    zone: tzinfo


def _nothing(_item: MergedItem) -> bool:
    return False


def make_plan(
    definitions: Sequence[Questionnaire],
    options: TableOptions,
    zone: tzinfo,
    withheld: Callable[[MergedItem], bool] = _nothing,
) -> Plan:
    """The plan of an export of these versions (oldest first); times are given in `zone`.

    What is `withheld` has no column either.
    """
    items = merged_items(definitions)
    planner = _Planner(items, options, zone, withheld)
    return Plan(
        tables=(planner.submissions(), *planner.rosters(merged_rosters(definitions))),
        items=tuple(item for item in items if planner.wants(item)),
        left_out=tuple(item for item in items if not planner.wants(item)),
        options=options,
        zone=zone,
    )


@dataclass(frozen=True, slots=True)
class _Planner:
    """Makes the tables of all items that are wanted."""

    items: Sequence[MergedItem]
    options: TableOptions
    zone: tzinfo
    withheld: Callable[[MergedItem], bool] = _nothing

    def wants(self, item: MergedItem) -> bool:
        return (
            (self.options.include_identity or not item.identity)
            and (self.options.include_sensitive or not item.sensitive)
            and not self.withheld(item)
        )

    def submissions(self) -> Table:
        clocks = [item for item in self.items if item.clock]
        facts = [_fact_column(fact, clocks, self.zone) for fact in FACTS]
        return Table(SUBMISSIONS, (*facts, *self._columns((), [fact.name for fact in FACTS])))

    def rosters(self, chains: Sequence[RosterChain]) -> Iterator[Table]:
        for chain, name in zip(chains, _table_names(chains), strict=True):
            links = [*LINKS, PARENT_POSITION] if len(chain) > 1 else LINKS
            reserved = [link.name for link in (*LINKS, PARENT_POSITION)]
            columns = (*map(_link_column, links), *self._columns(chain, reserved))
            yield Table(name, columns, _levels(chain))

    def _columns(self, rosters: RosterChain, reserved: Sequence[str]) -> Iterator[Column]:
        """The columns of a table's items; what is left out counts for the names of the others."""
        here = [item for item in self.items if item.rosters == rosters and item.clock is None]
        names = names_of((item.path for item in here), reserved)
        types = Counter(item.path for item in here)
        for item in filter(self.wants, here):
            suffix = f"{TYPE}{item.type}" if types[item.path] > 1 else ""
            for column in cell_columns(item, self.options, self.zone):
                yield _item_column(names[item.path] + suffix, item, column)


def _levels(rosters: RosterChain) -> tuple[tuple[str, ...], ...]:
    """`("child", "child/toys/toy")` → `(("child",), ("toys", "toy"))`."""
    above = ("", *rosters)
    return tuple(_steps(path, parent) for parent, path in zip(above, rosters, strict=False))


def level_steps(path: str, rosters: RosterChain) -> tuple[str, ...]:
    """The names that lead to an item from the innermost of the rosters around it."""
    return _steps(path, rosters[-1] if rosters else "")


def _steps(path: str, ancestor: str) -> tuple[str, ...]:
    return tuple(path.removeprefix(f"{ancestor}/").split("/"))


def _table_names(chains: Sequence[RosterChain]) -> Iterator[str]:
    """A name for each roster; the same path in other rosters (it moved) is numbered."""
    names = names_of((chain[-1] for chain in chains), (SUBMISSIONS, CODEBOOK))
    seen: Counter[str] = Counter()
    for *_around, path in chains:
        seen[path] += 1
        yield names[path] if seen[path] == 1 else f"{names[path]}{TYPE}{seen[path]}"


# --- columns ------------------------------------------------------------------------------------


def _fact_column(fact: Fact, clocks: Sequence[MergedItem], zone: tzinfo) -> Column:
    own = partial(_fact, fact, zone)
    stand_ins = [_reader(each, partial(moment, zone)) for each in clocks if each.clock == fact.clock]
    read = partial(_first, (own, *stand_ins)) if stand_ins else own
    return Column(fact.name, fact.type, read, meaning=fact.meaning)


def _first(readers: Sequence[Callable[[Instance], Cell]], instance: Instance) -> Cell:
    """The first cell that is not empty."""
    return next((cell for read in readers if (cell := read(instance)) is not None), None)


def _fact(fact: Fact, zone: tzinfo, instance: Instance) -> Cell:
    value: Any = fact.value(instance.record, zone)
    if isinstance(value, bool):
        return int(value)
    cell: Cell = " ".join(value) if isinstance(value, list | tuple) else value
    return cell


def _link_column(link: Link) -> Column:
    return Column(link.name, link.type, link.value, meaning=link.meaning)


def _item_column(name: str, item: MergedItem, column: CellColumn) -> Column:
    return Column(
        name=f"{name}{PART}{column.part}" if column.part else name,
        type=column.type,
        read=_reader(item, column.read),
        item=item,
        choice=column.choice,
    )


def _reader(item: MergedItem, read: Reading) -> Callable[[Instance], Cell]:
    """Reads a cell; a closure, because it runs once for every cell of an export."""
    steps = _steps(item.path, item.rosters[-1] if item.rosters else "")
    versions = item.versions

    def cell(instance: Instance) -> Cell:
        if instance.record.version not in versions:
            return None
        answer = answer_at(instance.answers, steps)
        return None if answer is None else read(answer)

    return cell
