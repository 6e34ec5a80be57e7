"""The `surveyapp` command. Each feature package owns its commands and adds them in its `register_x`."""

from __future__ import annotations

import sys
from typing import Any

import click
from flask import Flask
from flask.cli import FlaskGroup, ScriptInfo
from sqlalchemy.exc import DBAPIError

from surveyapp import create_app
from surveyapp.catalogue.registering import QUESTIONNAIRES
from surveyapp.config import BadSetting, Settings
from surveyapp.lean import leave_out_sign_in
from surveyapp.questionnaires.storable import is_storable
from surveyapp.wiring import EXPORTING

#: what extensions add for those who work on the program; not listed, since nobody else needs them
FOR_DEVELOPERS = frozenset({"alembic", "limiter", "openapi"})


class Commands(FlaskGroup):
    """The commands of the program, each with a help and an example of its own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Those that somebody who runs the program needs."""
        return [name for name in super().list_commands(ctx) if name not in FOR_DEVELOPERS]

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """An export is made by an application without pages, which would take 40 MB more."""
        if args[:1] == ["export"]:
            extra.setdefault("obj", ScriptInfo(create_app=_exporting, set_debug_flag=False))
        return super().make_context(info_name, args, parent, **extra)

    def _load_plugin_commands(self) -> None:
        """None: a package that is installed beside the program must not add commands to it."""


def _exporting() -> Flask:
    leave_out_sign_in()
    return create_app(concerns=EXPORTING)


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
cli.add_command(QUESTIONNAIRES)
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
