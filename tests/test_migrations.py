"""The migrations make exactly the tables of the models, and can be taken back and run again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.migrating import bind_migrations, newest_migration, standing_migration, upgrade_database
from surveyapp.resources import resource_folder


@pytest.fixture
def empty_app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database of its own without any table."""
    url = ""
    if database_url:
        server = create_engine(database_url, isolation_level="AUTOCOMMIT")
        name = "surveyapp_migrations"
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        url = server.url.set(database=name).render_as_string(hide_password=False)
        url = url.replace("+psycopg", "")
    app = create_app(
        Settings.from_environment({"DATABASE_URL": url, "INSTANCE_PATH": str(tmp_path / "instance")})
    )
    with app.app_context():
        bind_migrations(app)
        yield app
        db.session.remove()
        db.engine.dispose()
    if database_url:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


def head() -> str | None:
    return ScriptDirectory(str(resource_folder("migrations"))).get_current_head()


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "render_as_batch": True}
        )
        return list(compare_metadata(context, db.metadata))


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(resource_folder("migrations"))).get_heads()) == 1


def test_names_of_files_and_one_row_tell_what_alembic_tells(empty_app: Flask) -> None:
    assert newest_migration() == head()
    upgrade(directory=str(resource_folder("migrations")), revision="0003")
    with db.engine.connect() as connection:
        assert standing_migration(connection) == "0003"


def test_the_migrations_make_what_the_models_say(empty_app: Flask) -> None:
    upgrade_database()
    assert differences() == []


def test_up_down_and_up_again_ends_where_it_was(empty_app: Flask) -> None:
    upgrade_database()
    downgrade(directory=str(resource_folder("migrations")), revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    upgrade_database()
    with db.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == head()
    assert differences() == []


def test_rows_of_an_older_edition_survive_with_all_that_hangs_on_them(empty_app: Flask) -> None:
    folder = str(resource_folder("migrations"))
    upgrade(directory=folder, revision="0003")
    _store_as_before_revisions("0b7c2f6e4a1f4a559d0b2f1c8f6f2a10")
    upgrade(directory=folder)
    with db.engine.connect() as connection:
        files = connection.execute(
            text("SELECT name, revision, named, sealed, address FROM attachment ORDER BY name")
        ).all()
        row = connection.execute(
            text("SELECT revision, changed, cause, first_received_at = received_at FROM submission")
        ).one()
    assert [tuple(file) for file in files] == [
        ("a.jpg", 1, True, False, "ab"),
        ("b.jpg", 1, True, False, None),
    ]
    assert tuple(row) == (1, 0, "sent", True)


def test_foreign_keys_are_watched_again_after_a_migration(empty_app: Flask) -> None:
    upgrade_database()
    orphan = text("INSERT INTO instance (id, submission_id, revision) VALUES (:id, :id, 2)")
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(orphan, {"id": "0b7c2f6e4a1f4a559d0b2f1c8f6f2a10"})


def test_a_migration_that_fails_leaves_nothing_half_done(empty_app: Flask) -> None:
    folder = str(resource_folder("migrations"))
    upgrade(directory=folder, revision="0003")
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE review_act (id INTEGER)"))  # in the way of 0004
    with pytest.raises(DBAPIError):
        upgrade(directory=folder)
    assert "device" not in inspect(db.engine).get_table_names()
    with db.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "0003"


def _store_as_before_revisions(submission_id: str) -> None:
    """A submission with two files, one of them held, in the tables of migration 0003."""
    at = "2026-09-01 10:00:00"
    submission = text(
        "INSERT INTO submission (serial, id, questionnaire, version, language, channel, status, flags,"
        " errors, synthetic, revision, received_at, breakdowns, answers, answer_languages, paradata,"
        " answers_commitment, content_digest, receipt_code) VALUES (1, :id, 'visit', '1', 'kk', 'api',"
        " 'stored', '[]', '[]', false, 1, :at, '{}', '{}', '{}', '{}', :digest, :digest, 'CODE')"
    )
    file = text(
        "INSERT INTO attachment (submission_id, name, sha256, size, type, held_at)"
        " VALUES (:id, :name, :sha256, 1, 'image/jpeg', :at)"
    )
    with db.engine.begin() as connection:
        connection.execute(submission, {"id": submission_id, "at": at, "digest": b"-"})
        for name, sha256, held_at in (("a.jpg", "ab", at), ("b.jpg", "cd", None)):
            values = {"id": submission_id, "name": name, "sha256": sha256, "at": held_at}
            connection.execute(file, values)
