"""What the files of `surveyapp user …` share: the group, how a refusal is said, what is printed once."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import segno
from flask.cli import AppGroup
from flask_babel import force_locale

from surveyapp.people import links, service
from surveyapp.people.errors import PeopleError
from surveyapp.people.link_addresses import address_of
from surveyapp.wiring import settings_of

user_group = AppGroup("user", help="Accounts and API tokens.")
PASSWORD_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, not make one up."
)


@contextmanager
def plain_errors() -> Iterator[None]:
    """What the service refuses is said in one line of English, without a traceback."""
    try:
        with force_locale("en"):
            yield
    except PeopleError as error:
        raise click.ClickException(str(error)) from None


def from_stdin(wanted: bool) -> str | None:
    """The first line of standard input, if that is wanted."""
    return sys.stdin.readline().rstrip("\r\n") if wanted else None


def print_link(made: links.NewLink) -> None:
    """A one-time link, in letters and as a code for a phone's camera."""
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


def print_password(made: service.NewPassword, was_given: bool) -> None:
    """Whose password it is, and the password if nobody brought it."""
    click.echo(f"User      {made.name}")
    if not was_given:
        click.echo(f"Password  {made.password}   (shown only this once)")
