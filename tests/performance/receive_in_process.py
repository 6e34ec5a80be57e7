"""How long receiving takes: `python -m tests.performance.receive [--records 400] [--questionnaire ID]`.

Not a test. Makes up records, receives them in batches of several sizes and then once more as copies, on
the database of the settings (`DATABASE_URL`; without it SQLite in a folder of its own that is removed).
Prints milliseconds a record: until the verdict, of which judging, and for copies.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from random import Random
from time import perf_counter
from typing import Any
from uuid import uuid4

from surveyapp import create_app
from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.preparing import prepare
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.judge import judge
from surveyapp.questionnaires.schema import Limits
from surveyapp.questionnaires.synthetic import synthesise
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.models import Channel
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Sender, Status

FINISHED = datetime.fromisoformat("2026-09-01T14:03:07+05:00")
BATCHES = (1, 20, 200)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=400)
    parser.add_argument("--questionnaire", default="household_baseline")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(
            {"INSTANCE_PATH": folder, **os.environ, "DEMONSTRATION": "yes"}
        )
        with create_app(settings).app_context():
            prepare(settings)
            measure(chosen.questionnaire, chosen.records)
            db.engine.dispose()


def measure(questionnaire_id: str, count: int) -> None:
    """Print one line for each size of batch."""
    found = catalogue.current(questionnaire_id)
    assert found is not None, f"no questionnaire {questionnaire_id}"
    definition = found.definition
    random = Random(1)  # noqa: S311  # the same records each time, no secret
    sample = [
        synthesise(definition, random, language="kk", finished_at=FINISHED, minutes=30)
        for _n in range(20)
    ]
    judge(
        definition, sample[0], now=FINISHED, language="kk", limits=Limits()
    )  # schema and plan are made
    size = sum(len(json.dumps(answers)) for answers in sample) / len(sample) / 1000
    print(f"{questionnaire_id} {definition.version}, {size:.1f} kB a record, {db.engine.dialect.name}")
    print(f"judging alone: {judging(definition, sample):.2f} ms")
    for batch in BATCHES:
        records = [item(definition, sample[n % len(sample)]) for n in range(count)]
        new, copies = timed(records, batch, Status.STORED), timed(records, batch, Status.DUPLICATE)
        print(f"batches of {batch:3}: {new:6.2f} ms a record, {copies:6.2f} ms a copy")


def judging(definition: Questionnaire, sample: Sequence[Any]) -> float:
    """Milliseconds to judge one record."""
    start = perf_counter()
    for answers in sample:
        judge(definition, answers, now=FINISHED, language="kk", limits=Limits())
    return (perf_counter() - start) * 1000 / len(sample)


def timed(records: Sequence[Any], size: int, expected: Status) -> float:
    """Milliseconds a record from the parsed item to the verdict."""
    start = perf_counter()
    for batch in batches(records, size):
        results = receive([load_envelope(record, Channel.API) for record in batch], Sender())
        assert {result.status for result in results} == {expected}
    return (perf_counter() - start) * 1000 / len(records)


def batches(records: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """The records in batches, the last one maybe smaller."""
    for start in range(0, len(records), size):
        yield records[start : start + size]


def item(definition: Questionnaire, answers: Any) -> dict[str, Any]:
    """A record as the API has it."""
    return {
        "id": str(uuid4()),
        "questionnaire": definition.id,
        "version": definition.version,
        "language": "kk",
        "started_at": "2026-09-01T13:20:00+05:00",
        "finished_at": FINISHED.isoformat(),
        "answers": answers,
    }


if __name__ == "__main__":
    main()
