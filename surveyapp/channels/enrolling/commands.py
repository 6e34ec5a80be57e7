"""`surveyapp device code|new-code|sheet`: phones enrolled by one-time codes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import click
import segno
from flask import Flask
from flask_babel import force_locale

from surveyapp.channels.enrolling.interviewers import BadList, Interviewer, read_list
from surveyapp.channels.enrolling.making import (
    everything_known,
    for_collect,
    last_day_of,
    life_of,
    link_of,
    with_codes,
)
from surveyapp.channels.enrolling.sheet import sheet
from surveyapp.channels.openrosa.collect_settings import as_terminal_text, write_picture
from surveyapp.channels.openrosa.commands import FILE, PNG, SVG
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.i18n import DEFAULT_LANGUAGE, LANGUAGES
from surveyapp.people import enrolments
from surveyapp.people.command_group import plain_errors
from surveyapp.people.device_commands import NUMBER, device_group
from surveyapp.people.enrolments import NewCode
from surveyapp.wiring import settings_of

DAYS = click.option(
    "--days",
    type=click.IntRange(1, 90),
    default=enrolments.LIFE.days,
    show_default=True,
    help="How long a code is good.",
)


@device_group.command("code")
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
@DAYS
@PNG
@SVG
def code_command(
    name: str,
    questionnaires: tuple[str, ...],
    language: str,
    username: str | None,
    days: int,
    **pictures: Path | None,
) -> None:
    """Make a device and a one-time code by which a phone becomes it; print both, once.

    The link is for the field staff's own program; any other redeems the code by
    POST /api/v1/enrolments/redeem. ODK Collect knows no codes: use `device enrol`.

    \b
    Examples:
      surveyapp device code "Aigerim's phone" --language ru
      surveyapp device code kostanay-7 --questionnaire site_safety --user erlan --days 3
    """
    for unknown in sorted(set(questionnaires) - everything_known().questionnaires):
        raise click.ClickException(f"there is no questionnaire “{unknown}”")
    with plain_errors():
        made = enrolments.enrol(
            name,
            questionnaires=questionnaires,
            language=language,
            username=username,
            life=life_of(days),
        )
    db.session.commit()
    _show(made, pictures)


@device_group.command("new-code")
@NUMBER
@DAYS
@PNG
@SVG
def new_code_command(number: int, days: int, **pictures: Path | None) -> None:
    """Make another code for a device: the first is lost or out of date, or the phone was replaced.

    Earlier codes are over. The phone that redeems it takes the device over; what the former one still
    holds comes in to quarantine.

    \b
    Example:
      surveyapp device new-code 7
    """
    with plain_errors():
        made = enrolments.another_code(number, life_of(days))
    db.session.commit()
    _show(made, pictures)


def _show(made: NewCode, pictures: dict[str, Path | None]) -> None:
    settings = settings_of()
    link = link_of(made)
    last = last_day_of(made)
    click.echo(f"Device  {made.device_id}  {made.name}")
    click.echo(f"Code    {made.in_groups}   (shown only this once; good until {last}, for one phone)")
    click.echo(f"Link    {link}")
    code = segno.make_qr(link, error="m", boost_error=False)
    click.echo(as_terminal_text(code))
    for kind, file in pictures.items():
        if file is not None:
            with _plain_failure(file):
                write_picture(code, file, kind)
    _warn(settings)


def _warn(settings: Settings) -> None:
    if not settings.public_url:
        click.echo("PUBLIC_URL is not set: other phones cannot reach this address.", err=True)


# --- a whole list -----------------------------------------------------------------------------------


@device_group.command("sheet")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--output", type=FILE, required=True, help="The sheet: an HTML file that is not there yet."
)
@click.option(
    "--collect",
    is_flag=True,
    help="For ODK Collect: its settings with a key, instead of one-time codes.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=DEFAULT_LANGUAGE,
    show_default=True,
    help="Language of the heading; each card is in that of its row.",
)
@DAYS
def sheet_command(file: Path, output: Path, collect: bool, language: str, days: int) -> None:
    """Enrol a list of interviewers: a CSV file in, a sheet of QR codes to be printed out.

    Columns: name; and, if wanted, user (an account), language (kk, ru or en), questionnaires (ids with
    spaces between them). Whatever is wrong in any row is told at once, and then nothing is made.

    \b
    Examples:
      surveyapp device sheet interviewers.csv --output sheet.html
      surveyapp device sheet interviewers.csv --output sheet.html --collect --language ru
    """
    rows = _rows(file)
    with plain_errors():
        cards = for_collect(rows) if collect else with_codes(rows, life_of(days))
    content = sheet(cards, operator=settings_of().operator, language=language)
    _write_once(output, content.encode())
    click.echo(f"{len(cards)} devices; the sheet is {output}. It is as secret as the codes on it.")
    _warn(settings_of())


def _rows(file: Path) -> list[Interviewer]:
    try:
        return read_list(file.read_bytes(), everything_known())
    except BadList as bad:
        with force_locale("en"):
            told = "\n".join(f"  {mistake}" for mistake in bad.mistakes)
        hint = "`surveyapp device new-code NUMBER` makes another code for a phone that is there."
        raise click.ClickException(f"{file}: nothing was made.\n{told}\n{hint}") from None


def _write_once(output: Path, content: bytes) -> None:
    """Write the sheet and commit what it tells of: neither is there without the other."""
    with _plain_failure(output):
        _write_whole(output, content)
    try:
        db.session.commit()
    except BaseException:
        output.unlink()
        raise


def _write_whole(output: Path, content: bytes) -> None:
    """Take the name, which nobody has yet; write beside and rename, so that no half is left behind."""
    os.close(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    beside = output.with_name(f".{output.name}.{uuid4().hex}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        beside.replace(output)
    except BaseException:
        output.unlink()
        beside.unlink(missing_ok=True)
        raise


@contextmanager
def _plain_failure(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        db.session.rollback()
        raise click.ClickException(f"{file}: {error.strerror}; nothing was made") from None


def register_enrolling(app: Flask, _settings: Settings) -> None:
    """Add `surveyapp device …`, with the commands that make codes."""
    app.cli.add_command(device_group)
