"""What the tests of exports share: the questionnaire `visits`, published, and two visits of it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from flask import Flask

from tests.exports import visits
from tests.factories import store_submission

FIRST = UUID("11111111-1111-4111-8111-111111111111")
SECOND = UUID("22222222-2222-4222-8222-222222222222")
#: a name that may be nowhere unless identity is asked for, and a sensitive answer likewise
CANARY = "Жұмбақова7391"
WORRY = "құпия8264"


@pytest.fixture
def published(app: Flask) -> None:
    """The first version is published."""
    visits.publish("1")


@pytest.fixture
def stored(published: None) -> None:
    """Two visits: one with everything in it, one nearly empty."""
    store_submission(
        visits.ID,
        {
            "visit": {
                "agreed": "yes",
                "size": 3,
                "weight": 3.5,
                "born": "2019-02-28",
                "called": "2026-09-01T14:03:07.250+06:00",
                "hour": "14:30:00+05:00",
                "remark": 'Ол "жақсы",\r\nдеді 🙂; осылай',
                "helps": ["food", "none"],
                "place": {"lat": 43.25, "lon": -76.9, "alt": None, "accuracy": 12.0},
                "worry": WORRY,
                "double": "6",
            },
            "child": [
                {"c_age": 7, "toy": [{"t_name": "доп"}, {"t_name": "ат"}]},
                {"c_age": -1, "toy": []},
            ],
        },
        id=FIRST,
        identity={"visit/family": CANARY, "child[1]/c_name": CANARY, "child[2]/c_name": None},
        started_at=datetime(2026, 9, 1, 8, 0, 5, 999, tzinfo=UTC),
        finished_at=datetime(2026, 9, 1, 8, 30, tzinfo=UTC),
        clock_skew=-4,
        app="field/1.0",
        flags=["invalid", "clock_skew"],
        errors=[{"path": "child[2]/c_age", "code": "constraint", "params": {}}],
    )
    store_submission(
        visits.ID,
        {"visit": {"agreed": "no", "helps": None, "remark": None}, "child": []},
        id=SECOND,
        language="ru",
        channel="web",
        synthetic=True,
        received_at=datetime(2026, 9, 2, 3, 0, tzinfo=UTC),
    )
