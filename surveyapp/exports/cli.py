"""`surveyapp export`: write a questionnaire's submissions to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError
from tqdm import tqdm

from surveyapp.catalogue.errors import CatalogueError
from surveyapp.config import Settings
from surveyapp.days import end_of, start_of
from surveyapp.exports.approving import check_approver
from surveyapp.exports.errors import ExportError
from surveyapp.exports.formats import FORMATS, PACKAGE_SUFFIX
from surveyapp.exports.request import CsvOptions, ExportRequest, Profile, Selection, TableOptions
from surveyapp.exports.saving import check_place, save
from surveyapp.exports.service import Export, export
from surveyapp.exports.verifying import verify
from surveyapp.i18n import LANGUAGES
from surveyapp.wiring import settings_of

Command = TypeVar("Command", bound=Callable[..., Any])
CODES = "codes"
#: how a separator is said on the command line
SEPARATORS = {",": ",", ";": ";", "tab": "\t"}
DAY = click.DateTime(formats=["%Y-%m-%d"])

OPTIONS = (
    click.argument("questionnaire"),
    click.option(
        "--format",
        "format_name",
        type=click.Choice(list(FORMATS)),
        help="Tables, or one JSON object a line (default: as FILE ends; csv in a package).",
    ),
    click.option(
        "--output",
        type=click.Path(path_type=Path),
        metavar="FILE",
        required=True,
        help="*.csv, *.jsonl: the submissions; *.zip: with rosters, codebook and manifest.",
    ),
    click.option("--force", is_flag=True, help="Replace FILE if it is there already."),
    click.option(
        "--labels",
        type=click.Choice([*LANGUAGES, CODES]),
        default=CODES,
        show_default=True,
        help="Give choices by their labels in a language, or by their codes.",
    ),
    click.option("--split-multiple", is_flag=True, help="A 0/1 column for each choice of several."),
    click.option("--language", type=click.Choice(LANGUAGES), help="Only answered in this language."),
    click.option("--since", type=DAY, metavar="DAY", help="Only received on this day or later."),
    click.option("--until", type=DAY, metavar="DAY", help="Only received on this day or earlier."),
    click.option("--without-synthetic", is_flag=True, help="Leave out what the program made up."),
    click.option("--with-rejected", is_flag=True, help="With what a reviewer rejected."),
    click.option(
        "--separator",
        type=click.Choice(list(SEPARATORS)),
        default=",",
        show_default=True,
        help="What stands between columns; a Russian Excel expects ;",
    ),
    click.option("--decimal-comma", is_flag=True, help="Write 3,5 instead of 3.5."),
    click.option("--bom", is_flag=True, help="Begin with a byte order mark, as Excel expects."),
    click.option(
        "--profile",
        type=click.Choice([profile.value for profile in Profile]),
        default=Profile.DE_IDENTIFIED.value,
        show_default=True,
        help="Counts only; without what points at somebody; or everything, encrypted.",
    ),
    click.option("--include-identity", is_flag=True, help="With answers that point at a person."),
    click.option("--include-sensitive", is_flag=True, help="With sensitive answers."),
    click.option("--reason", default="", help="Why these are needed; kept in the audit log."),
    click.option(
        "--approved-by",
        default="",
        metavar="NAME",
        help="The second person who agreed to a full export: an account with the right to.",
    ),
    click.option(
        "--password-file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        metavar="FILE",
        help="What a full export is encrypted with is its first line (default: you are asked).",
    ),
    click.option("--quiet", is_flag=True, help="No progress bar."),
)


def with_options(command: Command) -> Command:
    """Give a command the options of an export, in their order."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command("export")
@with_options
@with_appcontext
def export_command(output: Path, force: bool, quiet: bool, **asked: Any) -> None:
    """Write the submissions of QUESTIONNAIRE to a file.

    By default it is de-identified: answers that point at a person, sensitive answers and
    free texts are left out, places and times are coarse. With --profile full everything comes, or what
    --include-identity and --include-sensitive say: it needs a reason and a second person, and is
    encrypted. FILE appears only when it is whole, and is readable by you alone.

    \b
    Examples:
      surveyapp export family_survey --output family.csv
      surveyapp export household_baseline --output households.zip \\
          --labels ru --separator ';' --decimal-comma --bom
      surveyapp export site_safety --format jsonl --output sites.jsonl --since 2026-09-01
    """
    request = request_for(output, settings_of().timezone, asked)
    with plain_errors():
        check_place(output, replace=force)
        if request.confidential:
            check_approver(request.approved_by, request.questionnaire)
        made = export(request)
        save(shown(made, quiet=quiet), output)
    click.echo(f"{made.sent} submissions in {output}")


@click.command("export-verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="What a full export was encrypted with is its first line.",
)
def verify_command(file: Path, password_file: Path | None) -> None:
    """Look whether a package (FILE.zip) is whole: every file of its manifest, byte for byte.

    \b
    Example:
      surveyapp export-verify households.zip
    """
    with plain_errors():
        found = verify(file, _password(password_file) if password_file else "")
    click.echo(
        f"{file} is whole: {found.questionnaire}, {found.profile}, "
        f"{found.submissions} submissions, {found.files} files"
    )


def request_for(output: Path, zone: ZoneInfo, asked: dict[str, Any]) -> ExportRequest:
    """What the options ask for."""
    by_suffix = {each.suffix: name for name, each in FORMATS.items()}
    format_ = FORMATS[asked["format_name"] or by_suffix.get(output.suffix, "csv")]
    if output.suffix not in {format_.suffix, PACKAGE_SUFFIX}:
        raise click.BadParameter(
            f"{format_.name} goes into a file that ends in {format_.suffix}, or in {PACKAGE_SUFFIX}",
            param_hint="--output",
        )
    profile = Profile(asked["profile"])
    if profile is Profile.FULL and output.suffix != PACKAGE_SUFFIX:
        raise click.BadParameter(
            f"a full export is an encrypted archive and goes into a file that ends in {PACKAGE_SUFFIX}",
            param_hint="--output",
        )
    # a full export is of everything, unless one of its two parts is named
    named = asked["include_identity"] or asked["include_sensitive"]
    everything = profile is Profile.FULL and not named
    return ExportRequest(
        profile=profile,
        approved_by=asked["approved_by"],
        password=_password(asked["password_file"]) if _is_due(profile, asked) else "",
        questionnaire=asked["questionnaire"],
        format=format_.name,
        package=output.suffix == PACKAGE_SUFFIX,
        selection=_selection(zone, asked),
        tables=TableOptions(
            labels=None if asked["labels"] == CODES else asked["labels"],
            split_multiple=asked["split_multiple"],
            include_identity=asked["include_identity"] or everything,
            include_sensitive=asked["include_sensitive"] or everything,
        ),
        csv=CsvOptions(
            separator=SEPARATORS[asked["separator"]],
            byte_order_mark=asked["bom"],
            decimal_comma=asked["decimal_comma"],
        ),
        reason=asked["reason"],
    )


def _is_due(profile: Profile, asked: Mapping[str, Any]) -> bool:
    """Whether the password is needed: nobody is asked for it when something else is missing."""
    return profile is Profile.FULL and bool(asked["reason"].strip() and asked["approved_by"].strip())


def _password(file: Path | None) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    password: str = click.prompt(
        "What the archive is encrypted with", hide_input=True, confirmation_prompt=True, err=True
    )
    return password


def _selection(zone: ZoneInfo, asked: dict[str, Any]) -> Selection:
    since: datetime | None = asked["since"]
    until: datetime | None = asked["until"]
    return Selection(
        since=start_of(since.date(), zone) if since else None,
        before=end_of(until.date(), zone) if until else None,
        language=asked["language"],
        synthetic=not asked["without_synthetic"],
        rejected=asked["with_rejected"],
    )


def shown(made: Export, *, quiet: bool) -> Iterator[bytes]:
    """The bytes of an export, with a bar on standard error that grows with the submissions."""
    with tqdm(total=made.submissions, unit=" submissions", disable=quiet) as bar:
        for chunk in made:
            bar.update(made.sent - bar.n)
            yield chunk
        bar.update(made.sent - bar.n)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say what went wrong in one line of plain words, with exit status 1."""
    try:
        yield
    except (CatalogueError, ExportError) as error:
        raise click.ClickException(str(error)) from None
    except DBAPIError as error:
        kind = type(error.orig).__name__
        raise click.ClickException(
            f"the database cannot be read ({kind}); is it there, and has `surveyapp db upgrade` run?"
        ) from None


def register_exports(app: Flask, _settings: Settings) -> None:
    """Add the command."""
    app.cli.add_command(export_command)
    app.cli.add_command(verify_command)
