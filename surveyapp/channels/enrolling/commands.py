"""`surveyapp device code|new-code|sheet`: phones enrolled by one-time codes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import click
import segno
from flask import Flask

from surveyapp.catalogue import service as catalogue
from surveyapp.channels.enrolling.interviewers import BadList, Interviewer, Known, read_list
from surveyapp.channels.enrolling.sheet import Card, sheet
from surveyapp.channels.openrosa.addresses import base_outside_requests
from surveyapp.channels.openrosa.collect_settings import (
    as_terminal_text,
    collect_settings,
    packed,
    write_picture,
)
from surveyapp.channels.openrosa.commands import FILE, PNG, SVG
from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.days import day_of, end_of
from surveyapp.extensions import db
from surveyapp.i18n import DEFAULT_LANGUAGE, LANGUAGES
from surveyapp.people import devices, enrolments
from surveyapp.people import service as accounts
from surveyapp.people.commands import plain_errors
from surveyapp.people.device_commands import NUMBER, device_group
from surveyapp.people.devices import Purpose
from surveyapp.people.enrolments import NewCode
from surveyapp.wiring import settings_of

#: where the field staff's program is; the code stands after `#`, which no server and no log sees
FIELD = "/field"
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
    for unknown in sorted(set(questionnaires) - _known().questionnaires):
        raise click.ClickException(f"there is no questionnaire “{unknown}”")
    with plain_errors():
        made = enrolments.enrol(
            name,
            questionnaires=questionnaires,
            language=language,
            username=username,
            life=_life(days),
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
        made = enrolments.another_code(number, _life(days))
    db.session.commit()
    _show(made, pictures)


def _show(made: NewCode, pictures: dict[str, Path | None]) -> None:
    settings = settings_of()
    link = _link(settings, made)
    last = _last_day(made)
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


def _life(days: int) -> timedelta:
    """So many days from today on, to the end of the last one."""
    now, zone = utc_now(), settings_of().timezone
    return end_of(day_of(now, zone) + timedelta(days=days), zone) - now


def _last_day(made: NewCode) -> date:
    """The last day on which a code is good."""
    return day_of(made.expires_at - timedelta(minutes=1), settings_of().timezone)


def _link(settings: Settings, made: NewCode) -> str:
    return f"{_field(settings)}#enrol={made.in_groups}"


def _field(settings: Settings) -> str:
    return (settings.public_url or f"http://{settings.host}:{settings.port}") + FIELD


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
        cards = _for_collect(rows) if collect else _with_codes(rows, _life(days))
    content = sheet(cards, operator=settings_of().operator, language=language)
    _write_once(output, content.encode())
    click.echo(f"{len(cards)} devices; the sheet is {output}. It is as secret as the codes on it.")
    _warn(settings_of())


def _rows(file: Path) -> list[Interviewer]:
    try:
        return read_list(file.read_bytes(), _known())
    except BadList as bad:
        told = "\n".join(f"  {mistake}" for mistake in bad.mistakes)
        raise click.ClickException(f"{file}: nothing was made.\n{told}") from None


def _known() -> Known:
    active = (device for device in devices.devices() if device.revoked_at is None)
    return Known(
        users=frozenset(user.username for user in accounts.users() if user.active),
        questionnaires=frozenset(entry.id for entry in catalogue.entries()),
        devices={device.name: device.id for device in active},
    )


def _with_codes(rows: Sequence[Interviewer], life: timedelta) -> list[Card]:
    """Cards with one-time codes; their rows are in the session, not committed."""
    settings = settings_of()
    made = [
        enrolments.enrol(
            row.name,
            questionnaires=row.questionnaires,
            language=row.language,
            username=row.username,
            life=life,
        )
        for row in rows
    ]
    return [
        Card(
            one.name,
            one.language,
            _link(settings, one),
            address=_field(settings),
            code=one.in_groups,
            last_day=_last_day(one),
        )
        for one in made
    ]


def _for_collect(rows: Sequence[Interviewer]) -> list[Card]:
    """Cards with settings of ODK Collect, which hold a key; their rows are in the session only."""
    return [_collect_card(row) for row in rows]


def _collect_card(row: Interviewer) -> Card:
    settings = settings_of()
    device = devices.add(
        row.name, questionnaires=row.questionnaires, language=row.language, username=row.username
    )
    key = devices.new_key(device.id, Purpose.OPENROSA)
    address = base_outside_requests(settings, key)
    project = settings.operator or "surveyapp"
    text = packed(collect_settings(address, project=project, language=row.language))
    return Card(row.name, row.language, text)


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
