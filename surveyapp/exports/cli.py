"""`surveyapp export`: write a questionnaire's submissions to a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click
from flask import Flask
from flask.cli import with_appcontext
from flask_babel import force_locale
from sqlalchemy.exc import DBAPIError

from surveyapp.catalogue.errors import CatalogueError
from surveyapp.config import Settings
from surveyapp.exports.approving import check_approver
from surveyapp.exports.choices import BOTH, CODES, LABELS, NO, YES
from surveyapp.exports.choosing import read_request
from surveyapp.exports.errors import ExportError
from surveyapp.exports.formats import FORMATS, PACKAGE_SUFFIX
from surveyapp.exports.request import ExportRequest, Multiple, Profile
from surveyapp.exports.saving import check_place, save
from surveyapp.exports.service import Export, export
from surveyapp.exports.verifying import verify
from surveyapp.i18n import LANGUAGES
from surveyapp.wiring import settings_of

Command = TypeVar("Command", bound=Callable[..., Any])
#: how a separator is said on the command line
SEPARATORS = (",", ";", "tab")
#: choices that the command has other options for, and nothing else
_OWN_OPTIONS = frozenset({"format", "package", "profile", "identity", "sensitive", "reason"})
DAY = click.DateTime(formats=["%Y-%m-%d"])

OPTIONS = (
    click.argument("questionnaire"),
    click.option(
        "--format",
        "format_name",
        type=click.Choice(list(FORMATS)),
        help="Tables, one JSON object a line, a map, or the files of the submissions "
        "(default: as FILE ends; csv in a package).",
    ),
    click.option(
        "--output",
        type=click.Path(path_type=Path),
        metavar="FILE",
        required=True,
        help="*.csv, *.xlsx, *.sav, …: the submissions; *.zip: with rosters, codebook and manifest.",
    ),
    click.option("--force", is_flag=True, help="Replace FILE if it is there already."),
    click.option(
        "--labels",
        type=click.Choice([*LANGUAGES, CODES]),
        default=CODES,
        show_default=True,
        help="Give choices by their labels in a language, or by their codes.",
    ),
    click.option("--codes", is_flag=True, help="With --labels: the codes in a column beside."),
    click.option("--split-multiple", is_flag=True, help="A 0/1 column for each choice of several."),
    click.option(
        "--choose",
        multiple=True,
        metavar="NAME=VALUE",
        help="Any choice of the export page, such as rosters=flat, missing=marked, times=utc, "
        "status=accepted, versions=1, region=100000000, columns=agreed,size; can be given again.",
    ),
    click.option("--language", type=click.Choice(LANGUAGES), help="Only answered in this language."),
    click.option("--since", type=DAY, metavar="DAY", help="Only received on this day or later."),
    click.option("--until", type=DAY, metavar="DAY", help="Only received on this day or earlier."),
    click.option(
        "--where",
        default="",
        metavar="EXPRESSION",
        help="Only those of which this is true, such as '${age} > 17' or 'max(${c_age}) < 5'.",
    ),
    click.option("--without-synthetic", is_flag=True, help="Leave out what the program made up."),
    click.option("--with-rejected", is_flag=True, help="With what a reviewer rejected."),
    click.option(
        "--separator",
        type=click.Choice(SEPARATORS),
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
      surveyapp export family_survey --output family.xlsx --choose rosters=flat --choose missing=marked
      surveyapp export site_safety --format jsonl --output sites.jsonl --since 2026-09-01
      surveyapp export family_survey --format sav --labels ru --output family.zip
      surveyapp export household_baseline --output young.csv --where 'max(${c_age}) < 5'
      surveyapp export site_safety --format media --output photographs.zip --profile full \\
          --reason 'Repairs of wells' --approved-by steward
    """
    with plain_errors():
        request = request_for(output, settings_of().timezone, asked)
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
    by_suffix = {each.suffix: name for name, each in FORMATS.items() if not each.media}
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
    package = output.suffix == PACKAGE_SUFFIX
    words = _words(asked) | {"format": format_.name, "package": YES if package else NO}
    return replace(
        read_request(asked["questionnaire"], words, zone),
        approved_by=asked["approved_by"],
        password=_password(asked["password_file"]) if _is_due(profile, asked) else "",
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


def _words(asked: dict[str, Any]) -> dict[str, str]:
    """The options as the words that every export has for its choices; `--choose` goes before."""
    words = dict(_parted(each) for each in asked["choose"])
    if asked["labels"] != CODES:
        words |= {"values": BOTH if asked["codes"] else LABELS, "language": asked["labels"]}
    if asked["split_multiple"]:
        words["multiple"] = Multiple.SPLIT
    if asked["separator"] != ",":
        words["separator"] = {";": "semicolon", "tab": "tab"}[asked["separator"]]
    for option, name in (("since", "received_from"), ("until", "received_to")):
        if asked[option]:
            words[name] = f"{asked[option]:%Y-%m-%d}"
    if asked["language"]:
        words["answered_in"] = asked["language"]
    flags = {
        "with_rejected": "rejected",
        "bom": "bom",
        "decimal_comma": "decimal_comma",
        "include_identity": "identity",
        "include_sensitive": "sensitive",
    }
    words |= {name: YES for option, name in flags.items() if asked[option]}
    if asked["profile"] != Profile.DE_IDENTIFIED:
        words["profile"] = asked["profile"]
    # a full export is of everything, unless one of its two parts is named
    if asked["profile"] == Profile.FULL and not {"identity", "sensitive"} & words.keys():
        words |= {"identity": YES, "sensitive": YES}
    if asked["without_synthetic"]:
        words["synthetic"] = NO
    # an empty one is not asked for
    return words | {name: asked[name] for name in ("reason", "where") if asked[name]}


def _parted(choice: str) -> tuple[str, str]:
    name, sign, value = choice.partition("=")
    if not sign or name in _OWN_OPTIONS:
        raise click.BadParameter(f"“{choice}” is no NAME=VALUE", param_hint="--choose")
    return name, value


def shown(made: Export, *, quiet: bool) -> Iterator[bytes]:
    """The bytes of an export, with a bar on standard error that grows with the submissions."""
    from tqdm import tqdm  # a server needs none

    with tqdm(total=made.submissions, unit=" submissions", disable=quiet) as bar:
        for chunk in made:
            bar.update(made.sent - bar.n)
            yield chunk
        bar.update(made.sent - bar.n)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say what went wrong in one line of plain English, as commands do, with exit status 1."""
    with force_locale("en"):
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
