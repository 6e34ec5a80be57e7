"""The application comes up, and its rules hold from the first route on."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from surveyapp.extensions import db
from surveyapp.people.access import rule_of


def test_every_route_declares_who_may_open_it(app: Flask) -> None:
    undeclared = [r.endpoint for r in app.url_map.iter_rules() if rule_of(app, r.endpoint) is None]
    assert undeclared == []


def test_sqlite_syncs_fully_and_checks_foreign_keys(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    with db.engine.connect() as connection:
        pragmas = [
            connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]
