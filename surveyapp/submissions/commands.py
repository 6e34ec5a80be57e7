"""`surveyapp key …` and `submission show`."""

from __future__ import annotations

import json
import sys
from typing import Any
from uuid import UUID

import click
from flask import Flask

from surveyapp.config import Settings
from surveyapp.submissions import rotation
from surveyapp.submissions.command_groups import key_group, submission_group
from surveyapp.submissions.keys import KeyMissing, keys_of
from surveyapp.submissions.opening import Erased
from surveyapp.submissions.sealing import CannotOpen
from surveyapp.submissions.showing import NoSubmission, shown


@key_group.command("list")
def key_list_command() -> None:
    """Show the wrapping keys and how many rows each of them is needed for.

    \b
    Example:
      surveyapp key list
    """
    keys, needed = keys_of(), rotation.rows_by_key()
    for key_id in keys.wrapping:
        retired = keys.retired.get(key_id)
        state = f"retired {retired:%Y-%m-%d}" if retired else "current"
        click.echo(f"{key_id}  {state}  {needed.pop(key_id, 0)} rows")
    for key_id, number in needed.items():
        click.echo(f"{key_id}  MISSING FROM THE KEY FILE  {number} rows cannot be opened")


@key_group.command("rotate")
def key_rotate_command() -> None:
    """Make a new wrapping key and wrap every data key anew; what is sealed is not touched.

    The server may keep running. Stopped half-way, the next call finishes what was begun. Keep a copy
    of the key file apart from the database's backup; copy it to every server.

    \b
    Example:
      surveyapp key rotate
    """

    def begin(rows: int) -> rotation.Progress:
        bar = click.progressbar(length=rows, label="Wrapping data keys", file=sys.stderr)
        bar.render_progress()
        return bar.update

    done = rotation.rotate(begin)
    click.echo()
    if done.resumed:
        click.echo("Finished the rotation that had been begun; call again for a new key.")
    click.echo(f"Current wrapping key: {done.key_id}; {done.rewrapped} data keys wrapped anew.")
    for key_id in done.dropped:
        click.echo(f"Dropped {key_id}: no row needs it any more.")
    if done.unopened:
        raise click.ClickException(f"{done.unopened} rows could not be opened; they keep their key.")


@submission_group.command("show")
@click.argument("submission_id", metavar="UUID", type=click.UUID)
@click.option("--identity", is_flag=True, help="With the answers that point at a person; audited.")
@click.option("--sensitive", is_flag=True, help="With the sensitive answers; audited.")
def submission_show_command(submission_id: UUID, identity: bool, sensitive: bool) -> None:
    """Show one submission as JSON, without what points at a person and what is sensitive.

    \b
    Examples:
      surveyapp submission show 0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10
      surveyapp submission show 0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10 --identity
    """
    try:
        content: dict[str, Any] = shown(submission_id, identity=identity, sensitive=sensitive)
    except (NoSubmission, CannotOpen, Erased, KeyMissing) as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


def register_commands(app: Flask, _settings: Settings) -> None:
    """Add the commands, and those that their own modules add to the groups."""
    for group in (key_group, submission_group):
        app.cli.add_command(group)
