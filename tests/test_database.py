"""How the databases are opened."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from surveyapp.extensions import db


def test_sqlite_syncs_fully_and_checks_foreign_keys(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    with db.engine.connect() as connection:
        pragmas = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]
