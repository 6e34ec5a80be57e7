"""Which migration the database stands at, and those that are missing.

Alembic takes 12 MB (measured), and a server needs it for nothing: it looks at one row and at the names
of files. It is loaded by those commands that migrate.
"""

from __future__ import annotations

import logging

from flask import Flask, current_app, g
from flask.cli import with_appcontext
from sqlalchemy import Connection, text

from surveyapp.extensions import db
from surveyapp.late_commands import LateGroup
from surveyapp.resources import resource_folder


def newest_migration() -> str:
    """The newest migration of this program: what comes before the `_` in its file's name."""
    return max(path.name for path in (resource_folder("migrations") / "versions").glob("*.py")).split(
        "_"
    )[0]


def standing_migration(connection: Connection) -> str | None:
    """The migration that the database stands at; one without Alembic's table raises."""
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def bind_migrations(app: Flask) -> None:
    """Let Flask-Migrate know where the migrations are."""
    from flask_migrate import Migrate

    if "migrate" not in app.extensions:  # `surveyapp db` is ours (preparing)
        Migrate(app, db, directory=str(resource_folder("migrations")), command="alembic")


def upgrade_database() -> None:
    """Run the migrations that are missing, without Alembic's chatter."""
    from flask_migrate import upgrade

    bind_migrations(current_app)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    upgrade(directory=str(resource_folder("migrations")))


def _begin_alembic() -> None:
    bind_migrations(current_app)
    g.directory, g.x_arg = None, ()  # what the options of Flask-Migrate's own group would set


#: for who works on the program: a migration out of the models, and the like
alembic_group = LateGroup("alembic", "flask_migrate.cli:db", help="Alembic's own commands.")
alembic_group.callback = with_appcontext(_begin_alembic)
