"""The short forms of what is killed."""

from __future__ import annotations

import pytest

from tests.conftest import DATABASES
from tests.faults import kills, postgresql_kills
from tests.faults.counting import Count, count
from tests.faults.databases import POSTGRESQL
from tests.faults.program import Act
from tests.faults.scenes import scene


def played(act: Act, database: str, rounds: int) -> Count:
    with scene(database) as set_up:
        act(set_up, rounds, 3)
        return count(set_up)


@pytest.mark.parametrize("database", DATABASES)
def test_nothing_is_lost_when_processes_are_killed(database: str) -> None:
    counted = played(kills.act, database, rounds=3)
    assert counted.is_good, counted
    assert counted.acknowledged == counted.sent > 0


def test_nothing_is_lost_when_postgresql_is_killed() -> None:
    counted = played(postgresql_kills.act, POSTGRESQL, rounds=2)
    assert counted.is_good, counted
    assert counted.acknowledged == counted.sent > 0
