"""`/readyz` names what is wrong, and `/healthz` does not care."""

from __future__ import annotations

import socket
from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from surveyapp import create_app, database
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.migrating import upgrade_database


def failing(app: Flask) -> set[str]:
    """The checks that do not pass; the status tells the same."""
    client = app.test_client()
    assert client.get("/healthz").status_code == HTTPStatus.OK
    answer = client.get("/readyz")
    checks = answer.get_json()["checks"]
    bad = {name for name, passed in checks.items() if not passed}
    assert answer.status_code == (HTTPStatus.SERVICE_UNAVAILABLE if bad else HTTPStatus.OK)
    return bad


@pytest.fixture
def installed(tmp_path: Path) -> Flask:
    """An installation of its own, that a test may damage."""
    app = create_app(Settings.from_environment({"INSTANCE_PATH": str(tmp_path / "instance")}))
    with app.app_context():
        upgrade_database()
        db.session.remove()
        db.engine.dispose()
    return app


def test_a_whole_installation_is_ready(installed: Flask) -> None:
    assert failing(installed) == set()


def test_a_postgresql_that_never_answers_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "CONNECT_TIMEOUT", 2)  # the least that its library knows
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/survey"
        settings = {"DATABASE_URL": url, "INSTANCE_PATH": str(tmp_path)}
        app = create_app(Settings.from_environment(settings))
        assert {"database", "migrations"} <= failing(app)


def test_migrations_that_are_behind_are_named(app: Flask, client: FlaskClient) -> None:
    with db.engine.begin() as connection:
        head = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    try:
        assert client.get("/readyz").get_json()["checks"] == {
            "database": True,
            "migrations": False,
            "keys": True,
            "media": True,
        }
    finally:
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})


def test_an_sqlite_file_that_is_none_is_named(installed: Flask) -> None:
    folder = installed.config["SETTINGS"].instance_path
    for part in folder.glob("surveyapp.sqlite3*"):
        part.unlink()
    (folder / "surveyapp.sqlite3").write_bytes(b"no database " * 1000)
    assert failing(installed) == {"database", "migrations", "keys"}


def test_a_database_server_that_is_gone_is_named(tmp_path: Path) -> None:
    nobody = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/gone", "INSTANCE_PATH": str(tmp_path)}
    # with no key file yet, it cannot be known whether one may be made
    app = create_app(Settings.from_environment(nobody))
    assert failing(app) == {"database", "migrations", "keys"}


def test_a_place_for_media_that_cannot_be_written_is_named(installed: Flask) -> None:
    media: Path = installed.config["SETTINGS"].media_path
    if media.exists():
        media.rmdir()
    media.write_bytes(b"a file where a folder should be")
    assert failing(installed) == {"media"}


def test_a_key_file_that_cannot_be_read_is_named(installed: Flask) -> None:
    keys: Path = installed.config["SETTINGS"].keys_file
    keys.write_text("no keys")
    keys.chmod(0o600)
    assert failing(installed) == {"keys"}
