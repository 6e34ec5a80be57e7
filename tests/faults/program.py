"""How every fault program is called, and how it tells what it counted."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeAlias

from tests.faults.counting import count
from tests.faults.databases import POSTGRESQL, SQLITE
from tests.faults.scenes import Scene, scene

#: scene, rounds, seed
Act: TypeAlias = Callable[[Scene, int, int], None]
#: database → scene
Stage: TypeAlias = Callable[[str], AbstractContextManager[Scene]]


def run(
    act: Act, *, rounds: int, databases: tuple[str, ...] = (SQLITE, POSTGRESQL), stage: Stage = scene
) -> None:
    """Play it as the command line says, print the count as JSON, and end with 1 when it is not good."""
    parser = argparse.ArgumentParser(description=act.__doc__)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=databases, default=databases[0])
    chosen = parser.parse_args()
    # whoever ends it ends its servers too
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    begun = time.monotonic()
    with stage(chosen.database) as set_up:
        act(set_up, chosen.rounds, chosen.seed)
        counted = count(set_up)
    print(counted)
    print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr)
    sys.exit(0 if counted.is_good else 1)
