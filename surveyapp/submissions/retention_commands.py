"""How long records are kept, on the command line: `surveyapp retention list|set|stop|run`."""

from __future__ import annotations

from datetime import datetime

import click
from flask import Flask
from flask.cli import AppGroup

from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.submissions import retention, retention_announcing, retention_rules
from surveyapp.submissions.retention_models import Fate, Unit
from surveyapp.submissions.retention_rules import LEAST_NOTICE, MOST_NOTICE, Rule
from surveyapp.submissions.review_commands import refusals_in_one_line

retention_group = AppGroup("retention", help="How long records are kept, and what happens then.")


@retention_group.command("list")
def list_command() -> None:
    """List the rules, and what was announced by them.

    \b
    Example:
      surveyapp retention list
    """
    for rule in retention_rules.rules():
        kept = f"until {rule.last_day}" if rule.last_day else f"for {rule.amount} {rule.unit}"
        click.echo(
            f"{rule.questionnaire}  kept {kept}, then {rule.fate} is destroyed; "
            f"announced {rule.notice} days before"
        )
    for each in retention_rules.ahead():
        click.echo(f"{each.questionnaire}  on {each.day}: {each.announced} records ({each.fate})")


@retention_group.command("set")
@click.argument("questionnaire")
@click.option(
    "--months", type=click.IntRange(1, retention_rules.MOST_AMOUNT), help="Since it was received."
)
@click.option(
    "--days", type=click.IntRange(1, retention_rules.MOST_AMOUNT), help="Since it was received."
)
@click.option("--until", type=click.DateTime(formats=["%Y-%m-%d"]), help="The last day of all.")
@click.option(
    "--then",
    "fate",
    type=click.Choice([fate.value for fate in Fate]),
    required=True,
    help="Whether only who is meant is destroyed, or all of it.",
)
@click.option(
    "--notice",
    type=click.IntRange(LEAST_NOTICE, MOST_NOTICE),
    default=30,
    show_default=True,
    help="Days between the announcement and the deed.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def set_command(  # noqa: PLR0913, PLR0917  # an option is an argument
    questionnaire: str,
    months: int | None,
    days: int | None,
    until: datetime | None,
    fate: str,
    notice: int,
    yes: bool,
) -> None:
    """Say how long a questionnaire's records are kept; what is due is announced, later destroyed.

    \b
    Examples:
      surveyapp retention set family_survey --months 24 --then identity
      surveyapp retention set site_safety --until 2030-12-31 --then all --notice 60
    """
    if catalogue.current(questionnaire) is None:
        raise click.ClickException(f"there is no questionnaire {questionnaire}")
    if sum(value is not None for value in (months, days, until)) != 1:
        raise click.UsageError("give one of --months, --days and --until")
    rule = Rule(
        fate=Fate(fate),
        notice=notice,
        amount=months or days,
        unit=Unit.MONTHS if months else Unit.DAYS if days else None,
        last_day=until.date() if until else None,
    )
    if not yes:
        click.confirm("What is destroyed cannot be brought back. Set it?", abort=True)
    with refusals_in_one_line():
        retention_announcing.set_rule(questionnaire, rule)
    told = sum(each.announced for each in retention_rules.ahead(questionnaire))
    click.echo(f"Set; {told} records are announced now.")


@retention_group.command("stop")
@click.argument("questionnaire")
def stop_command(questionnaire: str) -> None:
    """Take a questionnaire's rule away, and call off what was announced.

    \b
    Example:
      surveyapp retention stop family_survey
    """
    with refusals_in_one_line():
        retention_announcing.stop(questionnaire)
    click.echo(f"Nothing of {questionnaire} is destroyed by a date any more.")


@retention_group.command("run")
def run_command() -> None:
    """Do at once what the worker does by itself: announce what is due, destroy what was announced.

    \b
    Example:
      surveyapp retention run
    """
    announced = retention_announcing.announce(utc_now())
    click.echo(f"{announced} records announced, {retention.carry_out(utc_now())} destroyed.")


def register_retention_commands(app: Flask, _settings: Settings) -> None:
    """Add the group."""
    app.cli.add_command(retention_group)
