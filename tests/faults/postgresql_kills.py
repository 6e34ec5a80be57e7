"""PostgreSQL killed and started again under load: all of it, or one of its processes.

python -m tests.faults.postgresql_kills --rounds 50 --seed 1
"""

from __future__ import annotations

import time
from random import Random

from tests.faults.crowds import Crowd, collecting, crowd_of
from tests.faults.databases import POSTGRESQL
from tests.faults.program import run
from tests.faults.scenes import Scene


def act(set_up: Scene, rounds: int, seed: int) -> None:
    """In each round, while phones send: `kill -9`, and a server that stays away for a moment."""
    random, server = Random(seed), set_up.postgresql  # noqa: S311  # to be repeated, no secret
    assert server is not None
    with Crowd(crowd_of(set_up), collecting(seed)):
        for _round in range(rounds):
            set_up.ledger.wait_for(random.randrange(1, 40))
            if random.random() < 0.3:
                server.kill_one_connection()
                continue
            server.kill()
            time.sleep(random.uniform(0.0, 2.0))
            server.start()


if __name__ == "__main__":
    run(act, rounds=50, databases=(POSTGRESQL,))
