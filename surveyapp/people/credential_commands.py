"""`surveyapp user password|reset|sign-out|forget-factor|link|unlink`: how people get in, and no more."""

from __future__ import annotations

import click
from flask import Flask

from surveyapp.config import Settings
from surveyapp.people import factors, links, outside_accounts, service, sessions
from surveyapp.people.command_group import (
    PASSWORD_STDIN,
    from_stdin,
    plain_errors,
    print_link,
    print_password,
    user_group,
)
from surveyapp.wiring import settings_of


@user_group.command("password")
@click.argument("name")
@PASSWORD_STDIN
def password_command(name: str, password_stdin: bool) -> None:
    """Give somebody a new password and print it, once; their sessions end.

    \b
    Examples:
      surveyapp user password aigerim
      surveyapp user password aigerim --password-stdin < new-password
    """
    with plain_errors():
        made = service.set_password(name, from_stdin(password_stdin))
    print_password(made, password_stdin)


@user_group.command("reset")
@click.argument("name")
def reset_command(name: str) -> None:
    """Print a link by which somebody chooses a new password; a link of before is good no more.

    Until it is used, the password stays as it is.

    \b
    Example:
      surveyapp user reset aigerim
    """
    with plain_errors():
        made = links.make(name)
    click.echo(f"User  {made.name}")
    print_link(made)


@user_group.command("sign-out")
@click.argument("name")
def sign_out_command(name: str) -> None:
    """End all of somebody's sessions.

    \b
    Example:
      surveyapp user sign-out aigerim
    """
    with plain_errors():
        ended = sessions.end_sessions(name)
    click.echo(f"{ended} sessions ended.")


@user_group.command("forget-factor")
@click.argument("name")
def forget_factor_command(name: str) -> None:
    """Take the second factor of somebody who has lost it away; their sessions end.

    The password alone lets them in then, until they have set up a new one: be sure who asks.

    \b
    Example:
      surveyapp user forget-factor aigerim
    """
    with plain_errors():
        factors.forget(name)
    click.echo(f"{service.canonical_name(name)} signs in with the password alone.")


@user_group.command("link")
@click.argument("name")
@click.option("--subject", required=True, help="How the provider calls the account: its `sub`.")
def link_command(name: str, subject: str) -> None:
    """Let somebody sign in with their account at the provider of single sign-on (`OIDC_ISSUER`).

    \b
    Example:
      surveyapp user link aigerim --subject 248289761001
    """
    issuer = settings_of().oidc_issuer
    if not issuer:
        raise click.ClickException("there is no provider of single sign-on: OIDC_ISSUER is not set")
    with plain_errors():
        outside_accounts.link(service.known_user(name), issuer, subject)
    click.echo("Linked.")


@user_group.command("unlink")
@click.argument("name")
def unlink_command(name: str) -> None:
    """Take somebody's links with single sign-on away.

    \b
    Example:
      surveyapp user unlink aigerim
    """
    with plain_errors():
        number = outside_accounts.unlink(service.known_user(name))
    click.echo("Taken away." if number else "There is none.")


def register_credential_commands(app: Flask, _settings: Settings) -> None:
    """Add them to `surveyapp user …`."""
    app.cli.add_command(user_group)
