"""Statements that the database's own driver executes, on connections that are kept open for them.

Whatever every request of every phone asks is written as any other statement, compiled once, and handed
to the driver. Through SQLAlchemy the same question costs 0.59 ms of CPU here, instead of 0.13, and 0.28
in PostgreSQL, instead of 0.08 (docs/decisions/0022): a look whether the connection still lives, a
transaction and its end.

Each statement is a transaction of its own, unless it stands in a `transaction`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from sqlalchemy import Engine, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningInsert

from surveyapp.extensions import db

#: name of the engine (a “bind” of Flask-SQLAlchemy) that these connections come from
ENGINE = "driver"
#: they commit by themselves, so there is nothing to be taken back when they are put back
ENGINE_OPTIONS: Mapping[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}

#: a connection of psycopg, or of sqlite3
DriverConnection: TypeAlias = Any
Statement: TypeAlias = Select[*tuple[Any, ...]] | ReturningInsert[*tuple[Any, ...]]
Values: TypeAlias = Mapping[str, Any]
_Processor: TypeAlias = Callable[[Any], Any]


class DriverStatement:
    """A statement, compiled once for each dialect; its parameters go by name."""

    def __init__(self, statement: Statement | Mapping[str, Statement]) -> None:
        """`statement`: the same for every dialect, or one for each by name."""
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: DriverConnection, values: Values) -> list[tuple[Any, ...]]:
        """Execute it; what it returns."""
        compiled = self.compiled()
        cursor = connection.cursor()
        cursor.execute(compiled.sql, compiled.bound(values))
        return compiled.read(cursor.fetchall())

    def compiled(self) -> _Compiled:
        """The statement in the words of the database in use."""
        dialect = driver_engine().dialect
        known = self._compiled.get(dialect.name)
        if known is None:
            each = self._statement
            statement = each[dialect.name] if isinstance(each, Mapping) else each
            known = self._compiled[dialect.name] = _Compiled(statement, dialect)
        return known


class _Compiled:
    """A statement as a driver takes it, and what is done to values on their way in and out."""

    def __init__(self, statement: Statement, dialect: Any) -> None:
        if dialect.name == "sqlite":
            dialect = type(dialect)(paramstyle="named")
        compiled: Any = statement.compile(dialect=dialect)
        returned = statement.exported_columns
        self.sql = str(compiled)
        #: values that stand in the statement itself
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._in = _processors(
            (name, bound.type.dialect_impl(dialect).bind_processor(dialect))
            for name, bound in compiled.binds.items()
        )
        self._out = _processors(
            (place, column.type.dialect_impl(dialect).result_processor(dialect, None))
            for place, column in enumerate(returned)
        )

    def bound(self, values: Values) -> dict[str, Any]:
        """The values as the driver takes them."""
        found = {**self._fixed, **values}
        for name, process in self._in:
            found[name] = process(found[name])
        return found

    def read(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """The rows as the program reads them."""
        return [self._read(row) for row in rows] if self._out else rows

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        found = list(row)
        for place, process in self._out:
            found[place] = process(found[place])
        return tuple(found)


def _processors(found: Iterator[tuple[Any, _Processor | None]]) -> tuple[tuple[Any, _Processor], ...]:
    return tuple((place, process) for place, process in found if process is not None)


# --- connections ------------------------------------------------------------------------------------


def driver_engine() -> Engine:
    """The engine whose pool keeps these connections."""
    return db.engines[ENGINE]


def read(statement: DriverStatement, values: Values) -> list[tuple[Any, ...]]:
    """Execute a statement that changes nothing; once more if the connection turns out to be lost.

    Raises SQLAlchemy's errors, as its own connections do.
    """
    try:
        with driver_connection() as connection:
            return statement.rows(connection, values)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    driver_engine().dispose()  # the others were lost with it
    with driver_connection() as connection:
        return statement.rows(connection, values)


@contextmanager
def driver_connection() -> Iterator[DriverConnection]:
    """A connection; after an error it is thrown away, whatever state it was in.

    The driver's errors become SQLAlchemy's.
    """
    engine = driver_engine()
    errors, dialect = engine.dialect.loaded_dbapi.Error, engine.dialect
    try:
        leased = engine.raw_connection()
    except errors as error:
        raise _as_sqlalchemys(error, dialect, is_lost=False) from error
    try:
        yield leased.driver_connection
    except errors as error:
        # asked while it still knows: it is closed next
        is_lost = dialect.is_disconnect(error, leased.driver_connection, None)
        leased.invalidate()
        raise _as_sqlalchemys(error, dialect, is_lost=is_lost) from error
    except BaseException:
        leased.invalidate()
        raise
    finally:
        leased.close()


def _as_sqlalchemys(error: Exception, dialect: Dialect, *, is_lost: bool) -> Exception:
    return DBAPIError.instance(
        None,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )


@contextmanager
def transaction(connection: DriverConnection) -> Iterator[None]:
    """One transaction, committed when it ends well; on SQLite the lock of its one writer is taken first.

    After an error `driver_connection` closes the connection, at which the database takes all of it back.
    """
    is_sqlite = driver_engine().dialect.name == "sqlite"
    connection.execute("BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
    yield
    connection.execute("COMMIT")


def insert_each(
    connection: DriverConnection, statement: DriverStatement, rows: Sequence[Values]
) -> list[bool]:
    """Insert rows one after another; of each whether the statement returned it: it was inserted."""
    compiled = statement.compiled()
    bound = [compiled.bound(row) for row in rows]
    cursor = connection.cursor()
    if len(bound) > 1 and hasattr(
        cursor, "results"
    ):  # psycopg: all on their way before the first answer
        cursor.executemany(compiled.sql, bound, returning=True)
        return [result.fetchone() is not None for result in cursor.results()]
    return [bool(cursor.execute(compiled.sql, row).fetchall()) for row in bound]
