"""What looking after much costs: `python -m tests.performance.housekeeping --records 50000 --files 50000`.

Not a test. Receives records of sixty questions in batches (SQLite, or the `DATABASE_URL` given), lays files into the
store of which half are held for somebody and half are nobody's, all of them old, and then prints the CPU
and the time of each of `surveyapp doctor`'s checks and of `surveyapp media collect`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter, process_time
from uuid import uuid4

from sqlalchemy import insert

from surveyapp import create_app
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.media_store import FolderStore, media_store, new_address
from surveyapp.preparing import prepare
from surveyapp.submissions import orphans
from surveyapp.submissions.doctor import CHECKS
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.models import Channel, KeptFile
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Sender
from tests.performance import household
from tests.performance.household import Household

BATCH = 200
OLD = timedelta(days=30)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--files", type=int, default=50_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="surveyapp-performance-") as folder:
        settings = Settings.from_environment(
            {"INSTANCE_PATH": folder, **os.environ, "DEMONSTRATION": "yes"}
        )
        with create_app(settings).app_context():
            prepare(settings)
            with _told("receive", chosen.records):
                _receive(chosen.records)
            _lay_files(chosen.files)
            for name, (check, _model) in CHECKS.items():
                with _told(name, chosen.records):
                    assert list(check(lambda _done: None)) == []
            with _told("collect", chosen.files):
                print(orphans.collect(utc_now()))
            db.session.remove()
            db.engine.dispose()


def _receive(count: int) -> None:
    definition = catalogue.publish(
        household.compiled(), access=Access.STAFF, demonstration=True
    ).definition
    made = Household(definition, 1)
    for _batch in range(count // BATCH):
        items = [load_envelope(made.item(), Channel.API) for _item in range(BATCH)]
        receive(items, Sender())


def _lay_files(count: int) -> None:
    """Straight into the folder: to sync each of them is not what is measured."""
    store, then = media_store(), utc_now() - OLD
    assert isinstance(store, FolderStore)
    held = []
    for number in range(count):
        address = new_address("kept")
        _lay(store.path(address), then.timestamp())
        if number % 2:
            held.append(_row(address) | {"kept_at": then})
    with db.engine.begin() as connection:
        connection.execute(insert(KeptFile), held)


def _lay(path: Path, moment: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * 100)
    os.utime(path, (moment, moment))


def _row(address: str) -> dict[str, object]:
    name = uuid4()
    return {"id": name, "owner": "device:1", "sha256": name.hex * 2, "size": 100, "address": address}


@contextmanager
def _told(what: str, of: int) -> Iterator[None]:
    began, used = perf_counter(), process_time()
    yield
    used, took = process_time() - used, perf_counter() - began
    print(
        json.dumps(
            {
                "what": what,
                "of": of,
                "seconds": round(took, 1),
                "cpu": round(used, 2),
                "cpu_ms_each": round(used * 1000 / max(1, of), 3),
                "mb_at_most": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000,
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
