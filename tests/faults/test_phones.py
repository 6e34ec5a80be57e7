"""The short forms of what phones and others do to a server that stays alive; one ledger for all.

Bad requests come last: what they leave behind is in no ledger.
"""

from __future__ import annotations

import pytest

from tests.faults import (
    clocks,
    cuts,
    fuzz_api,
    fuzz_openrosa,
    fuzz_uploads,
    out_of_order,
    poisoned,
    races,
    shared_token,
    upload_journeys,
    writers,
)
from tests.faults.counting import count
from tests.faults.fuzzing import Maker, Plan, fuzz
from tests.faults.program import Act
from tests.faults.scenes import Scene

ACTS: list[tuple[Act, int]] = [
    (cuts.at_some_bytes, 1),
    (races.act, 1),
    (writers.act, 1),
    (shared_token.act, 2),
    (out_of_order.act, 1),
    (clocks.act, 10),
    (poisoned.act, 5),
    (upload_journeys.act, 12),
]


@pytest.mark.parametrize(("act", "rounds"), ACTS, ids=lambda act: getattr(act, "__module__", ""))
def test_nothing_is_lost_doubled_or_changed(set_up: Scene, act: Act, rounds: int) -> None:
    before = len(set_up.ledger.entries)
    act(set_up, rounds, 1000 + before)
    counted = count(set_up)
    assert counted.is_good, counted
    assert counted.acknowledged == counted.sent > before


@pytest.mark.parametrize("maker", [fuzz_openrosa.maker, fuzz_uploads.maker, fuzz_api.maker])
def test_bad_requests_are_answered_and_leave_nothing(set_up: Scene, maker: Maker) -> None:
    found = fuzz(set_up, maker(set_up), Plan(rounds=200))
    assert found.is_good, found
    assert found.requests == 200
