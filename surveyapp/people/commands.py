"""`surveyapp user add|grant|take|list|activate|deactivate`: accounts and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from flask import Flask

from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.people import granting, links, service
from surveyapp.people.command_group import (
    PASSWORD_STDIN,
    from_stdin,
    plain_errors,
    print_link,
    user_group,
)
from surveyapp.people.models import ALL, ApiToken, Grant, User
from surveyapp.people.rights import Place, RoleName

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


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
        password = from_stdin(password_stdin)
        known = service.add_user(name, [RoleName(role) for role in roles], password)
        made = None if password_stdin else links.make(known)
    click.echo(f"User  {known}")
    if made:
        print_link(made)


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
