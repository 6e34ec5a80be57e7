"""How many submissions a second an export gives, in each format; not a test, run by hand.

    python -m tests.performance.exports --submissions 5000

    python -m tests.performance.exports --questionnaire household_bench --submissions 1000000

The second is the survey of sixty questions with about two children each, copied by the database itself.
First the floor is measured: the csv module over rows that are ready. CPU seconds are this process's own.

Works on an empty SQLite database of its own, or on the PostgreSQL database that DATABASE_URL names
(which it fills). Some hundred synthetic interviews are made and stored over and over under new ids.
"""

from __future__ import annotations

import csv
import io
import os
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import cycle, islice
from random import Random
from typing import Any
from uuid import uuid4

import click

from surveyapp import create_app
from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.exports.plan import make_plan
from surveyapp.exports.reader import Reader
from surveyapp.exports.request import ExportRequest, Rosters, Selection, TableOptions
from surveyapp.exports.service import export
from surveyapp.extensions import db
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.partition import breakdowns, split_identity
from surveyapp.questionnaires.synthetic import synthesise
from surveyapp.wiring import settings_of
from tests.factories import store_rows, submission_row
from tests.performance import held_rows, household

DIFFERENT = 200
AT_ONCE = 500
EVERYTHING = TableOptions(include_identity=True, include_sensitive=True)
CASES: dict[str, dict[str, Any]] = {
    "csv": {},
    "csv, labels, split": {"tables": TableOptions(labels="ru", split_multiple=True)},
    "csv, identity": {"tables": EVERYTHING, "reason": "benchmark"},
    "jsonl": {"format": "jsonl"},
    "xlsx": {"format": "xlsx"},
    "csv, flat": {"tables": TableOptions(rosters=Rosters.FLAT)},
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
@click.option(
    "--case", "cases", multiple=True, type=click.Choice(list(CASES)), help="Only this (again for more)."
)
def benchmark(submissions: int, questionnaire: str, cases: tuple[str, ...]) -> None:
    """Fill a database, export it, and print the rates."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"INSTANCE_PATH": folder, "DEMONSTRATION": "yes"}
        environment["DATABASE_URL"] = os.environ.get("DATABASE_URL", "")
        app = create_app(Settings.from_environment(environment))
        with app.app_context():
            fill(questionnaire, submissions)
            click.echo(f"{submissions} × {questionnaire} on {db.engine.dialect.name}")
            measure(questionnaire, submissions, cases or tuple(CASES))
            db.engine.dispose()


def fill(questionnaire: str, submissions: int) -> None:
    """Publish the questionnaire and store the submissions."""
    db.create_all()
    if questionnaire == household.QUESTIONNAIRE:
        fill_by_copying(submissions)
        return
    catalogue.publish_built_in(settings_of())
    rows = list(made_up(questionnaire))
    endless = cycle(rows)
    for start in range(0, submissions, AT_ONCE):
        count = min(AT_ONCE, submissions - start)
        store_rows([renewed(row) for row in islice(endless, count)])


def fill_by_copying(submissions: int) -> None:
    """The survey of sixty questions: two hundred records, and copies of them."""
    catalogue.publish(household.compiled(), demonstration=False)
    definition = current_definition(household.QUESTIONNAIRE)
    maker = household.Household(definition, seed=7)
    rows = []
    for item in (maker.item() for _number in range(DIFFERENT)):
        parted = split_identity(definition, item["answers"])
        told = {"version": item["version"], "identity": parted.identity}
        told["breakdowns"] = breakdowns(definition, parted.open_answers)
        rows.append(submission_row(item["questionnaire"], parted.open_answers, **told))
    store_rows(rows)
    held_rows.fill(submissions)


def current_definition(questionnaire: str) -> Questionnaire:
    """The definition of a questionnaire's current version."""
    edition = catalogue.current(questionnaire)
    if edition is None:
        raise click.BadParameter(f"no questionnaire {questionnaire}")
    return edition.definition


def made_up(questionnaire: str) -> Iterator[dict[str, Any]]:
    """Different interviews of nobody, as `submission_row` takes them."""
    edition = catalogue.current(questionnaire)
    assert edition is not None, f"no questionnaire {questionnaire}"
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
            "breakdowns": breakdowns(edition.definition, parted.open_answers),
        }


def renewed(row: dict[str, Any]) -> dict[str, Any]:
    """The row of a submission with these answers and an id of its own."""
    return submission_row(**row, id=uuid4())


def floor(questionnaire: str) -> None:
    """What the csv module takes for rows that are ready, a submission with its children."""
    reader = Reader(db.engine, questionnaire, Selection())
    span = reader.span()
    definitions = [edition.definition for edition in catalogue.all_editions(questionnaire)]
    plan = make_plan(definitions, TableOptions(), settings_of().timezone)
    records = [record for batch in islice(reader.batches(span), 200) for record in batch]
    rows = [[str(c) for c in row] for r in records for table in plan.tables for row in table.rows(r)]
    begun = time.process_time()
    csv.writer(io.StringIO()).writerows(rows)
    seconds = time.process_time() - begun
    click.echo(f"{'floor':20} {seconds / len(records) * 1e6:6.0f} µs/submission (csv over ready rows)")


def measure(questionnaire: str, submissions: int, cases: Sequence[str]) -> None:
    """Take each kind of export once and print what it took."""
    floor(questionnaire)
    for name in cases:
        begun, cpu = time.perf_counter(), time.process_time()
        made = export(ExportRequest(questionnaire=questionnaire, **CASES[name]))
        size = len(next(made))
        first = time.perf_counter() - begun
        size += sum(map(len, made))
        cpu, seconds = time.process_time() - cpu, time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        click.echo(
            f"{name:20} {cpu / submissions * 1e6:6.0f} µs/submission, {submissions / cpu:6.0f}/s of a core, "
            f"{submissions / seconds:6.0f}/s by the clock, first byte {first * 1000:4.0f} ms, "
            f"{size / 2**20:6.1f} MiB (most memory so far: {peak:.0f} MiB)"
        )


if __name__ == "__main__":
    benchmark()
