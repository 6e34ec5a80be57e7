"""Alembic's environment: migrates the database of the current application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import JSON, Connection

from surveyapp.database import UtcDateTime

#: any number that nothing else in this database locks
LOCK = 7_201_911

database = current_app.extensions["migrate"].db


def as_plain_type(kind: str, found: Any, _context: Any) -> str | bool:
    """Write our own column types as the plain ones they stand on: a migration must outlive our code."""
    if kind == "type" and isinstance(found, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(found, JSON):
        return "JSON"
    return False


@contextmanager
def tables_may_be_copied(connection: Connection) -> Iterator[None]:
    """SQLite: let a table that others refer to be made anew.

    Alembic copies a table and drops the old one, and a drop with foreign keys on deletes first what
    refers to its rows: every attachment, with the submissions. The switch works outside of a transaction
    only; `nothing_refers_to_nothing` looks inside of it that all is right.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    switch = connection.connection.cursor()  # of the driver: nothing has begun yet
    switch.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        switch.execute("PRAGMA foreign_keys=ON")


def nothing_refers_to_nothing(connection: Connection) -> None:
    """Refuse to commit rows whose foreign keys lead nowhere; PostgreSQL does so by itself."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            tables = ", ".join(sorted({row[0] for row in broken}))
            raise RuntimeError(f"a migration would leave broken references in {tables}")


def run() -> None:
    """Run the migrations in one transaction on a connection of the application's own engine."""
    with database.engine.connect() as connection, tables_may_be_copied(connection):
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            # SQLite cannot alter a table in place: Alembic copies it
            render_as_batch=True,
            compare_type=True,
            render_item=as_plain_type,
            compare_server_default=True,
            # SQLite can, too: our engine says BEGIN itself (database.py)
            transactional_ddl=True,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # of several servers that start together, one migrates and the others wait
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            context.run_migrations()
            nothing_refers_to_nothing(connection)


run()
