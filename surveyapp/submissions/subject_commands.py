"""What families ask of their data, on the command line: `surveyapp request list|ask|done|refuse`."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.submissions import subject_finding, subject_requests
from surveyapp.submissions.receipts import read_code
from surveyapp.submissions.review_commands import refusals_in_one_line
from surveyapp.submissions.subject_models import DESTROYING, SubjectRequest, Wish
from surveyapp.submissions.subject_requests import Asked

request_group = AppGroup("request", help="What families ask of their data.")


@request_group.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are closed too.")
def list_command(everything: bool) -> None:
    """List requests, the most urgent first, without what they say.

    \b
    Example:
      surveyapp request list
    """
    query = select(SubjectRequest).order_by(SubjectRequest.due_on, SubjectRequest.serial)
    if not everything:
        query = query.where(SubjectRequest.closed_at.is_(None))
    for row in db.session.scalars(query):
        end = row.outcome or f"to be answered by {row.due_on}"
        click.echo(f"{row.serial}  {row.wish}  {row.questionnaire}  {row.submission_id}  {end}")


@request_group.command("ask")
@click.argument("code")
@click.argument("wish", type=click.Choice([wish.value for wish in Wish]))
def ask_command(code: str, wish: str) -> None:
    """Write down what a family asks, by the CODE of its receipt.

    \b
    Example:
      surveyapp request ask K7PM-2XQA-9DTW withdraw
    """
    known = read_code(code)
    about = subject_finding.asked_about(known) if known else None
    if about is None:
        raise click.ClickException("nothing is stored under this receipt code")
    with refusals_in_one_line():
        made = subject_requests.ask(Asked(about, Wish(wish)))
    click.echo(f"Request {made.serial}, to be answered by {made.due_on}.")


@request_group.command("done")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.option("--answer", default="", help="What was done, in words that name nobody.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def done_command(number: int, answer: str, yes: bool) -> None:
    """Carry a request out: block or destroy what it is about; a copy or a correction was made before.

    \b
    Example:
      surveyapp request done 12
    """
    with refusals_in_one_line():
        request = subject_requests.one(number)
        if request.wish in DESTROYING and not yes:
            click.confirm("It cannot be brought back. Destroy it?", abort=True)
        subject_requests.carry_out(number, answer)
    click.echo(f"Request {number} is carried out.")


@request_group.command("refuse")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
@click.argument("reason")
def refuse_command(number: int, reason: str) -> None:
    """Refuse a request, for a REASON that names nobody.

    \b
    Example:
      surveyapp request refuse 12 "the law wants these data to be kept until 2027"
    """
    with refusals_in_one_line():
        subject_requests.refuse(number, reason)
    click.echo(f"Request {number} is refused.")


def register_subject_commands(app: Flask, _settings: Settings) -> None:
    """Add the group."""
    app.cli.add_command(request_group)
