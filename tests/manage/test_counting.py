"""Counts on the first pages: kept ones and what came since, always the same as counting all records."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.database import utc_now
from surveyapp.days import day_of
from surveyapp.extensions import db
from surveyapp.manage import counting, queries
from surveyapp.people.rights import Place, Reach
from surveyapp.submissions import measuring
from surveyapp.submissions.field_models import ALWAYS, Tally
from surveyapp.submissions.models import State, Submission
from surveyapp.wiring import settings_of
from tests.manage.rows import ALMATY_CITY, SITE, publish_site, store

EVERYWHERE = Reach(frozenset({Place(None, None)}))
ONE_REGION = Reach(frozenset({Place(SITE, ALMATY_CITY)}))
ELSEWHERE = "710000000"


@pytest.fixture(autouse=True)
def published(app: Flask) -> None:
    """The worker reckons what is in the catalogue."""
    publish_site()


def counted_one_by_one(seen: Reach) -> dict[Any, tuple[int, int, int]]:
    """What the counts must be, looked up record by record."""
    found: dict[Any, Counter[str]] = {}
    zone, days = settings_of().timezone, last_week()
    for row in db.session.scalars(select(Submission).where(Submission.questionnaire == SITE)):
        if State(row.status).is_gone or (seen is ONE_REGION and row.region != ALMATY_CITY):
            continue
        for day in {ALWAYS, day_of(row.first_received_at, zone)} & {ALWAYS, *days}:
            each = found.setdefault(day, Counter())
            each.update(count=1, flagged=bool(row.flags), synthetic=bool(row.synthetic))
    return {key: (n["count"], n["flagged"], n["synthetic"]) for key, n in found.items()}


def looked_up(seen: Reach) -> dict[Any, tuple[int, int, int]]:
    rows = counting.counts([SITE], seen, last_week(), settings_of().timezone)
    return {row.day: (row.count, row.flagged, row.synthetic) for row in rows if row.count}


def last_week() -> list[Any]:
    return queries.last_days(7, utc_now(), settings_of().timezone)


def something_happens(random: Random) -> None:
    """Records come; some of those that are there are edited, deleted, restored, flagged."""
    for _n in range(random.randint(1, 4)):
        at = utc_now() - timedelta(hours=random.randint(0, 240))
        region = random.choice([None, ALMATY_CITY, ELSEWHERE])
        flags = random.choice([[], [], ["invalid"]])
        store(
            random.randint(1, 3),
            received_at=at,
            region=region,
            flags=flags,
            synthetic=random.random() < 0.3,
        )
    ids: list[UUID] = list(db.session.scalars(select(Submission.id)))
    for submission_id in random.sample(ids, k=len(ids) // 3):
        changed: dict[str, Any] = random.choice(
            [
                {"status": State.DELETED},
                {"status": State.STORED},
                {"region": ELSEWHERE},
                {"flags": ["foreign"], "received_at": utc_now()},
            ]
        )
        db.session.execute(update(Submission).where(Submission.id == submission_id).values(**changed))
    db.session.commit()


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_those_of_the_records_whenever_the_worker_was_there(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # no secret is drawn
    for _n in range(6):
        something_happens(random)
        for seen in (EVERYWHERE, ONE_REGION):
            assert looked_up(seen) == counted_one_by_one(seen)
        if random.random() < 0.5:
            measuring.catch_up()
            for seen in (EVERYWHERE, ONE_REGION):
                assert looked_up(seen) == counted_one_by_one(seen)


def test_what_was_reckoned_is_not_counted_again() -> None:
    """The kept counts are what is looked up: a wrong one is seen."""
    store(3)
    measuring.catch_up()
    db.session.execute(update(Tally).where(Tally.day == ALWAYS).values(count=70))
    db.session.commit()
    assert looked_up(EVERYWHERE)[ALWAYS] == (70, 0, 0)


def test_counts_by_region_leave_out_what_was_deleted() -> None:
    store(3, region=ALMATY_CITY)
    store(2, region=None)
    store(1, region=ELSEWHERE, status=State.DELETED)
    for _n in range(2):
        assert queries.by_region(SITE, EVERYWHERE) == {ALMATY_CITY: 3, None: 2}
        measuring.catch_up()


def test_a_record_counts_on_the_day_it_was_received_first() -> None:
    zone = ZoneInfo("Asia/Almaty")
    before = datetime.now(zone) - timedelta(days=2)
    store(1, first_received_at=before)  # edited since
    found = dict(queries.by_day(SITE, EVERYWHERE, last_week(), zone))
    assert found[before.date()] == 1
    assert sum(found.values()) == 1
