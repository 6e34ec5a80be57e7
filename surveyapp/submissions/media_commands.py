"""`surveyapp media …`: the files of submissions."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.submissions import orphans

media_group = AppGroup("media", help="The files of submissions.")


@media_group.command("collect")
def media_collect_command() -> None:
    """Remove the files that nobody needs; the worker does the same once a day.

    A file that was sent and that no submission names is kept for FILE_GRACE_HOURS; what a crash left
    behind, for a day by the server's clock: not to be called when that has just been put forward.

    \b
    Example:
      surveyapp media collect
    """
    done = orphans.collect(utc_now())
    click.echo(f"{done.taken_in} files taken in")
    click.echo(f"{done.uploads} uploads over")
    click.echo(f"{done.files} files that nothing names removed")
    click.echo(f"{done.strays} leftovers removed")


def register_media_commands(app: Flask, _settings: Settings) -> None:
    """Add `surveyapp media …`."""
    app.cli.add_command(media_group)
