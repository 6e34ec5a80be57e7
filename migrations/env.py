"""Alembic's environment: migrates the database of the current application."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import JSON

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


def run() -> None:
    """Run the migrations in one transaction on a connection of the application's own engine."""
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            # SQLite cannot alter a table in place: Alembic copies it
            render_as_batch=True,
            compare_type=True,
            render_item=as_plain_type,
            compare_server_default=True,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # of several servers that start together, one migrates and the others wait
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            context.run_migrations()


run()
