"""A server process beside the test's own: receives what it is given on standard input, or dies over it.

Run as `python -m tests.submissions.another_process`; what it reads and writes is JSON.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.submissions import committing, transactions
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.models import Channel
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Sender

TREE = Path(__file__).parent.parent.parent


def start(
    settings: Settings, batches: Sequence[Sequence[Any]], *, die: bool = False
) -> subprocess.Popen[str]:
    """Start such a process on the test's database and give it its batches."""
    environment = {
        "DATABASE_URL": settings.database_url,
        "INSTANCE_PATH": str(settings.instance_path),
        "DEMONSTRATION": "yes",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.submissions.another_process"],
        cwd=TREE,
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"batches": batches, "die": die}))
    process.stdin.close()
    return process


def results(process: subprocess.Popen[str]) -> list[Mapping[str, Any]]:
    """What it answered: status and receipt of each item."""
    assert process.stdout is not None
    with process.stdout:
        answered: list[Mapping[str, Any]] = json.load(process.stdout)
    assert process.wait() == 0
    return answered


def main() -> None:
    """Receive the batches one after the other; or die when all is inserted and nothing is committed."""
    work = json.load(sys.stdin)
    with create_app().app_context(), _deadly() if work["die"] else nullcontext():
        answered = [
            {"status": result.status, "receipt": result.receipt}
            for batch in work["batches"]
            for result in receive([load_envelope(item, Channel.API) for item in batch], Sender())
        ]
    json.dump(answered, sys.stdout)


@contextmanager
def _deadly() -> Iterator[None]:
    """Whatever is to be committed, alone or with others, the process dies before it is."""
    together = patch.object(committing, "transaction", _die_before_the_end)
    with patch.object(transactions, "_once", _die_before_the_commit), together:
        yield


@contextmanager
def _die_before_the_end(connection: Any) -> Iterator[None]:
    connection.execute("BEGIN")
    yield
    os.kill(os.getpid(), signal.SIGKILL)


def _die_before_the_commit(work: Any) -> None:
    with db.engine.begin() as connection:
        work(connection)
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
