"""The declarative base, the column types both databases share, and how connections are opened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import g, has_request_context, request
from sqlalchemy import JSON, BigInteger, DateTime, Engine, LargeBinary, MetaData, event, make_url
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: seconds; a database on the same network answers in milliseconds
CONNECT_TIMEOUT = 10


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC. SQLite knows no zones, so naive text is UTC by agreement there."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


#: JSON text on SQLite, `jsonb` on PostgreSQL; None is SQL's NULL, not JSON's `null`.
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    """Base of all models; constraint names are fixed so that migrations can name them."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={
            datetime: UtcDateTime(),
            dict[str, Any]: Json,
            list[Any]: Json,
            bytes: LargeBinary(),
        },
    )


class change_number(FunctionElement[int]):  # noqa: N801  # it stands in statements, as `func.now()` does
    """The number of a change: a later transaction's is larger, on PostgreSQL once both are over.

    PostgreSQL: the transaction's id, of which `pg_snapshot_xmin` tells up to where all are over. SQLite,
    where one writes at a time: one more than the last (`change_counter`, which a trigger keeps).
    """

    type = BigInteger()
    inherit_cache = True


@compiles(change_number, "postgresql")
def _transaction_id(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "pg_current_xact_id()::text::bigint"


@compiles(change_number, "sqlite")
def _next_number(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "(SELECT coalesce(max(number), 0) + 1 FROM change_counter)"


def utc_now() -> datetime:
    """Now, aware, in UTC; the only clock of the server (tests replace it)."""
    return datetime.now(UTC)


def connecting(url: str) -> dict[str, Any]:
    """What is said to the driver when it connects, beside what the address says itself.

    A PostgreSQL that takes a connection and then says nothing would hold up `/readyz` for good.
    """
    named = make_url(url)
    patience = named.get_backend_name() == "postgresql" and "connect_timeout" not in named.query
    return {"connect_timeout": CONNECT_TIMEOUT} if patience else {}


#: milliseconds for which a writer waits for another one on SQLite
PATIENCE = 30_000


def prepare_engine(engine: Engine) -> None:
    """Make every connection safe: on SQLite WAL, full sync and foreign keys.

    SQLite transactions that may write begin with BEGIN IMMEDIATE: a writer that must wait waits at its
    start (the busy time-out applies there), instead of failing half-way when it wants to upgrade its
    lock. Requests that only read (GET, HEAD), and connections with the execution option `reads`, do not.
    """
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={PATIENCE}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    reads = connection.get_execution_options().get("reads") or in_safe_request()
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def will_write() -> None:
    """Say, before anything is read, that this request writes although its method is a safe one.

    A provider of single sign-on leads people back by GET, and then they are signed in.
    """
    g.will_write = True


def in_safe_request() -> bool:
    """Whether this is a request that only reads, so that its session holds no lock."""
    if not has_request_context() or "will_write" in g:
        return False
    return request.method in {"GET", "HEAD", "OPTIONS"}
