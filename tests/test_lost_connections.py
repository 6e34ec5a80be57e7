"""A connection that the database takes away costs its request at most, and no other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from surveyapp.extensions import db


def lose_the_connection() -> int:
    """The number of the session's connection, whose process PostgreSQL ends while it is in use."""
    number = db.session.scalar(text("SELECT pg_backend_pid()"))
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
    return int(number or 0)


def test_the_end_of_a_request_whose_connection_is_gone_fails_nothing(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("its database is a file")

    def request() -> int:
        with app.app_context():
            return lose_the_connection()

    def next_request() -> int:
        with app.app_context():
            return int(db.session.scalar(text("SELECT pg_backend_pid()")) or 0)

    with ThreadPoolExecutor(1) as thread:  # a request's own thread, as gunicorn has them
        lost = thread.submit(request).result()
        assert thread.submit(next_request).result() != lost
