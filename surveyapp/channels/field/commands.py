"""`surveyapp import FILE`: what a phone that could not send saved to a file."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from surveyapp.channels.field.importing import NoRescueFile, take_in
from surveyapp.submissions.receive import NotStored


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def import_command(file: Path) -> None:
    """Take in what a field phone saved to a file because it could not send it.

    Finished records come in as if the phone had sent them; interviews under way wait in quarantine, for
    an administrator. Taking the same file in again does no harm.

    \b
    Example:
      surveyapp import surveys-2026-09-01T1403.rescue
    """
    try:
        with file.open("rb") as lines:
            taken = take_in(lines)
    except NoRescueFile as bad:
        message = (
            f"{file}: line {bad.line} is none of a phone's emergency file; what came before is taken in"
        )
        raise click.ClickException(message) from None
    except NotStored:
        raise click.ClickException("the database takes nothing at present; do it again later") from None
    for status, count in sorted(taken.records.items()):
        click.echo(f"{status:12}  {count}")
    click.echo(f"{'under way':12}  {taken.drafts}   (in quarantine)")
    click.echo(f"{'files':12}  {taken.files}")
    if taken.unopened:
        raise click.ClickException(f"{taken.unopened} could not be opened with this installation's keys")
