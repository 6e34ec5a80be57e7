"""`surveyapp user …`: accounts and API tokens from the command line."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import click
import segno
from flask import Flask
from flask.cli import AppGroup
from flask_babel import force_locale

from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.days import end_of
from surveyapp.people import factors, granting, links, outside_accounts, service, sessions, tokens
from surveyapp.people.errors import PeopleError
from surveyapp.people.link_addresses import address_of
from surveyapp.people.models import ALL, ApiToken, Grant, User
from surveyapp.people.rights import Place, RoleName
from surveyapp.people.tokens import Scope
from surveyapp.wiring import settings_of

user_group = AppGroup("user", help="Accounts and API tokens.")
PASSWORD_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, not make one up."
)
Decorated = TypeVar("Decorated", bound=Callable[..., Any])
DAY = click.DateTime(formats=["%Y-%m-%d"])


@contextmanager
def plain_errors() -> Iterator[None]:
    """What the service refuses is said in one line of English, without a traceback."""
    try:
        with force_locale("en"):
            yield
    except PeopleError as error:
        raise click.ClickException(str(error)) from None


@user_group.command("add")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in RoleName]),
    help="What the person may do; may be given more than once.",
)
@PASSWORD_STDIN
def add_command(name: str, roles: tuple[str, ...], password_stdin: bool) -> None:
    """Make an account and print a link by which the person chooses a password, once.

    \b
    Examples:
      surveyapp user add aigerim --role administrator
      surveyapp user add erlan --role supervisor --role reviewer
    """
    with plain_errors():
        password = _from_stdin(password_stdin)
        known = service.add_user(name, [RoleName(role) for role in roles], password)
        made = None if password_stdin else links.make(known)
    click.echo(f"User  {known}")
    if made:
        _print_link(made)


def _of_a_place(command: Decorated) -> Decorated:
    """Add the options that say what a role is for."""
    region = click.option("--region", help="For this region only: its code, as in the geography.")
    questionnaire = click.option("--questionnaire", help="For this questionnaire only: its id.")
    return questionnaire(region(command))


ROLE = click.argument("role", type=click.Choice([role.value for role in RoleName]))


@user_group.command("grant")
@click.argument("name")
@ROLE
@_of_a_place
def grant_command(name: str, role: str, questionnaire: str | None, region: str | None) -> None:
    """Give somebody a role: for everything, for one questionnaire, for one region, or for both.

    \b
    Examples:
      surveyapp user grant erlan reviewer --questionnaire household_baseline
      surveyapp user grant dana supervisor --region 270000000
    """
    with plain_errors():
        new = granting.give(name, RoleName(role), Place(questionnaire, region))
    click.echo("Given." if new else "They have it already.")


@user_group.command("take")
@click.argument("name")
@ROLE
@_of_a_place
def take_command(name: str, role: str, questionnaire: str | None, region: str | None) -> None:
    """Take a role from somebody, as it was given.

    \b
    Example:
      surveyapp user take dana supervisor --region 270000000
    """
    with plain_errors():
        granting.take(name, RoleName(role), Place(questionnaire, region))
    click.echo("Taken.")


@user_group.command("list")
def list_command() -> None:
    """Show every account, its roles and its tokens.

    \b
    Example:
      surveyapp user list
    """
    for user in service.users():
        roles = ", ".join(map(_spelt, user.grants)) or "no role"
        click.echo(f"{user.username}  {roles}{_standing_of(user)}")
        for token in user.tokens:
            click.echo(f"  token {token.id}  {token.name}  {_state_of(token)}")


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
        made = service.set_password(name, _from_stdin(password_stdin))
    _print_password(made, password_stdin)


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
    _print_link(made)


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


@user_group.command("activate")
@click.argument("name")
def activate_command(name: str) -> None:
    """Give somebody their account back; tokens and devices stay revoked.

    \b
    Example:
      surveyapp user activate erlan
    """
    with plain_errors():
        service.activate(name)
    click.echo(f"{service.canonical_name(name)} may sign in again.")


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


@user_group.command("deactivate")
@click.argument("name")
def deactivate_command(name: str) -> None:
    """Take somebody's access away: sessions end, tokens are refused. What they did stays.

    \b
    Example:
      surveyapp user deactivate erlan
    """
    with plain_errors():
        service.deactivate(name)
    click.echo(f"{service.canonical_name(name)} has no access any more.")


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


def _from_stdin(wanted: bool) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if wanted else None


def _print_link(made: links.NewLink) -> None:
    settings = settings_of()
    until = made.expires_at.astimezone(settings.timezone)
    link = address_of(made.word)
    click.echo(f"Link  {link}")
    click.echo(f"      (shown only this once; good for one use, until {until:%Y-%m-%d %H:%M})")
    code = io.StringIO()
    segno.make_qr(link, error="l").terminal(code, compact=True)
    click.echo(code.getvalue())
    if not settings.public_url:
        click.echo("PUBLIC_URL is not set: other machines cannot reach this address.", err=True)


def _print_password(made: service.NewPassword, was_given: bool) -> None:
    click.echo(f"User      {made.name}")
    if not was_given:
        click.echo(f"Password  {made.password}   (shown only this once)")


def _spelt(grant: Grant) -> str:
    """A role, and what it is for if it is not for everything."""
    place = [word for word in (grant.questionnaire, grant.region) if word != ALL]
    return f"{grant.role.name} ({', '.join(place)})" if place else grant.role.name


def _standing_of(user: User) -> str:
    if not user.active:
        return "  (deactivated)"
    return "" if user.password else "  (no password yet)"


def _state_of(token: ApiToken) -> str:
    if token.revoked_at:
        return "revoked"
    if token.expires_at and token.expires_at <= utc_now():
        return "expired"
    return ", ".join(token.scopes)


def register_commands(app: Flask, _settings: Settings) -> None:
    """Add `surveyapp user …`."""
    app.cli.add_command(user_group)
