"""The short forms of what phones do to a server that stays alive; one ledger for all of them."""

from __future__ import annotations

import pytest

from tests.faults import clocks, out_of_order, poisoned, races, shared_token, writers
from tests.faults.counting import count
from tests.faults.program import Act
from tests.faults.scenes import Scene

ACTS: list[tuple[Act, int]] = [
    (races.act, 1),
    (writers.act, 1),
    (shared_token.act, 2),
    (out_of_order.act, 1),
    (clocks.act, 10),
    (poisoned.act, 5),
]


@pytest.mark.parametrize(("act", "rounds"), ACTS, ids=lambda act: getattr(act, "__module__", ""))
def test_nothing_is_lost_doubled_or_changed(set_up: Scene, act: Act, rounds: int) -> None:
    before = len(set_up.ledger.entries)
    act(set_up, rounds, 1000 + before)
    counted = count(set_up)
    assert counted.is_good, counted
    assert counted.acknowledged == counted.sent > before
