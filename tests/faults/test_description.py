"""A sample of what schemathesis makes of our OpenAPI document: no failure, and nothing it does not tell of.

More by hand: `python -m tests.faults.described --rounds 200`.
"""

from __future__ import annotations

from tests.faults import described
from tests.faults.scenes import Scene


def test_the_api_is_as_its_description_says(set_up: Scene) -> None:
    told = described.generate(set_up, rounds=5, seed=1)
    assert told.returncode == 0, told.stdout
    assert set_up.served.complaints() == []
