"""`surveyapp demo`: fill the database with synthetic submissions, to look at and to measure by."""

from __future__ import annotations

import secrets
from collections import Counter
from datetime import datetime
from random import Random

import click
from flask import Flask
from flask.cli import with_appcontext

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.service import Edition
from surveyapp.config import Settings
from surveyapp.submissions.demonstrating import Demonstration
from surveyapp.submissions.verdicts import Status
from surveyapp.wiring import settings_of


@click.command("demo")
@click.option("--questionnaire", metavar="ID", help="Only this one (default: each in turn).")
@click.option("--submissions", type=click.IntRange(min=1), default=200, show_default=True, metavar="N")
@click.option("--seed", type=int, help="The same seed makes the same answers.")
@with_appcontext
def demo_command(questionnaire: str | None, submissions: int, seed: int | None) -> None:
    """Fill the database with plausible, valid submissions about nobody.

    They are marked as synthetic, come in by the same door as all others, and are spread over the last
    six weeks. Questionnaires that need an invitation get invitations, which are used up.

    \b
    Example:
      surveyapp demo --submissions 5000
    """
    editions = _editions(questionnaire)
    random = Random(secrets.randbits(64) if seed is None else seed)  # noqa: S311  # no secret is drawn
    demonstration = Demonstration(editions, random, datetime.now(settings_of().timezone))
    outcomes: Counter[Status] = Counter()
    from tqdm import tqdm  # a server needs none

    with tqdm(total=submissions, unit="submission") as bar:
        for results in demonstration.send(submissions):
            outcomes.update(result.status for result in results)
            bar.update(len(results))
    _report(outcomes, editions)


def _editions(questionnaire: str | None) -> list[Edition]:
    """The current editions to fill; says what is missing if there is none."""
    open_ids = [entry.id for entry in catalogue.entries() if entry.access != Access.CLOSED]
    ids = [questionnaire] if questionnaire else open_ids
    found = [edition for edition in map(catalogue.current, ids) if edition]
    if not found:
        name = f"{questionnaire} is not" if questionnaire else "nothing is"
        raise click.ClickException(f"{name} published; see `surveyapp questionnaire list`")
    return found


def _report(outcomes: Counter[Status], editions: list[Edition]) -> None:
    names = ", ".join(edition.entry.id for edition in editions)
    click.echo(f"{outcomes[Status.STORED]} synthetic submissions stored ({names})")
    others = outcomes.total() - outcomes[Status.STORED]
    if others:
        raise click.ClickException(f"{others} were not stored; see `surveyapp quarantine list`")


def register_demo(app: Flask, _settings: Settings) -> None:
    """Add the command."""
    app.cli.add_command(demo_command)
