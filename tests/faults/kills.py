"""`kill -9` of gunicorn, of its master and of single workers, at random moments under load.

python -m tests.faults.kills --rounds 200 --seed 1 --database postgresql
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random

from tests.faults.crowds import Crowd, collecting, crowd_of
from tests.faults.program import run
from tests.faults.scenes import Scene


def act(set_up: Scene, rounds: int, seed: int) -> None:
    """Kill a part of the server in each round, while phones send batches, photos and XML."""
    random = Random(seed)  # noqa: S311  # to be repeated, no secret
    with Crowd(crowd_of(set_up), collecting(seed)):
        for _round in range(rounds):
            set_up.ledger.wait_for(random.randrange(1, 40))
            time.sleep(random.uniform(0.0, 0.05))
            random.choice(BLOWS)(set_up, random)


def _kill_worker(set_up: Scene, random: Random) -> None:
    if workers := set_up.served.workers():
        with suppress(ProcessLookupError):
            os.kill(random.choice(workers), signal.SIGKILL)


def _kill_master(set_up: Scene, _random: Random) -> None:
    set_up.served.kill_master()
    set_up.served.start()


def _kill_all(set_up: Scene, _random: Random) -> None:
    set_up.served.kill()
    set_up.served.start()


BLOWS: Sequence[Callable[[Scene, Random], None]] = (_kill_worker, _kill_master, _kill_all)

if __name__ == "__main__":
    run(act, rounds=200)
