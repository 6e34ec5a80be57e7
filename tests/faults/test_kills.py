"""The short form of `kills`."""

from __future__ import annotations

import pytest

from tests.conftest import DATABASES
from tests.faults import kills


@pytest.mark.parametrize("database", DATABASES)
def test_nothing_is_lost_when_processes_are_killed(database: str) -> None:
    counted = kills.play(database, rounds=3, seed=3)
    assert counted.is_good, counted
    assert counted.acknowledged == counted.sent > 0
