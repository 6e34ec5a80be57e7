"""Limits counted in the database: exact one after another, and never too generous all at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import attempts
from surveyapp.people.attempts import Limit, TooManyAttempts, claim
from surveyapp.people.models import Attempt

LIMIT = Limit("a code", 5, timedelta(minutes=10))
OTHER = Limit("another code", 2, timedelta(minutes=1))


def let_through(app: Flask, together: Barrier) -> bool:
    """One attempt on a server of its own, begun at the same moment as the others."""
    with app.app_context():
        together.wait()
        try:
            claim([(LIMIT, "someone")])
        except TooManyAttempts:
            return False
        return True


def test_as_many_as_the_ceiling_are_let_through_and_no_more(app: Flask) -> None:
    for _number in range(LIMIT.ceiling):
        claim([(LIMIT, "someone")])
    with pytest.raises(TooManyAttempts):
        claim([(LIMIT, "someone")])
    claim([(LIMIT, "someone else")])


def test_a_burst_does_not_slip_through(app: Flask) -> None:
    together = Barrier(12)
    with ThreadPoolExecutor(12) as pool:
        passed = list(pool.map(lambda _n: let_through(app, together), range(12)))
    assert sum(passed) <= LIMIT.ceiling
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == sum(passed)


def test_a_forgiven_attempt_does_not_count(app: Flask) -> None:
    for _number in range(LIMIT.ceiling * 3):
        claim([(LIMIT, "someone")]).forgive()


def test_an_attempt_that_one_limit_refuses_counts_against_none(app: Flask) -> None:
    for _number in range(OTHER.ceiling):
        claim([(OTHER, "place"), (LIMIT, "someone")])
    for _number in range(10):
        with pytest.raises(TooManyAttempts):
            claim([(OTHER, "place"), (LIMIT, "someone")])
    for _number in range(LIMIT.ceiling - OTHER.ceiling):
        claim([(LIMIT, "someone")])


def test_the_wait_ends_when_the_oldest_attempt_that_counts_leaves_the_window(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = utc_now()
    for minute in range(LIMIT.ceiling):
        monkeypatch.setattr(attempts, "utc_now", lambda m=minute: start + timedelta(minutes=m))
        claim([(LIMIT, "someone")])
    with pytest.raises(TooManyAttempts) as refused:
        claim([(LIMIT, "someone")])
    assert refused.value.retry_after == (10 - (LIMIT.ceiling - 1)) * 60
    assert refused.value.minutes == 6
