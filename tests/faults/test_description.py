"""A sample of what schemathesis makes of our OpenAPI document: no failure, and nothing it does not tell of.

More by hand: `python -m tests.faults.described --rounds 200`.
"""

from __future__ import annotations

from tests.faults import described
from tests.faults.databases import POSTGRESQL
from tests.faults.scenes import scene


def test_the_api_is_as_its_description_says() -> None:
    with scene(POSTGRESQL) as set_up:
        told = described.generate(set_up, rounds=3, seed=1)
        assert told.returncode == 0, told.stdout
        assert set_up.served.complaints() == []
