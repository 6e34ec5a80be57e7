"""A page of an entity set: keyset by serial, so that a page costs the same however far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Connection, Row, case, func, select

from surveyapp.exports.odata.asking import Options
from surveyapp.exports.odata.errors import ODataRefused
from surveyapp.exports.odata.guarding import Guard
from surveyapp.exports.odata.model import VALUES, EntitySet, Property
from surveyapp.exports.records import STORED, Instance, Record
from surveyapp.exports.request import Selection
from surveyapp.exports.selecting import conditions
from surveyapp.extensions import db
from surveyapp.submissions.models import Submission

#: rows of a page; a roster's page ends with the submission in which it reaches them
ROWS = 500
#: submissions in one read, and the most that a page looks at: a roster may be empty in all of them
BATCH, MOST_READ = 100, 1000


@dataclass(frozen=True, slots=True)
class Page:
    """Rows as JSON has them, and with what to ask for more."""

    rows: Sequence[dict[str, Any]]
    count: int | None
    #: the serial that is reached; None: this was the last page
    after: int | None
    #: of `$top`, what the following pages may still give
    top: int | None


def page(
    questionnaire: str, selection: Selection, entity_set: EntitySet, options: Options, guard: Guard
) -> Page:
    """The next rows, as `guard` lets them through.

    Raises `ODataRefused` where rows are to be counted that cannot be.
    """
    wanted = _conditions(questionnaire, selection, options)
    most = ROWS if options.top is None else min(ROWS, options.top)
    rows: list[dict[str, Any]] = []
    after, looked_at, over = options.after, 0, False
    with db.engine.connect().execution_options(reads=True) as connection:
        count = counted(connection, entity_set, wanted, guard) if options.count else None
        while len(rows) < most and looked_at < MOST_READ and not over:
            found = _read(connection, wanted, after, BATCH)
            over = len(found) < BATCH
            for row in found:
                after, looked_at = row.serial, looked_at + 1
                rows += _rows(row, entity_set, options.properties, guard)
                if len(rows) >= most:
                    over = over and row is found[-1]
                    break
    if options.top is None:
        return Page(rows, count, None if over else after, None)
    rows = rows[: options.top]
    left = options.top - len(rows)
    return Page(rows, count, None if over or not left else after, left)


def row_of(
    questionnaire: str, selection: Selection, entity_set: EntitySet, options: Options, guard: Guard
) -> dict[str, Any] | None:
    """The row with the key of the options, as pages have it; None where there is none.

    A key begins with that of its submission: `0b7c…` or `0b7c…/child[2]`.
    """
    try:
        id_ = UUID(options.key.partition("/")[0])
    except ValueError:
        return None
    wanted = [*_conditions(questionnaire, selection, options), Submission.id == id_]
    with db.engine.connect().execution_options(reads=True) as connection:
        found = _read(connection, wanted, 0, 1)
    rows = (each for row in found for each in _rows(row, entity_set, options.properties, guard))
    return next((each for each in rows if each["id"] == options.key), None)


def count_of(
    questionnaire: str, selection: Selection, entity_set: EntitySet, options: Options, guard: Guard
) -> int:
    """How many rows there are. Raises `ODataRefused` where they cannot be counted."""
    wanted = _conditions(questionnaire, selection, options)
    with db.engine.connect().execution_options(reads=True) as connection:
        return counted(connection, entity_set, wanted, guard)


def counted(
    connection: Connection,
    entity_set: EntitySet,
    wanted: Sequence[ColumnElement[bool]],
    guard: Guard,
) -> int:
    """How many rows, by the database alone; a roster's are those of lists at one place.

    It knows nothing of what small groups lost, so a roster that is asked by them is not counted.
    """
    levels = entity_set.table.levels
    if entity_set.is_submissions:
        number: ColumnElement[int] = func.count()
    elif len(levels) == 1 and not guard.treating.may_lose("/".join(levels[0])):
        number = func.sum(func.coalesce(_length(connection, levels[0]), 0))
    else:
        sentence = _l("Rows of this roster cannot be counted here")
        raise ODataRefused("$count", sentence, HTTPStatus.NOT_IMPLEMENTED)
    return int(connection.scalar(select(number).select_from(Submission).where(*wanted)) or 0)


def _length(connection: Connection, steps: Sequence[str]) -> ColumnElement[int]:
    if connection.dialect.name == "postgresql":
        found = func.jsonb_extract_path(Submission.answers, *steps)
        is_list = func.jsonb_typeof(found) == "array"
        return case((is_list, func.jsonb_array_length(found)), else_=0)
    path = "$" + "".join(f'."{step}"' for step in steps)
    return func.json_array_length(Submission.answers, path)


def _conditions(questionnaire: str, selection: Selection, options: Options) -> list[ColumnElement[bool]]:
    found = conditions(questionnaire, selection, db.engine.dialect.name)
    return found if options.condition is None else [*found, options.condition]


def _read(
    connection: Connection, wanted: Sequence[ColumnElement[bool]], after: int, limit: int
) -> Sequence[Row[Any]]:
    query = (
        select(Submission.serial, *(getattr(Submission, name) for name in STORED))
        .where(*wanted, Submission.serial > after)
        .order_by(Submission.serial)
        .limit(limit)
    )
    return connection.execute(query).all()


def _rows(
    row: Row[Any], entity_set: EntitySet, properties: Sequence[Property], guard: Guard
) -> Iterator[dict[str, Any]]:
    record = guard.record(Record(**{name: getattr(row, name) for name in STORED}))
    instances = [Instance(record, record.answers, record.key)]
    for steps in entity_set.table.levels:
        instances = [below for instance in instances for below in instance.below(steps)]
    for instance in instances:
        yield {each.name: _value(each, instance) for each in properties}


def _value(one: Property, instance: Instance) -> Any:
    cell = one.column.read(instance)
    return None if cell is None else VALUES[one.edm](cell)
