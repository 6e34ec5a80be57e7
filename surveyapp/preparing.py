"""What a fresh installation needs before it can serve; done again, it changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

import click
from flask import Flask
from flask.cli import AppGroup

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.definitions import renew_kept_definitions
from surveyapp.catalogue.problems import explain
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.migrating import alembic_group, upgrade_database
from surveyapp.people import audit_chain
from surveyapp.people.service import ensure_first_administrator
from surveyapp.submissions import chains
from surveyapp.submissions.changes import begin_epoch
from surveyapp.submissions.keys import keys_of


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was made: the first administrator's name and password (only then), and what to tell."""

    administrator: tuple[str, str] | None
    notes: tuple[str, ...] = ()


def prepare(settings: Settings) -> Prepared:
    """Bring the database to the newest migration, publish what is built in, make an administrator.

    Definitions that another edition of the program kept are written anew; submissions and entries of the
    audit log that it stored without a chain get one.

    No transaction stays open: the process that calls this goes on for as long as the server runs, and
    on SQLite an open transaction would keep everybody else from writing.
    """
    upgrade_database()
    try:
        notes = _publish(settings)
        renew_kept_definitions()
        chains.begin_missing(keys_of())
        audit_chain.begin_missing()
        return Prepared(ensure_first_administrator(), notes)
    finally:
        db.session.remove()


def _publish(settings: Settings) -> tuple[str, ...]:
    from surveyapp.questionnaires.xlsform import WorkbookError  # large, and needed only here

    try:
        catalogue.publish_built_in(settings)
    except WorkbookError as error:
        reasons = "; ".join(explain(problem, "en") for problem in error.problems)
        return (f"the built-in questionnaires were not published: {reasons}",)
    return ()


database_group = AppGroup("db", help="The tables of the database.")


@database_group.command("upgrade")
def upgrade_command() -> None:
    """Bring the tables to what this edition of the program needs; done again, it changes nothing.

    \b
    Example:
      surveyapp db upgrade
    """
    upgrade_database()
    click.echo("the database is up to date")


@database_group.command("restored")
def restored_command() -> None:
    """Say that the database was put back from a backup, before it serves again.

    What was written after the backup is gone, and its numbers are given out once more. So readers with a
    cursor of before (`since=`) are told to start again, instead of missing what comes.

    \b
    Example:
      surveyapp db restored
    """
    begin_epoch()
    click.echo("readers of changes will start again")


def register_database_commands(app: Flask, _settings: Settings) -> None:
    """Add `surveyapp db …`."""
    app.cli.add_command(database_group)
    app.cli.add_command(alembic_group)
