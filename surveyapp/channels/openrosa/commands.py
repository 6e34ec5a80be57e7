"""`surveyapp device enrol`, and `surveyapp user collect-password`: both for ODK Collect."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import segno
from flask import Flask

from surveyapp.catalogue import service as catalogue
from surveyapp.channels.openrosa.addresses import base_outside_requests
from surveyapp.channels.openrosa.collect_settings import (
    as_terminal_text,
    collect_settings,
    qr_code,
    write_picture,
)
from surveyapp.i18n import DEFAULT_LANGUAGE, LANGUAGES
from surveyapp.people import collect_sign_in, devices
from surveyapp.people.command_group import plain_errors, user_group
from surveyapp.people.device_commands import device_group
from surveyapp.people.devices import Purpose
from surveyapp.people.service import known_user
from surveyapp.wiring import settings_of

FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
PNG = click.option("--png", type=FILE, help="Also write the QR code to this file, as PNG.")
SVG = click.option("--svg", type=FILE, help="Also write the QR code to this file, as SVG.")


@device_group.command("enrol")
@click.argument("name")
@click.option(
    "--questionnaire",
    "questionnaires",
    multiple=True,
    help="A questionnaire it may fill in; may be given more than once. Without one: all.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=DEFAULT_LANGUAGE,
    show_default=True,
    help="Language of what the phone is told.",
)
@click.option("--user", "username", help="Whose phone it is, if that person has an account.")
@PNG
@SVG
def enrol_command(
    name: str,
    questionnaires: tuple[str, ...],
    language: str,
    username: str | None,
    **pictures: Path | None,
) -> None:
    """Make a key for a phone; print its address for ODK Collect and the QR code, once.

    \b
    Examples:
      surveyapp device enrol "Aigerim's phone" --language ru
      surveyapp device enrol kostanay-7 --questionnaire site_safety --user erlan --png qr.png
    """
    _refuse_unknown(questionnaires)
    with plain_errors():
        made = devices.enrol(
            name,
            Purpose.OPENROSA,
            questionnaires=questionnaires,
            language=language,
            username=username,
        )
    address = base_outside_requests(settings_of(), made.key)
    click.echo(f"Device   {made.id}  {made.name}")
    click.echo(f"Address  {address}   (shown only this once)")
    show_code(collect_settings(address, project=_project(), language=language), pictures)


def show_code(settings: Mapping[str, Any], pictures: Mapping[str, Path | None]) -> None:
    """Print the QR code that sets up ODK Collect; write it to the files that were asked for, by kind."""
    code = qr_code(settings)
    click.echo(as_terminal_text(code))
    for kind, file in pictures.items():
        if file is not None:
            _write(code, file, kind)
    if not settings_of().public_url:
        click.echo("PUBLIC_URL is not set: other phones cannot reach this address.", err=True)


def _project() -> str:
    return settings_of().operator or "surveyapp"


def _write(code: segno.QRCode, file: Path, kind: str) -> None:
    try:
        write_picture(code, file, kind)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from None


def _refuse_unknown(questionnaires: tuple[str, ...]) -> None:
    known = {entry.id for entry in catalogue.entries()}
    for questionnaire in questionnaires:
        if questionnaire not in known:
            raise click.ClickException(f"there is no questionnaire “{questionnaire}”")


@user_group.command("collect-password")
@click.argument("name")
@PNG
@SVG
def collect_password_command(name: str, **pictures: Path | None) -> None:
    """Make a password for ODK Collect, apart from the account's own; print it and the QR code, once.

    \b
    Example:
      surveyapp user collect-password erlan --png erlan.png
    """
    with plain_errors():
        made = collect_sign_in.make_password(name)
    address = base_outside_requests(settings_of(), None)
    click.echo(f"Address   {address}")
    click.echo(f"User      {made.name}")
    click.echo(f"Password  {made.password}   (shown only this once)")
    settings = collect_settings(
        address,
        project=_project(),
        language=known_user(name).language or DEFAULT_LANGUAGE,
        account=(made.name, made.password),
    )
    show_code(settings, pictures)


def register_commands(app: Flask) -> None:
    """Add `surveyapp device …`, with the command that is for ODK Collect."""
    app.cli.add_command(device_group)
