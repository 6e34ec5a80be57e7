"""Streams submissions in the order of storing, in bounded memory, on either database.

Batches follow one another by serial (keyset), each in a short read-only transaction of its own: nothing
is locked or held open while a slow client takes what it has got. A submission is always whole; one that
is stored after the export began is not part of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    DateTime,
    Engine,
    Select,
    Text,
    bindparam,
    cast,
    func,
    select,
    type_coerce,
)
from sqlalchemy.engine import Row

from surveyapp.database import UtcDateTime
from surveyapp.exports.anonymity import Key
from surveyapp.exports.kept_counts import (
    LARGEST,
    Counting,
    GroupQuery,
    Groups,
    counted,
    forget_others,
)
from surveyapp.exports.layouts import Layout, Place
from surveyapp.exports.lineages import Lineages, lineage_sizes
from surveyapp.exports.merging import RosterChain
from surveyapp.exports.records import STORED, Record
from surveyapp.exports.request import Selection
from surveyapp.exports.selecting import conditions
from surveyapp.exports.sizes import most_entries
from surveyapp.exports.tallies import Group, added
from surveyapp.questionnaires.answers import Answers
from surveyapp.submissions.models import Submission

#: submissions in the first batch: few, so that the first bytes come soon
BATCH = 50
#: in those after it, as long as they are small: a batch costs half a millisecond of its own, and 250
#: would take 2 MB more
MOST_AT_ONCE = 100
#: of a batch; the answers of more do not fit into a processor's cache, and take half as long again
PARSED_AT_ONCE = 10
#: characters of JSON in a batch. A whole household is about 10 kB; a roster of 500 may have 1 MB
TEXT_AT_ONCE = 500_000

#: Gives a submission's answers with its identity put back, from the row with its sealed columns.
Unseal = Callable[[Row[Any]], Answers]

_PLAIN = [getattr(Submission, name) for name in STORED]
_SEALED = [Submission.identity_sealed, Submission.data_key, Submission.key_id]
#: parsed here and not by the driver: most are `[]`, and the length of the answers is wanted
_JSON = ("flags", "errors", "answers")
_FLAGS, _ERRORS, _ANSWERS = (STORED.index(name) for name in _JSON)


@dataclass(frozen=True, slots=True)
class Span:
    """What an export covers, fixed before it starts: up to which serial, and how many submissions."""

    last_serial: int
    submissions: int
    synthetic: int

    @property
    def real(self) -> int:
        """How many are not made up by the program."""
        return self.submissions - self.synthetic


class Reader:
    """Reads the selected submissions of one questionnaire."""

    def __init__(self, engine: Engine, questionnaire: str, selection: Selection) -> None:
        self._keeping = engine
        # on SQLite BEGIN instead of BEGIN IMMEDIATE: writers go on while we read
        self._engine = engine.execution_options(reads=True, postgresql_readonly=True)
        self._questionnaire, self._is_whole = questionnaire, selection == Selection()
        self._conditions = conditions(questionnaire, selection, engine.dialect.name)
        self._unparsed = _unparsed(engine.dialect.name)

    def span(self) -> Span:
        """Measure what there is now, by indexes alone where nothing but states and times is selected."""
        last = select(func.coalesce(func.max(Submission.serial), 0)).where(*self._conditions)
        query = select(
            last.scalar_subquery(), func.count(), func.count().filter(Submission.synthetic)
        ).where(*self._conditions)
        with self._engine.begin() as connection:
            return Span(*connection.execute(query).one())

    def groups(self, names: Sequence[str], span: Span | None = None) -> dict[Key, Group]:
        """The groups by these breakdowns, of the span or of all that is selected; none without any."""
        if not names:
            return {}
        counted_ones = self._counted(self._by_breakdowns(), span)
        return added((_group(texts[0], names), group) for texts, group in counted_ones.items())

    def catch_up(self, layouts: Mapping[Layout, Collection[str]], names: Sequence[str]) -> None:
        """Count what changed in a whole questionnaire, and let go of what is counted no more."""
        wanted = [self._entries(layout, versions) for layout, versions in layouts.items()]
        if names:
            wanted.append(self._by_breakdowns())
        for each in wanted:
            counted(self._keeping, each)
        forget_others(self._keeping, self._questionnaire, [each.name for each in wanted])

    def _by_breakdowns(self) -> Counting:
        return Counting(self._questionnaire, "breakdowns", self._breakdowns)

    def _breakdowns(self, first: int, last: int) -> GroupQuery:
        told = cast(Submission.breakdowns, Text)
        made_up = func.count().filter(Submission.synthetic)
        query = select(told, func.count(), made_up)
        here = Submission.serial.between(first, last)
        return query.where(*self._conditions, here).group_by(told)

    def entry_groups(
        self,
        layouts: Mapping[Layout, Collection[str]],
        names: Sequence[str],
        span: Span | None = None,
    ) -> dict[Place, Group]:
        """The groups of entries of rosters, of the span or of all that is selected; a query a layout.

        `layouts`: each with its versions. `names`: the breakdowns of submissions.
        """
        lineages = Lineages(names)
        return added(
            ((layout, lineages.of(texts)), group)
            for layout, versions in layouts.items()
            for texts, group in self._counted(self._entries(layout, versions), span).items()
        )

    def _entries(self, layout: Layout, versions: Collection[str]) -> Counting:
        def query(first: int, last: int) -> GroupQuery:
            conditions = [*self._conditions, Submission.serial.between(first, last)]
            return lineage_sizes(layout, versions, conditions, self._engine.dialect.name)

        name = f"entries {'/'.join(layout.chain)} {min(versions)}"
        return Counting(self._questionnaire, name, query, f"{layout.rule} {sorted(versions)}")

    def _counted(self, counting: Counting, span: Span | None) -> Groups:
        """The groups of the span or of all that is selected; those of a whole questionnaire are kept."""
        last = LARGEST if span is None else span.last_serial
        if self._is_whole:
            return counted(self._keeping, counting, last)
        with self._engine.begin() as connection:
            return counting.groups(connection, 0, last)

    def sizes_of_rosters(self, span: Span, chains: Sequence[RosterChain]) -> dict[RosterChain, int]:
        """How many entries each roster has at most in the span; reads all answers in the database."""
        conditions = [*self._conditions, Submission.serial <= span.last_serial]
        dialect = self._engine.dialect.name
        with self._engine.begin() as connection:
            return {
                chain: connection.scalar(most_entries(chain, conditions, dialect)) or 0
                for chain in chains
            }

    def batches(self, span: Span, unseal: Unseal | None = None) -> Iterator[list[Record]]:
        """The submissions of the span, a few at a time.

        Without `unseal` the sealed columns are not even asked of the database.
        """
        return (batch for _reached, batch in self.numbered(span, unseal))

    def numbered(
        self, span: Span, unseal: Unseal | None = None, *, after: int = 0
    ) -> Iterator[tuple[int, list[Record]]]:
        """The batches of the submissions after a serial, each with the serial that it reaches."""
        query = self._query(unseal)
        place = {"reached": after, "last": span.last_serial, "size": BATCH}
        while rows := self._rows(query, place):
            place["reached"] = rows[-1][0]
            if unseal is None:
                for start in range(0, len(rows), PARSED_AT_ONCE):
                    some = rows[start : start + PARSED_AT_ONCE]
                    yield some[-1][0], [_record(row) for row in some]
                place["size"] = _next_size(rows)
            else:
                yield place["reached"], [_with_identity(row, unseal) for row in rows]

    def _query(self, unseal: Unseal | None) -> Select[Any]:
        """What follows a place; made once, because making it takes as long as reading ten records."""
        columns = self._unparsed if unseal is None else [*_PLAIN, *_SEALED]
        serial = Submission.serial
        return (
            select(serial, *columns)
            .where(*self._conditions, serial > bindparam("reached"), serial <= bindparam("last"))
            .order_by(serial)
            .limit(bindparam("size"))
        )

    def _rows(self, query: Select[Any], place: Mapping[str, int]) -> Sequence[Row[Any]]:
        with self._engine.begin() as connection:
            return connection.execute(query, place).all()


def _group(told: str, names: Sequence[str]) -> Key:
    found = json.loads(told)
    return tuple(found.get(name) for name in names)


def _unparsed(dialect: str) -> list[ColumnElement[Any]]:
    """The columns of a record, JSON as its text and moments as the driver gives them.

    PostgreSQL's are of its session's time zone, and whatever is told of one is put into a zone anyway.
    """
    if dialect != "postgresql":
        return [_as(name, column, type_coerce) for name, column in zip(STORED, _PLAIN, strict=True)]
    moment = DateTime(timezone=True)
    return [
        type_coerce(column, moment).label(name)
        if isinstance(column.type, UtcDateTime)
        else _as(name, column, cast)
        for name, column in zip(STORED, _PLAIN, strict=True)
    ]


def _as(name: str, column: ColumnElement[Any], as_text: Callable[..., Any]) -> ColumnElement[Any]:
    return as_text(column, Text).label(name) if name in _JSON else column


def _record(row: Row[Any]) -> Record:
    values: list[Any]
    _serial, *values = row
    flags, errors = values[_FLAGS], values[_ERRORS]
    clean = flags == errors == "[]"
    values[_FLAGS], values[_ERRORS] = ([], []) if clean else (json.loads(flags), json.loads(errors))
    values[_ANSWERS] = _parsed(values[_ANSWERS]) if clean else json.loads(values[_ANSWERS])
    return Record(*values)


def _parsed(text: str) -> Answers:
    """Answers without a fault: none has a whole number beyond 2**53.

    One beyond 64 bits is a decimal as PostgreSQL writes it, and orjson makes a decimal of it again.
    """
    try:
        parsed: Answers = orjson.loads(text)
    except orjson.JSONDecodeError:  # half of a letter of two halves, which it does not take
        parsed = json.loads(text)
    return parsed


def _with_identity(row: Row[Any], unseal: Unseal) -> Record:
    facts = {name: getattr(row, name) for name in STORED}
    return Record(**facts | {"answers": unseal(row)})


def _next_size(rows: Sequence[Row[Any]]) -> int:
    """As many as have about so much text, if they are like these."""
    text = sum(len(row.answers) for row in rows)
    return min(MOST_AT_ONCE, max(1, len(rows) * TEXT_AT_ONCE // max(text, 1)))
