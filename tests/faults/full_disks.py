"""The database's disk full, and the media's: what cannot be held is not acknowledged, and comes later.

python -m tests.faults.full_disks --rounds 20 --seed 1 --database sqlite --disk media
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from random import Random

from surveyapp.extensions import db
from tests.faults.crowds import Crowd, collecting, crowd_of
from tests.faults.databases import POSTGRESQL, SQLITE
from tests.faults.disks import Disk, disk
from tests.faults.program import run
from tests.faults.scenes import Scene, scene

#: refusals until a disk counts as full, and seconds to wait for them
_REFUSALS, _PATIENCE = 20, 30.0
#: MiB: what an empty database needs, and some more
_SIZES = {SQLITE: 32, POSTGRESQL: 160}
DISKS = ("database", "media")


@contextmanager
def stage(database: str, *, full: str, told: list[Disk]) -> Iterator[Scene]:
    """A server whose database, or whose media, lie on a small disk; `told` gets the disk."""
    with ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="surveyapp-disk-"))
        small = opened.enter_context(disk(Path(folder) / "disk", _SIZES[database]))
        told.append(small)
        yield opened.enter_context(_scene_on(small.folder, database, full))


def _scene_on(folder: Path, database: str, full: str) -> AbstractContextManager[Scene]:
    if full == "media":
        return scene(database, instance=folder / "instance", settings=_elsewhere(folder, database))
    if database == POSTGRESQL:
        return scene(database, data=folder / "pg")
    return scene(database, settings={"DATABASE_URL": f"sqlite:///{folder}/survey.sqlite3"})


def _elsewhere(folder: Path, database: str) -> dict[str, str]:
    """SQLite on another disk than the instance folder."""
    if database == POSTGRESQL:
        return {}
    return {"DATABASE_URL": f"sqlite:///{folder.parent}/survey.sqlite3"}


def act(small: Disk, set_up: Scene, rounds: int, seed: int) -> None:
    """In each round the disk is filled until the server refuses, stays full, and is given room again."""
    random = Random(seed)  # noqa: S311  # to be repeated, no secret
    with Crowd(crowd_of(set_up, 2), collecting(seed, photos=0.7)):
        for _round in range(rounds):
            set_up.ledger.wait_for(random.randrange(1, 20))
            _cut_the_log(set_up)
            small.fill(leave=random.randrange(30_000))
            _wait_for_refusals(set_up)
            time.sleep(random.uniform(0.0, 1.0))
            small.free()
            _recover(set_up)
    set_up.ledger.expect(_refused(set_up.ledger.answers) > 0, "the disk was never full")


def _cut_the_log(set_up: Scene) -> None:
    """SQLite writes its log over and over in the room that this once had, on a full disk too."""
    if set_up.postgresql:
        return
    with set_up.app.app_context():
        database = db.engine.url.database or ""
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as connection:
        deadline = time.monotonic() + _PATIENCE
        # refused while somebody reads or writes
        while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            assert time.monotonic() < deadline, "the log was never free"


def _wait_for_refusals(set_up: Scene) -> None:
    answers = set_up.ledger.answers
    goal, deadline = _refused(answers) + _REFUSALS, time.monotonic() + _PATIENCE
    while _refused(answers) < goal and time.monotonic() < deadline:
        time.sleep(0.01)


def _refused(answers: dict[str, int]) -> int:
    return answers["503"] + answers["507"]


def _recover(set_up: Scene) -> None:
    """PostgreSQL ends when it cannot write its log; whoever runs it starts it again."""
    if set_up.postgresql and not set_up.postgresql.is_running:
        set_up.postgresql.start()


def main() -> None:
    """Play one of the four."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=False)
    parser.add_argument("--disk", choices=DISKS, default=DISKS[0])
    chosen, rest = parser.parse_known_args()
    sys.argv[1:] = rest
    disks: list[Disk] = []
    staged = partial(stage, full=chosen.disk, told=disks)
    run(
        lambda *arguments: act(disks[0], *arguments),
        rounds=20,
        databases=(SQLITE, POSTGRESQL),
        stage=staged,
    )


if __name__ == "__main__":
    main()
