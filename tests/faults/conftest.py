"""One server for all the faults that leave it alive."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import DATABASES
from tests.faults import writers
from tests.faults.scenes import Scene


@pytest.fixture(scope="module", params=DATABASES)
def set_up(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """A server on each database, which takes sixteen requests at once."""
    with writers.stage(request.param) as scene:
        yield scene
