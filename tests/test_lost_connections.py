"""A connection that the database takes away costs its request at most: 503, whenever it happens."""

from __future__ import annotations

import os
import socket
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from flask import Flask, Response
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, DBAPIError
from werkzeug.test import TestResponse

from surveyapp import create_app, driver, prepared
from surveyapp.database import utc_now
from surveyapp.driver import DriverConnection, DriverStatement
from surveyapp.extensions import db
from surveyapp.people import contacts, devices
from surveyapp.people.access import ANYONE, declare
from surveyapp.people.contacts import Report
from surveyapp.people.devices import Purpose
from surveyapp.submissions.models import Submission
from surveyapp.unavailable import is_database_away
from surveyapp.wiring import settings_of


@pytest.fixture(autouse=True)
def _server(app: Flask) -> Iterator[None]:
    """Only a server takes connections away; those that were lost are left to no other test."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("its database is a file")
    yield
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


def lose_the_connection() -> int:
    """The number of the session's connection, whose process PostgreSQL ends while it is in use."""
    number = db.session.scalar(text("SELECT pg_backend_pid()"))
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
    return int(number or 0)


def cut(connection: DriverConnection) -> None:
    """As when the server is killed: the line ends without a word."""
    with socket.socket(fileno=os.dup(connection.pgconn.socket)) as line:
        line.shutdown(socket.SHUT_RDWR)


def test_the_end_of_a_request_whose_connection_is_gone_fails_nothing(app: Flask) -> None:
    def request() -> int:
        with app.app_context():
            return lose_the_connection()

    def next_request() -> int:
        with app.app_context():
            return int(db.session.scalar(text("SELECT pg_backend_pid()")) or 0)

    with ThreadPoolExecutor(1) as thread:  # a request's own thread, as gunicorn has them
        lost = thread.submit(request).result()
        assert thread.submit(next_request).result() != lost


_IDS = DriverStatement(select(Submission.id))


@pytest.mark.parametrize(
    "ask",
    [
        lambda line: _IDS.rows(line, {}),
        prepared.begin,
        prepared.commit,
        lambda line: driver.insert_each(line, [(_IDS, {}), (_IDS, {})]),
    ],
    ids=["statement", "begin", "commit", "several"],
)
@pytest.mark.usefixtures("app")
def test_a_line_that_is_cut_is_a_database_that_is_away(
    ask: Callable[[DriverConnection], object],
) -> None:
    with driver.driver_connection() as line:
        _IDS.rows(line, {})  # prepared from here on
    with pytest.raises(DBAPIError) as failure, driver.driver_connection() as line:
        cut(line)
        ask(line)
    assert is_database_away(failure.value)


@pytest.mark.usefixtures("app")
def test_what_is_noted_of_a_device_after_its_request_fails_nothing() -> None:
    holder = devices.holder_of(devices.enrol("phone", Purpose.OPENROSA).key, Purpose.OPENROSA)
    assert holder is not None
    db.session.commit()
    lose_the_connection()
    contacts.note(holder, Report(app="field/1.0"), utc_now())
    db.session.remove()
    assert db.session.scalar(text("SELECT 1")) == 1


# --- requests ---------------------------------------------------------------------------------------


def fails() -> None:
    """A statement on a connection that is gone."""
    lose_the_connection()
    db.session.execute(text("SELECT 1"))


def pieces() -> Iterator[bytes]:
    """A stream that fails before its first piece."""
    with db.engine.connect() as connection:
        cut(connection.connection.driver_connection)
        yield from (bytes(row) for row in connection.execute(text("SELECT 1")))


def before(ours: Flask) -> None:
    ours.before_request(fails)


def after(ours: Flask) -> None:
    @ours.after_request
    def fail(response: Response) -> Response:
        if response.status_code == 200:
            fails()
        return response


def teardown(ours: Flask) -> None:
    @ours.after_request
    def lose(response: Response) -> Response:
        lose_the_connection()
        return response


def opening(ours: Flask) -> None:
    kept = ours.session_interface.open_session

    def open_session(*arguments: object) -> object:
        fails()
        return kept(*arguments)  # type: ignore[arg-type]  # as they came

    ours.session_interface.open_session = open_session  # type: ignore[method-assign,assignment]  # it may fail


def asked(app: Flask, place: Callable[[Flask], None], address: str) -> TestResponse:
    """What an application of our own answers, in which a connection is lost at that place."""
    ours = create_app(settings_of(app))
    place(ours)
    ours.add_url_rule("/stream", "stream", lambda: Response(pieces()))
    declare(ours, "stream", ANYONE)
    try:
        with ThreadPoolExecutor(1) as thread:  # with a context of its own
            return thread.submit(lambda: ours.test_client().get(address)).result()
    finally:
        with ours.app_context():
            for engine in db.engines.values():
                engine.dispose()


@pytest.mark.parametrize(
    ("place", "address"),
    [
        (before, "/healthz"),
        (after, "/healthz"),
        (opening, "/healthz"),
        (lambda _app: None, "/stream"),
    ],
    ids=["before", "after", "opening", "stream"],
)
def test_wherever_it_is_lost_the_sender_may_come_again(
    app: Flask, place: Callable[[Flask], None], address: str
) -> None:
    answer = asked(app, place, address)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_lost_when_all_is_said_it_changes_nothing(app: Flask) -> None:
    assert asked(app, teardown, "/healthz").status_code == 200


def test_a_driver_without_a_word_from_its_server_has_lost_it() -> None:
    cut = DatabaseError("SELECT 1", None, psycopg.DatabaseError("consuming input failed"))
    assert not cut.connection_invalidated
    assert is_database_away(cut)
    damaged = DatabaseError("SELECT 1", None, sqlite3.DatabaseError("malformed"))
    assert not is_database_away(damaged)
    told = psycopg.errors.lookup("22003")("out of range")  # a word of the server: its code
    assert not is_database_away(DatabaseError("SELECT 1", None, told))
