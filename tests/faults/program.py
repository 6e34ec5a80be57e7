"""How every fault program is called, and how it tells what it counted."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from typing import TypeAlias

from tests.faults.counting import Count
from tests.faults.databases import POSTGRESQL, SQLITE

#: database, rounds, seed → the count
Play: TypeAlias = Callable[[str, int, int], Count]


def run(play: Play, *, rounds: int, databases: tuple[str, ...] = (SQLITE, POSTGRESQL)) -> None:
    """Play it as the command line says, print the count as JSON, and end with 1 when it is not good."""
    parser = argparse.ArgumentParser(description=play.__doc__)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=databases, default=databases[0])
    chosen = parser.parse_args()
    # whoever ends it ends its servers too
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    begun = time.monotonic()
    counted = play(chosen.database, chosen.rounds, chosen.seed)
    print(counted)
    print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr)
    sys.exit(0 if counted.is_good else 1)
