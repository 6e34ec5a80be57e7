"""Statements that PostgreSQL has prepared, executed through libpq itself.

psycopg's cursors find out anew what each value is and how the statement stands to its cache: some 0.2 ms
of CPU each time. Here a statement's parameters have the types that its columns have, once for all.
"""

from __future__ import annotations

import json
import select
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, TypeAlias, cast
from weakref import WeakKeyDictionary

from psycopg import Connection, errors
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGconn, PGresult
from sqlalchemy import types
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.type_api import TypeEngine

#: a value's bytes
_Dump: TypeAlias = Callable[[Any], bytes]

_DIALECT = cast("Dialect", PGDialect_psycopg())  # type: ignore[no-untyped-call]  # SQLAlchemy's own
_NUMBERS = count(1)
_GOOD = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})
#: types that PostgreSQL is told; the others it finds in the statement's own casts
_BOOLEAN, _BYTES = 16, 17
#: connection → names of the statements that it has prepared
_PREPARED: WeakKeyDictionary[Connection[Any], set[bytes]] = WeakKeyDictionary()


class Prepared:
    """A statement whose parameters are `$1`, `$2` …; `parameters` are their names and types."""

    def __init__(self, sql: str, parameters: Sequence[tuple[str, TypeEngine[Any]]]) -> None:
        self._sql = sql.encode()
        self._name = b"surveyapp_%d" % next(_NUMBERS)
        ways = [_way_of(kind) for _name, kind in parameters]
        self._dumps = [(name, way[0]) for (name, _kind), way in zip(parameters, ways, strict=True)]
        self._formats = [way[1] for way in ways]
        self._types = [way[2] for way in ways]

    def rows(self, connection: Connection[Any], values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Execute it; what it returns. Raises psycopg's errors."""
        self.prepare(connection)
        dumped = cast(
            "Sequence[bytes]", self._dumped(values)
        )  # None is NULL, as psycopg itself sends it
        result = connection.pgconn.exec_prepared(self._name, dumped, self._formats)
        return _read(connection, result)

    def send(self, connection: Connection[Any], values: Mapping[str, Any]) -> None:
        """Put it on its way, prepared before."""
        connection.pgconn.send_query_prepared(self._name, self._dumped(values), self._formats)

    def prepare(self, connection: Connection[Any]) -> None:
        """Let a connection know it, if it does not yet."""
        known = _PREPARED.setdefault(connection, set())
        if self._name not in known:
            _checked(connection, connection.pgconn.prepare(self._name, self._sql, self._types))
            known.add(self._name)

    def _dumped(self, values: Mapping[str, Any]) -> list[bytes | None]:
        return [None if (value := values[name]) is None else dump(value) for name, dump in self._dumps]


def are_returned(
    connection: Connection[Any], statements: Sequence[tuple[Prepared, Mapping[str, Any]]]
) -> list[bool]:
    """Execute all, on their way before the first answer; of each whether it returned a row.

    Unless a transaction was begun before, they are one: over, and on disk, when this returns.
    """
    for statement, _values in statements:
        statement.prepare(connection)
    server = connection.pgconn
    server.enter_pipeline_mode()
    for statement, values in statements:
        statement.send(connection, values)
    server.pipeline_sync()
    _sent(server)
    returned = [_next_result(connection).ntuples > 0 for _each in statements]
    if _next(connection).status != ExecStatus.PIPELINE_SYNC:
        raise errors.OperationalError("statements sent together did not end together")
    server.exit_pipeline_mode()
    return returned


def _sent(server: PGconn) -> None:
    """Wait until all of it is on its way; the other side may want its answers read meanwhile."""
    while server.flush():
        if _wait(server, select.POLLIN | select.POLLOUT) & select.POLLIN:
            server.consume_input()


def _next(connection: Connection[Any]) -> PGresult:
    server = connection.pgconn
    # libpq would wait by itself, but psycopg holds the interpreter's lock meanwhile: until a commit was
    # on disk, no other thread of the process would run
    while server.is_busy():
        _wait(server, select.POLLIN)
        server.consume_input()
    result = server.get_result()
    if result is None:
        raise errors.OperationalError("an answer is missing")
    return result


def _wait(server: PGconn, what: int) -> int:
    """Let other threads run until the connection can be read or written; which of it."""
    poll = select.poll()
    poll.register(server.socket, what)
    return poll.poll()[0][1]


def _next_result(connection: Connection[Any]) -> PGresult:
    """The result of one statement of several; nothing stands behind it but an end."""
    result = _checked(connection, _next(connection))
    connection.pgconn.get_result()
    return result


def _checked(connection: Connection[Any], result: PGresult) -> PGresult:
    if result.status not in _GOOD:
        raise errors.error_from_result(result, connection.info.encoding)
    return result


def _read(connection: Connection[Any], result: PGresult) -> list[tuple[Any, ...]]:
    _checked(connection, result)
    if not result.ntuples:
        return []
    reader = Transformer(connection)
    reader.set_pgresult(result)
    return reader.load_rows(0, result.ntuples, tuple)


def begin(connection: Connection[Any]) -> None:
    """Begin a transaction."""
    _checked(connection, connection.pgconn.exec_(b"BEGIN"))


def commit(connection: Connection[Any]) -> None:
    """Commit it; it is on disk when this returns."""
    _checked(connection, connection.pgconn.exec_(b"COMMIT"))


# --- values -----------------------------------------------------------------------------------------

#: how a value is written, whether as PostgreSQL keeps it, its type's number (0: as the statement says)
_Way: TypeAlias = tuple[_Dump, int, int]


def _text(value: str) -> bytes:
    return value.encode()


def _plain(value: object) -> bytes:
    return str(value).encode()


def _truth(value: bool) -> bytes:
    return b"t" if value else b"f"


def _json(value: Any) -> bytes:
    return b"{}" if value == {} else b"[]" if value == [] else json.dumps(value).encode()


#: texts go as they are kept: in the other format they would end at their first NUL, without a word
_WAYS: Sequence[tuple[type[TypeEngine[Any]], _Way]] = (
    (types.Uuid, (lambda value: value.bytes, Format.BINARY, 0)),
    (types.Boolean, (_truth, Format.TEXT, _BOOLEAN)),
    (types.Integer, (_plain, Format.TEXT, 0)),
    (types.LargeBinary, (bytes, Format.BINARY, _BYTES)),
    (types.DateTime, (_plain, Format.TEXT, 0)),
    (types.JSON, (_json, Format.TEXT, 0)),
    (types.String, (_text, Format.BINARY, 0)),
)


def _way_of(kind: TypeEngine[Any]) -> _Way:
    if isinstance(kind, types.TypeDecorator):
        return _decorated(kind)
    for known, way in _WAYS:
        if isinstance(kind, known):
            return way
    raise TypeError(f"no way to write a {kind!r}")


def _decorated(kind: types.TypeDecorator[Any]) -> _Way:
    dump, format_, number = _way_of(kind.impl_instance)
    return (lambda value: dump(kind.process_bind_param(value, _DIALECT)), format_, number)
