"""How many submissions a second an export gives, in each format; not a test, run by hand.

    python -m tests.performance.exports --submissions 5000

Works on an empty SQLite database of its own, or on the PostgreSQL database that DATABASE_URL names
(which it fills). Some hundred synthetic interviews are made and stored over and over under new ids.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import cycle, islice
from random import Random
from typing import Any
from uuid import uuid4

import click
from flask import Flask

from surveyapp import create_app
from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.exports.request import ExportRequest, TableOptions
from surveyapp.exports.service import export
from surveyapp.extensions import db
from surveyapp.questionnaires.partition import split_identity
from surveyapp.questionnaires.synthetic import synthesise
from surveyapp.wiring import settings_of
from tests.factories import store_rows, submission_row

DIFFERENT = 200
AT_ONCE = 500
EVERYTHING = TableOptions(include_identity=True, include_sensitive=True)
CASES: dict[str, dict[str, Any]] = {
    "csv": {},
    "csv, labels, split": {"tables": TableOptions(labels="ru", split_multiple=True)},
    "csv, identity": {"tables": EVERYTHING, "reason": "benchmark"},
    "jsonl": {"format": "jsonl"},
    "zip of csv": {"package": True},
    # docs/performance/2026-11-27-export-formats.md
    "parquet": {"format": "parquet"},
    "zip of parquet": {"format": "parquet", "package": True},
    "zip of sav": {"format": "sav", "package": True},
    "zip of dta": {"format": "dta", "package": True},
    "geojson": {
        "format": "geojson",
        "tables": TableOptions(include_identity=True),
        "reason": "benchmark",
    },
}


@click.command()
@click.option("--submissions", default=5000, show_default=True)
@click.option("--questionnaire", default="household_baseline", show_default=True)
def benchmark(submissions: int, questionnaire: str) -> None:
    """Fill a database, export it, and print the rates."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"INSTANCE_PATH": folder, "DEMONSTRATION": "yes"}
        environment["DATABASE_URL"] = os.environ.get("DATABASE_URL", "")
        app = create_app(Settings.from_environment(environment))
        with app.app_context():
            fill(questionnaire, submissions)
            click.echo(f"{submissions} × {questionnaire} on {db.engine.dialect.name}")
            measure(app, questionnaire, submissions)
            db.engine.dispose()


def fill(questionnaire: str, submissions: int) -> None:
    """Publish the questionnaire and store the submissions."""
    db.create_all()
    catalogue.publish_built_in(settings_of())
    rows = list(made_up(questionnaire))
    endless = cycle(rows)
    for start in range(0, submissions, AT_ONCE):
        count = min(AT_ONCE, submissions - start)
        store_rows([renewed(row) for row in islice(endless, count)])


def made_up(questionnaire: str) -> Iterator[dict[str, Any]]:
    """Different interviews of nobody, as `submission_row` takes them."""
    edition = catalogue.current(questionnaire)
    if edition is None:
        raise click.BadParameter(f"no questionnaire {questionnaire}")
    random = Random(7)  # noqa: S311  # the same figures each time
    now = datetime.now(settings_of().timezone)
    for _number in range(DIFFERENT):
        answers = synthesise(edition.definition, random, language="kk", finished_at=now)
        parted = split_identity(edition.definition, answers)
        yield {
            "questionnaire": questionnaire,
            "version": edition.version.version,
            "answers": parted.open_answers,
            "identity": parted.identity,
        }


def renewed(row: dict[str, Any]) -> dict[str, Any]:
    """The row of a submission with these answers and an id of its own."""
    return submission_row(**row, id=uuid4())


def measure(app: Flask, questionnaire: str, submissions: int) -> None:
    """Take each kind of export once and print what it took."""
    for name, asked in CASES.items():
        begun = time.perf_counter()
        size = sum(map(len, export(ExportRequest(questionnaire=questionnaire, **asked))))
        seconds = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        click.echo(
            f"{name:20} {submissions / seconds:8.0f} submissions/s {size / 2**20:7.1f} MiB "
            f"(most memory so far: {peak:.0f} MiB)"
        )


if __name__ == "__main__":
    benchmark()
