"""Sixteen phones that write at the same time, on a server with as many threads.

python -m tests.faults.writers --rounds 50 --seed 1
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.crowds import Crowd, collecting, crowd_of
from tests.faults.program import run
from tests.faults.scenes import Scene, scene

WRITERS = 16
#: records in a round
_ROUND = 100


def act(set_up: Scene, rounds: int, seed: int) -> None:
    """Each round is a hundred records more."""
    with Crowd(crowd_of(set_up, WRITERS // 2), collecting(seed)):
        for _round in range(rounds):
            set_up.ledger.wait_for(_ROUND)


@contextmanager
def stage(database: str) -> Iterator[Scene]:
    """A server that takes sixteen requests at once."""
    settings = {"WEB_WORKERS": "2", "WEB_THREADS": str(WRITERS // 2)}
    with scene(database, settings=settings) as set_up:
        yield set_up


if __name__ == "__main__":
    run(act, rounds=50, stage=stage)
