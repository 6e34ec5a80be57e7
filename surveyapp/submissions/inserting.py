"""Inserting what is new and leaving what is there, on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

from sqlalchemy import Connection, Row, Table, insert
from sqlalchemy.dialects import postgresql, sqlite

from surveyapp.database import Base

InsertedRow: TypeAlias = dict[str, Any]
#: the dialects' own inserts, which know `ON CONFLICT`
INSERTS: Mapping[str, Callable[[Table], Any]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}


def table_of(model: type[Base]) -> Table:
    """The table of a model, for statements without the ORM."""
    return cast(Table, model.__table__)


def insert_new(
    connection: Connection, model: type[Base], rows: Sequence[InsertedRow], key: Sequence[str]
) -> Sequence[Row[Any]]:
    """Insert the rows whose unique key is new and return the keys of these; one statement.

    Another unique key that is taken is an `IntegrityError` all the same.
    """
    if not rows:
        return []
    table = table_of(model)
    statement = (
        INSERTS[connection.dialect.name](table)
        .on_conflict_do_nothing(index_elements=key)
        .returning(*(table.c[name] for name in key))
    )
    return connection.execute(statement, rows).all()


def insert_all(connection: Connection, model: type[Base], rows: Iterable[InsertedRow]) -> None:
    """Insert rows, if there are any; one statement."""
    listed = list(rows)
    if listed:
        connection.execute(insert(table_of(model)), listed)
