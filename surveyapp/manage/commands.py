"""`surveyapp invitation …`: single-use codes for a questionnaire's families or adolescents."""

from __future__ import annotations

from datetime import datetime

import click
from flask import Flask
from flask.cli import AppGroup

from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.days import end_of
from surveyapp.people import invitations
from surveyapp.wiring import settings_of

invitation_group = AppGroup("invitation", help="Single-use codes for families and adolescents.")


@invitation_group.command("create")
@click.argument("questionnaire")
@click.option("--count", type=click.IntRange(1, 100_000), default=1, show_default=True, help="How many.")
@click.option(
    "--expires",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="Their last day, YYYY-MM-DD; without it, they do not expire.",
)
def create_command(questionnaire: str, count: int, expires: datetime | None) -> None:
    """Print new codes, one on a line. They are shown only this once: keep them.

    \b
    Examples:
      surveyapp invitation create adolescent_selfreport --count 30 --expires 2026-12-31
      surveyapp invitation create adolescent_selfreport --count 500 > codes.txt
    """
    if catalogue.current(questionnaire) is None:
        raise click.ClickException(f"there is no questionnaire “{questionnaire}”")
    ends = end_of(expires.date(), settings_of().timezone) if expires else None
    for code in invitations.create(questionnaire, count, ends):
        click.echo(code)


def register_commands(app: Flask, _settings: Settings) -> None:
    """Add `surveyapp invitation …`."""
    app.cli.add_command(invitation_group)
