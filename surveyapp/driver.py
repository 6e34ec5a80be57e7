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
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Select, event
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from surveyapp.extensions import db

# a process that works on SQLite needs no driver of PostgreSQL, which takes 7 MB
if TYPE_CHECKING:
    from surveyapp.prepared import Prepared

#: name of the engine (a “bind” of Flask-SQLAlchemy) that these connections come from
ENGINE = "driver"
#: they commit by themselves, so there is nothing to be taken back when they are put back
ENGINE_OPTIONS: Mapping[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}

#: a connection of psycopg, or of sqlite3
DriverConnection: TypeAlias = Any
Statement: TypeAlias = (
    Select[*tuple[Any, ...]] | ReturningInsert[*tuple[Any, ...]] | ReturningUpdate[*tuple[Any, ...]]
)
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
        return self.compiled().rows(connection, values)

    def compiled(self) -> _Compiled:
        """The statement in the words of the database in use."""
        dialect = driver_engine().dialect
        known = self._compiled.get(dialect.name)
        if known is None:
            each = self._statement
            statement = each[dialect.name] if isinstance(each, Mapping) else each
            known = self._compiled[dialect.name] = _COMPILED[dialect.name](statement, dialect)
        return known


class _Compiled:
    """A statement in the words of one database, and what is done to values on their way out."""

    def __init__(self, statement: Statement, dialect: Any) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        #: values that stand in the statement itself
        self.fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._out = _processors(
            (place, column.type.dialect_impl(dialect).result_processor(dialect, None))
            for place, column in enumerate(statement.exported_columns)
        )

    def rows(self, connection: DriverConnection, values: Values) -> list[tuple[Any, ...]]:
        """Execute it; what it returns."""
        raise NotImplementedError

    def read(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """The rows as the program reads them."""
        return [self._read(row) for row in rows] if self._out else rows

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        found = list(row)
        for place, process in self._out:
            found[place] = process(found[place])
        return tuple(found)


class _OnSqlite(_Compiled):
    def __init__(self, statement: Statement, dialect: Any) -> None:
        named = type(dialect)(paramstyle="named")
        super().__init__(statement, named)
        compiled: Any = statement.compile(dialect=named)
        self._sql = str(compiled)
        self._in = _processors(
            (name, bound.type.dialect_impl(named).bind_processor(named))
            for name, bound in compiled.binds.items()
        )

    def rows(self, connection: DriverConnection, values: Values) -> list[tuple[Any, ...]]:
        cursor = connection.cursor()
        cursor.execute(self._sql, self._bound(values))
        return self.read(cursor.fetchall())

    def _bound(self, values: Values) -> dict[str, Any]:
        """The values as the driver takes them."""
        found = {**self.fixed, **values}
        for name, process in self._in:
            found[name] = process(found[name])
        return found


class _OnPostgresql(_Compiled):
    def __init__(self, statement: Statement, dialect: Any) -> None:
        from surveyapp.prepared import Prepared

        super().__init__(statement, dialect)
        compiled: Any = statement.compile(dialect=type(dialect)(paramstyle="numeric_dollar"))
        parameters = [(name, compiled.binds[name].type) for name in compiled.positiontup]
        self._prepared = Prepared(str(compiled), parameters)

    def rows(self, connection: DriverConnection, values: Values) -> list[tuple[Any, ...]]:
        return self.read(self._prepared.rows(connection, self._all(values)))

    def bound(self, values: Values) -> tuple[Prepared, Values]:
        """The prepared statement and all its values."""
        return self._prepared, self._all(values)

    def _all(self, values: Values) -> Values:
        return {**self.fixed, **values} if self.fixed else values


_COMPILED: Mapping[str, type[_Compiled]] = {"sqlite": _OnSqlite, "postgresql": _OnPostgresql}


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
    idle = _idle_of(engine)
    try:
        connection = idle.pop() if idle else _opened(engine)
    except errors as error:
        raise _as_sqlalchemys(error, dialect, is_lost=False) from error
    is_kept = False
    try:
        yield connection
        is_kept = True
    except errors as error:
        # asked while it still knows: it is closed next
        is_lost = dialect.is_disconnect(error, connection, None)
        raise _as_sqlalchemys(error, dialect, is_lost=is_lost) from error
    finally:
        if is_kept and idle is _idle_of(engine):
            idle.append(connection)
        else:
            connection.close()


def _opened(engine: Engine) -> DriverConnection:
    """A new connection, prepared as all of the engine's are; it is nobody else's."""
    leased = engine.raw_connection()
    connection = leased.driver_connection
    leased.detach()
    return connection


#: engine → its connections that nobody uses; a thread uses one, so there are no more than threads
_IDLE: WeakKeyDictionary[Engine, list[DriverConnection]] = WeakKeyDictionary()


def _idle_of(engine: Engine) -> list[DriverConnection]:
    found = _IDLE.get(engine)
    if found is None:
        event.listen(engine, "engine_disposed", _close_idle)
        found = _IDLE[engine] = []
    return found


def _close_idle(engine: Engine) -> None:
    """Close them; those in use are closed after it."""
    idle = _IDLE.get(engine, [])
    _IDLE[engine] = []
    while idle:
        idle.pop().close()


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
    if driver_engine().dialect.name == "sqlite":
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    else:
        from surveyapp import prepared

        prepared.begin(connection)
        yield
        prepared.commit(connection)


def insert_each(
    connection: DriverConnection, inserts: Sequence[tuple[DriverStatement, Values]]
) -> list[bool]:
    """Insert rows one after another; of each whether its statement returned it: it was inserted.

    On PostgreSQL several are one transaction, unless one was begun before.
    """
    if len(inserts) > 1 and is_sent_together():
        from surveyapp import prepared

        compiled = [(cast(_OnPostgresql, each.compiled()), values) for each, values in inserts]
        return prepared.are_returned(connection, [each.bound(values) for each, values in compiled])
    return [bool(statement.rows(connection, values)) for statement, values in inserts]


def is_sent_together() -> bool:
    """Whether several rows of `insert_each` are one transaction."""
    return driver_engine().dialect.name == "postgresql"
