"""The plan of an export: which tables and columns there are, made of every version's definition.

One table holds a row for each submission, one more for each roster. A column's name does not depend on
what is left out, so that two exports of the same questionnaire can be laid side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from functools import partial
from types import MappingProxyType
from typing import Any

from surveyapp.exports.cells import PART, Cell, CellColumn, Reading, cell_columns, moment, takes_floats
from surveyapp.exports.errors import TooManyColumns
from surveyapp.exports.facts import FACTS, LINKS, PARENT_POSITION, Fact, Link
from surveyapp.exports.flattening import Place, levels_of, mosts, places, steps_below
from surveyapp.exports.merging import MergedItem, RosterChain, merged_items, merged_rosters
from surveyapp.exports.naming import names_of
from surveyapp.exports.request import Missing, Rosters, TableOptions, Times
from surveyapp.exports.rows import TEXTS, WHOLE, Own, Source, own_reader, source_reader
from surveyapp.exports.tables import LINK_NAMES, SUBMISSIONS, TYPE, Column, Table, chosen
from surveyapp.exports.typed import LISTS
from surveyapp.questionnaires.definition import DataType, Questionnaire

#: of the file that explains every column
CODEBOOK = "codebook"
NOTHING_MEASURED: Mapping[RosterChain, int] = MappingProxyType({})
#: of one table with flat rosters: as many as Excel has
MOST_COLUMNS = 16_384


@dataclass(frozen=True, slots=True)
class Plan:
    """The tables of an export, that of the submissions first, and what it is about."""

    tables: tuple[Table, ...]
    #: the items that come along; `left_out` are those that were not asked for
    items: tuple[MergedItem, ...]
    left_out: tuple[MergedItem, ...]
    options: TableOptions
    #: in which times are told
    zone: tzinfo
    #: that of the settings, which says what a day is
    home: tzinfo

    def zone_of(self, fact: Fact) -> tzinfo:
        """The zone for one of a submission's facts."""
        return _zone_of(fact, self.zone, self.home)


def _nothing(_item: MergedItem) -> bool:
    return False


def make_plan(
    definitions: Sequence[Questionnaire],
    options: TableOptions,
    zone: tzinfo,
    withheld: Callable[[MergedItem], bool] = _nothing,
    *,
    sizes: Mapping[RosterChain, int] = NOTHING_MEASURED,
) -> Plan:
    """The plan of an export of these versions (oldest first); local times are those of `zone`.

    What is `withheld` has no column either. `sizes` says of each roster how many entries it has at most,
    for flat columns. Raises `UnknownColumns` and `TooManyColumns`.
    """
    items = merged_items(definitions)
    told_in = UTC if options.times is Times.UTC else zone
    planner = _Planner(items, options, told_in, zone, withheld)
    chains = merged_rosters(definitions)
    if options.rosters is Rosters.FLAT:
        tables: list[Table] = [planner.flat(chains, sizes)]
    else:
        tables = [planner.submissions(), *planner.rosters(chains)]
    tables = chosen(tables, options.columns)
    return Plan(
        tables=tuple(tables),
        items=_kept(items, planner, tables, options),
        left_out=tuple(item for item in items if not planner.wants(item)),
        options=options,
        zone=told_in,
        home=zone,
    )


def _kept(
    items: Sequence[MergedItem], planner: _Planner, tables: Sequence[Table], options: TableOptions
) -> tuple[MergedItem, ...]:
    """The items that come along: with chosen columns, only those that have one."""
    wanted = [item for item in items if planner.wants(item)]
    if not options.columns:
        return tuple(wanted)
    shown = {(c.item.path, c.item.type) for table in tables for c in table.columns if c.item}
    return tuple(item for item in wanted if (item.path, item.type) in shown)


def _zone_of(fact: Fact, zone: tzinfo, home: tzinfo) -> tzinfo:
    return home if fact.type is DataType.DATE else zone


@dataclass(frozen=True, slots=True)
class _Planner:
    """Makes the tables of all items that are wanted."""

    items: Sequence[MergedItem]
    options: TableOptions
    zone: tzinfo
    home: tzinfo
    withheld: Callable[[MergedItem], bool] = _nothing

    @property
    def marked(self) -> bool:
        return self.options.missing is Missing.MARKED

    def wants(self, item: MergedItem) -> bool:
        return (
            (self.options.include_identity or not item.identity)
            and (self.options.include_sensitive or not item.sensitive)
            and not self.withheld(item)
        )

    def submissions(self) -> Table:
        clocks = [item for item in self.items if item.clock]
        facts = [_fact_column(f, clocks, _zone_of(f, self.zone, self.home)) for f in FACTS]
        columns = (*facts, *self._columns((), [fact.name for fact in FACTS]))
        return Table(SUBMISSIONS, columns, marked=self.marked)

    def flat(self, chains: Sequence[RosterChain], sizes: Mapping[RosterChain, int]) -> Table:
        """The table of submissions with the entries of rosters beside their answers."""
        alone = self.submissions()
        names = dict(zip(chains, _table_names(chains), strict=True))
        placed = [place for chain in chains if len(chain) == 1 for place in places(chain, chains, sizes)]
        wide = len(alone.columns) + sum(
            sum(1 for _column in self._columns(place.chain, LINK_NAMES)) for place in placed
        )
        if wide > MOST_COLUMNS:
            raise TooManyColumns(wide, MOST_COLUMNS)
        columns = (column for place in placed for column in self._flat_columns(place, names))
        most = tuple(most for chain in chains for most in mosts(chain, sizes))
        return Table(SUBMISSIONS, (*alone.columns, *columns), most=most, marked=self.marked)

    def _flat_columns(self, place: Place, names: Mapping[RosterChain, str]) -> Iterator[Column]:
        before = place.said(names)
        for column in self._columns(place.chain, LINK_NAMES):
            if isinstance(column.source, Source):
                source = replace(column.source, steps=(*place.steps, *column.source.steps))
                name = f"{before}{PART}{column.name}"
                yield replace(column, name=name, source=source, read=source_reader(source))

    def rosters(self, chains: Sequence[RosterChain]) -> Iterator[Table]:
        for chain, name in zip(chains, _table_names(chains), strict=True):
            links = [*LINKS, PARENT_POSITION] if len(chain) > 1 else LINKS
            columns = (*map(_link_column, links), *self._columns(chain, LINK_NAMES))
            yield Table(name, columns, levels_of(chain), marked=self.marked)

    def _columns(self, rosters: RosterChain, reserved: Sequence[str]) -> Iterator[Column]:
        """The columns of a table's items; what is left out counts for the names of the others."""
        here = [item for item in self.items if item.rosters == rosters and item.clock is None]
        names = names_of((item.path for item in here), reserved)
        types = Counter(item.path for item in here)
        for item in filter(self.wants, here):
            suffix = f"{TYPE}{item.type}" if types[item.path] > 1 else ""
            for column in cell_columns(item, self.options, self.zone):
                source = _source(item, column.read)
                yield _item_column(names[item.path] + suffix, item, column, source)


def _table_names(chains: Sequence[RosterChain]) -> Iterator[str]:
    """A name for each roster; the same path in other rosters (it moved) is numbered."""
    names = names_of((chain[-1] for chain in chains), (SUBMISSIONS, CODEBOOK))
    seen: Counter[str] = Counter()
    for *_around, path in chains:
        seen[path] += 1
        yield names[path] if seen[path] == 1 else f"{names[path]}{TYPE}{seen[path]}"


# --- columns ------------------------------------------------------------------------------------


def _fact_column(fact: Fact, clocks: Sequence[MergedItem], zone: tzinfo) -> Column:
    stand_ins = (_source(each, partial(moment, zone)) for each in clocks if each.clock == fact.clock)
    own = Own(fact.attribute, partial(_fact, fact, zone), fact.several, tuple(stand_ins))
    return Column(fact.name, fact.type, own_reader(own), meaning=fact.meaning, source=own)


def _fact(fact: Fact, zone: tzinfo, value: Any) -> Cell:
    told: Any = fact.told(value, zone)
    if isinstance(told, list | tuple):
        return " ".join(told)
    cell: Cell = int(told) if isinstance(told, bool) else told
    return cell


def _link_column(link: Link) -> Column:
    return Column(link.name, link.type, link.value, meaning=link.meaning)


def _item_column(name: str, item: MergedItem, column: CellColumn, source: Source) -> Column:
    return Column(
        name=(f"{name}{PART}{column.part}" if column.part else name) + column.told,
        type=column.type,
        read=source_reader(source),
        item=item,
        choice=column.choice,
        source=source,
    )


def _source(item: MergedItem, read: Reading | None) -> Source:
    above = item.rosters[-1] if item.rosters else ""
    return Source(
        steps_below(item.path, above),
        item.versions,
        read,
        several=item.type in LISTS,
        floats=item.type is DataType.DECIMAL and takes_floats(read),
        remembered=WHOLE if item.type is DataType.INTEGER else TEXTS,
    )
