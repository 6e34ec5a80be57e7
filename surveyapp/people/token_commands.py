"""`surveyapp user token|revoke-token`: API tokens from the command line."""

from __future__ import annotations

from datetime import datetime

import click
from flask import Flask

from surveyapp.config import Settings
from surveyapp.days import end_of
from surveyapp.people import tokens
from surveyapp.people.command_group import plain_errors, user_group
from surveyapp.people.tokens import Scope
from surveyapp.wiring import settings_of

DAY = click.DateTime(formats=["%Y-%m-%d"])


@user_group.command("token")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What the token may do; may be given more than once.",
)
@click.option("--label", default="", help="What it is for, as `user list` shows it.")
@click.option("--expires", type=DAY, help="Its last day, YYYY-MM-DD; without it, it does not expire.")
def token_command(name: str, scopes: tuple[str, ...], label: str, expires: datetime | None) -> None:
    """Make an API token for somebody and print it, once.

    \b
    Examples:
      surveyapp user token erlan --scope submit
      surveyapp user token aigerim --scope export --label dashboard --expires 2026-12-31
    """
    ends = end_of(expires.date(), settings_of().timezone) if expires else None
    with plain_errors():
        token = tokens.create_token(name, [Scope(scope) for scope in scopes], label=label, expires=ends)
    click.echo(token)
    click.echo("Keep it safe: it is shown only this once.", err=True)


@user_group.command("revoke-token")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def revoke_token_command(number: int) -> None:
    """Make a token useless; `user list` shows the numbers.

    \b
    Example:
      surveyapp user revoke-token 3
    """
    with plain_errors():
        tokens.revoke_token(number)
    click.echo(f"Token {number} is revoked.")


def register_token_commands(app: Flask, _settings: Settings) -> None:
    """Add them to `surveyapp user …`."""
    app.cli.add_command(user_group)
