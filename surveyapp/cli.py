"""The `surveyapp` command. Each feature package owns its commands and adds them in its `register_x`."""

from __future__ import annotations

import sys

import click
from flask.cli import FlaskGroup
from sqlalchemy.exc import DBAPIError

from surveyapp import create_app
from surveyapp.catalogue.cli import questionnaires
from surveyapp.config import BadSetting, Settings
from surveyapp.questionnaires.storable import is_storable

#: what extensions add for those who work on the program; not listed, since nobody else needs them
FOR_DEVELOPERS = frozenset({"alembic", "limiter", "openapi"})


class Commands(FlaskGroup):
    """The commands of the program, each with a help and an example of its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Those that somebody who runs the program needs."""
        return [name for name in super().list_commands(ctx) if name not in FOR_DEVELOPERS]

    def _load_plugin_commands(self) -> None:
        """None: a package that is installed beside the program must not add commands to it."""


cli = Commands(
    name="surveyapp",
    create_app=create_app,
    add_default_commands=False,
    add_version_option=False,
    set_debug_flag=False,
    load_dotenv=False,
    help="""Collect surveys in Kazakh, Russian and English.

    Settings are read from the environment (see the README's table). Each command explains itself
    with an example: surveyapp COMMAND --help.
    """,
)
# by name, because what needs no database (checking, replaying) must not build the application
cli.add_command(questionnaires)
# which application, and whether to debug it, is not a question here
cli.params = []


def main() -> None:
    """Run the command; a bad setting or a missing database ends in one line, not with a traceback."""
    if not all(map(is_storable, sys.argv)):
        raise SystemExit(
            "surveyapp: an argument is not written in the terminal's encoding, or cannot be stored"
        )
    try:
        Settings.from_environment()
        cli.main(prog_name="surveyapp")
    except BadSetting as error:
        raise SystemExit(f"surveyapp: {error}") from None
    except DBAPIError as error:  # its own text may quote answers
        kind = type(error.orig).__name__
        raise SystemExit(
            f"surveyapp: the database cannot be used ({kind}); "
            "is it there, and has `surveyapp db upgrade` run?"
        ) from None
