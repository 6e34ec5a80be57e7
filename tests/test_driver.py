"""What the driver executes by itself fails as SQLAlchemy's connections do, and outlives the database's end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from surveyapp import driver
from surveyapp.extensions import db
from surveyapp.people import devices
from surveyapp.people.devices import Purpose
from surveyapp.submissions.verdicts import Status
from tests.collecting import envelope, publish, send


def end_all_connections() -> None:
    """As when the server is started anew."""
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


@pytest.fixture(autouse=True)
def _no_dead_connections(app: Flask) -> Iterator[None]:
    """Leave none to the next test, which may ask them directly."""
    yield
    driver.driver_engine().dispose()


def several_connections() -> None:
    """Leave more than one in the pool."""
    with driver.driver_connection() as one, driver.driver_connection() as other:
        assert one is not other


def test_a_database_that_was_started_anew_is_asked_again(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("there is no server")
    publish()
    key = devices.enrol("phone", Purpose.OPENROSA).key
    several_connections()
    end_all_connections()
    for _time in range(3):
        assert devices.holder_of(key, Purpose.OPENROSA)
    several_connections()
    end_all_connections()
    assert send(envelope())[0].status == Status.STORED


def test_errors_are_sqlalchemys_and_cost_the_connection(app: Flask) -> None:
    used = []
    with pytest.raises(DBAPIError), driver.driver_connection() as connection:
        used.append(connection)
        connection.execute("SELECT nothing FROM nowhere")
    with driver.driver_connection() as one, driver.driver_connection() as other:
        assert used[0] not in (one, other)


def test_a_transaction_that_does_not_end_well_leaves_nothing(app: Flask) -> None:
    insert = "INSERT INTO questionnaire (id, access, created_at) VALUES ('x', 'staff', '2026-09-01')"
    with (
        suppress(ZeroDivisionError),
        driver.driver_connection() as connection,
        driver.transaction(connection),
    ):
        connection.execute(insert)
        raise ZeroDivisionError
    with driver.driver_connection() as connection:
        assert connection.execute("SELECT id FROM questionnaire").fetchall() == []


def test_other_threads_run_while_a_commit_is_on_its_way(app: Flask) -> None:
    """If they did not, the lock that the statements wait for here would never be let go."""
    if not driver.is_sent_together():
        pytest.skip("SQLite's driver lets others run by itself")
    wait = driver.DriverStatement(select(func.pg_advisory_xact_lock(1)))
    with db.engine.connect() as holder, ThreadPoolExecutor(1) as pool:
        holder.execute(text("SELECT pg_advisory_lock(1)"))
        waiting = pool.submit(_insert_each_twice, app, wait)
        while not holder.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            assert not waiting.done()
        holder.execute(text("SELECT pg_advisory_unlock(1)"))
        assert waiting.result() == [True, True]


def _insert_each_twice(app: Flask, statement: driver.DriverStatement) -> list[bool]:
    with app.app_context(), driver.driver_connection() as connection:
        connection.execute("SET lock_timeout = '20s'")
        found = driver.insert_each(connection, [(statement, {}), (statement, {})])
        connection.execute("RESET lock_timeout")
    return found
