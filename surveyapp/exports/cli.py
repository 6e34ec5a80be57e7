"""`surveyapp export`: write a questionnaire's submissions to a file."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import click
from flask import Flask
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError
from tqdm import tqdm

from surveyapp.catalogue.errors import CatalogueError
from surveyapp.config import Settings
from surveyapp.exports.errors import ExportError
from surveyapp.exports.formats import FORMATS, PACKAGE_SUFFIX
from surveyapp.exports.request import (
    SEPARATORS,
    CsvOptions,
    ExportRequest,
    Selection,
    TableOptions,
)
from surveyapp.exports.service import Export, Progress, export
from surveyapp.i18n import LANGUAGES
from surveyapp.wiring import settings_of

Command = TypeVar("Command", bound=Callable[..., Any])
CODES = "codes"
TAB = "tab"

_OPTIONS = (
    click.argument("questionnaire"),
    click.option(
        "--format", "format_name", type=click.Choice(list(FORMATS)), default="csv", show_default=True
    ),
    click.option(
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        required=True,
        help="FILE.csv or FILE.jsonl: the submissions; FILE.zip: also rosters, codebook and manifest.",
    ),
    click.option("--force", is_flag=True, help="Replace the file if it is there already."),
    click.option(
        "--labels",
        type=click.Choice([*LANGUAGES, CODES]),
        default=CODES,
        show_default=True,
        help="Give choices by their labels in a language, or by their codes.",
    ),
    click.option("--split-multiple", is_flag=True, help="A 0/1 column for each choice of select-multiple."),
    click.option("--language", help="Only submissions answered in this language (kk, ru, en)."),
    click.option("--since", metavar="DAY", help="Only received on or after this day (YYYY-MM-DD)."),
    click.option("--until", metavar="DAY", help="Only received on or before this day (YYYY-MM-DD)."),
    click.option("--without-synthetic", is_flag=True, help="Leave out submissions made up by the program."),
    click.option("--separator", type=click.Choice([",", ";", TAB]), default=",", show_default=True),
    click.option("--decimal-comma", is_flag=True, help="Write 3,5 instead of 3.5."),
    click.option("--bom", is_flag=True, help="Begin with a byte order mark: Excel needs it to see UTF-8."),
    click.option("--include-identity", is_flag=True, help="With answers that point at a person."),
    click.option("--include-sensitive", is_flag=True, help="With sensitive answers."),
    click.option("--reason", default="", help="Why identity or sensitive answers are needed; is logged."),
    click.option("--quiet", is_flag=True, help="No progress bar."),
)


def _with_options(command: Command) -> Command:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command("export")
@_with_options
@with_appcontext
def export_command(output: Path, force: bool, quiet: bool, **asked: Any) -> None:
    """Export the submissions of QUESTIONNAIRE to a file.

    Identity and sensitive answers are left out unless you ask for them and say why. A file appears only
    when it is whole.

    \b
    Examples:
      surveyapp export family_survey --output family.csv
      surveyapp export household_baseline --output households.zip --labels ru
          --separator ';' --decimal-comma --bom
      surveyapp export site_safety --format jsonl --output sites.jsonl --since 2026-09-01
    """
    request = _request(output, settings_of().timezone, asked)
    with _plain_errors(output):
        _check_place(output, force)
        with _bar(quiet) as bar:
            made = export(request, progress=bar.update)
            bar.reset(total=made.submissions)
            _write(made, output)
    click.echo(f"{made.submissions} submissions in {output}")


def _request(output: Path, zone: ZoneInfo, asked: dict[str, Any]) -> ExportRequest:
    format_ = FORMATS[asked["format_name"]]
    if output.suffix not in {format_.suffix, PACKAGE_SUFFIX}:
        raise click.BadParameter(
            f"a file of format {format_.name} ends in {format_.suffix}, a package in {PACKAGE_SUFFIX}",
            param_hint="--output",
        )
    until = _day(asked["until"], "--until")
    return ExportRequest(
        questionnaire=asked["questionnaire"],
        format=format_.name,
        package=output.suffix == PACKAGE_SUFFIX,
        selection=Selection(
            since=_midnight(_day(asked["since"], "--since"), zone),
            before=_midnight(until and until + timedelta(days=1), zone),
            language=asked["language"],
            synthetic=not asked["without_synthetic"],
        ),
        tables=TableOptions(
            labels=None if asked["labels"] == CODES else asked["labels"],
            split_multiple=asked["split_multiple"],
            include_identity=asked["include_identity"],
            include_sensitive=asked["include_sensitive"],
        ),
        csv=CsvOptions(
            separator="\t" if asked["separator"] == TAB else asked["separator"],
            byte_order_mark=asked["bom"],
            decimal_comma=asked["decimal_comma"],
        ),
        reason=asked["reason"],
    )
