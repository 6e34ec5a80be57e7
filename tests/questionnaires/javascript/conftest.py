"""One embedded V8 for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from surveyapp.questionnaires.javascript import Engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The phone's logic in V8."""
    with Engine() as running:
        yield running
