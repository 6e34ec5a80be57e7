"""`surveyapp assignment import|list|withdraw`: visits that are given out, from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn
from uuid import UUID

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.service import Edition
from surveyapp.database import utc_now
from surveyapp.days import day_of
from surveyapp.manage.assignment_words import message
from surveyapp.people import devices
from surveyapp.people.collectors import collectors
from surveyapp.people.rights import EVERYWHERE, Reach
from surveyapp.people.service import names_of
from surveyapp.submissions import assigned, assigning
from surveyapp.submissions.assessing import limits_of
from surveyapp.submissions.assignment_lists import BadList, read_list
from surveyapp.submissions.assignment_models import Task
from surveyapp.submissions.assignment_rows import Given
from surveyapp.submissions.keys import keys_of
from surveyapp.wiring import settings_of

#: on the command line rights are not asked
_ALL = Reach(frozenset({EVERYWHERE}))

assignment_group = AppGroup("assignment", help="Visits that are given out to interviewers' phones.")


@assignment_group.command("import")
@click.argument("questionnaire")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Only say what is wrong, or how many would be given out.")
def import_command(questionnaire: str, file: Path, check: bool) -> None:
    """Give out the visits of a CSV file: all of it, or nothing if anything is wrong.

    Its columns are `interviewer` (the name of an account, or of a phone that is nobody's) and `label`;
    if wanted `region`, `due` (2026-09-05) and `key`, by which the same row again is known; every other
    one is a question that is answered beforehand, by its path or its name. ODK Collect is told of none.

    \b
    Examples:
      surveyapp assignment import household_baseline households.csv --check
      surveyapp assignment import household_baseline households.csv
    """
    edition = _edition(questionnaire)
    try:
        found = read_list(file.read_bytes(), _given(edition))
    except BadList as bad:
        _refuse(bad)
    if found.is_windows:
        click.echo("the file was read as Windows-1251, which has no Kazakh letters", err=True)
    known = assigning.known_already(questionnaire, found.visits)
    new = len(known) - sum(known) if check else assigning.give_out(questionnaire, found.visits, None)
    click.echo(f"{'would be given out' if check else 'given out':18}  {new}")
    click.echo(f"{'before':18}  {len(found.visits) - new}")


@assignment_group.command("list")
@click.argument("questionnaire")
@click.option("--state", type=click.Choice([task.value for task in Task]), help="Only these.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
def list_command(questionnaire: str, state: str | None, limit: int) -> None:
    """List visits, the newest first: number, state, day, region, whose, and what they are called.

    \b
    Example:
      surveyapp assignment list household_baseline --state open
    """
    _edition(questionnaire)
    chosen = Task(state) if state else None
    rows = assigned.listed(questionnaire, _ALL, state=chosen, before=None, limit=limit)
    people = names_of({row.user_id for row in rows if row.user_id is not None})
    phones = devices.names_of({row.device_id for row in rows if row.device_id is not None})
    for row in rows:
        whose = people.get(row.user_id or 0) or phones.get(row.device_id or 0, "")
        label = assigned.said_of(keys_of(), row).get("label", "")
        facts = (row.id, row.state, row.due or "-", row.region or "-", whose, label)
        click.echo("  ".join(map(str, facts)))


@assignment_group.command("withdraw")
@click.argument("assignment", metavar="UUID", type=click.UUID)
def withdraw_command(assignment: UUID) -> None:
    """Take an open visit back; its phone is told.

    \b
    Example:
      surveyapp assignment withdraw 6f1c1f0e-5d0c-4f8e-9a57-0f6d5a3a3f10
    """
    try:
        assigning.withdraw(assignment, None)
    except assigning.NotAssigned:
        raise click.ClickException("there is no such assignment") from None
    except assigning.Settled:
        raise click.ClickException("it is done, or was withdrawn before") from None


def _edition(questionnaire: str) -> Edition:
    found = catalogue.current(questionnaire)
    if found is None:
        raise click.ClickException(f"there is no questionnaire “{questionnaire}”")
    return found


def _given(edition: Edition) -> Given:
    settings = settings_of()
    return Given(
        definition=edition.definition,
        collectors=collectors(edition.entry.id, _ALL),
        regions=None,
        today=day_of(utc_now(), settings.timezone),
        limits=limits_of(settings),
        open_visits=assigning.open_by_collector(),
    )


def _refuse(bad: BadList) -> NoReturn:
    with force_locale("en"):
        for mistake in bad.mistakes:
            place = f"row {mistake.row}" + (f", {mistake.column}" if mistake.column else "")
            click.echo(f"{place}: {message(mistake)}", err=True)
    raise click.ClickException(f"mistakes: {bad.count}; nothing was given out")
