"""The short form of a server whose clock jumps."""

from __future__ import annotations

import pytest

from tests.conftest import DATABASES
from tests.faults import server_clock
from tests.faults.counting import count


@pytest.mark.parametrize("database", DATABASES)
def test_nothing_is_lost_when_the_servers_clock_jumps(database: str) -> None:
    with server_clock.stage(database) as set_up:
        server_clock.act(set_up, 4, 3)
        counted = count(set_up)
    assert counted.is_good, counted
    assert counted.acknowledged == counted.sent > 4
