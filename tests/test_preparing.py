"""What `surveyapp run --prepare` and the worker beside it leave behind."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import QueuePool, func, select

from surveyapp.channels.pages import drafts
from surveyapp.channels.pages.models import Draft
from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people.models import User
from surveyapp.preparing import prepare
from surveyapp.serving import do_chores, rest
from tests.channels.pages.test_drafts import state


def connections_in_use() -> int:
    """Each of them has a transaction open; on SQLite it keeps everybody else from writing."""
    pool = db.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


def test_the_process_that_prepared_keeps_nobody_from_writing(app: Flask, settings: Settings) -> None:
    assert prepare(settings).administrator is not None
    assert connections_in_use() == 0
    assert prepare(settings).administrator is None  # nothing to make, it only read
    assert connections_in_use() == 0


def test_a_chore_leaves_no_transaction_open_until_the_next_round(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = select(func.count()).select_from(User)
    monkeypatch.setattr("surveyapp.serving.CHORES", {"count": lambda: db.session.scalar(count)})
    do_chores()
    assert connections_in_use() == 0


def test_the_worker_throws_expired_drafts_away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts.begin(state())
    later = utc_now() + timedelta(days=2)
    monkeypatch.setattr(drafts, "utc_now", lambda: later)
    do_chores()
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 0


def test_what_somebody_waits_for_goes_on_between_two_rounds(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Event()
    parts: list[int] = []

    def count() -> None:
        parts.append(len(parts))
        if len(parts) == 3:
            stop.set()

    monkeypatch.setattr("surveyapp.serving.LOOK", 0.01)
    monkeypatch.setattr("surveyapp.serving.WAITED_FOR", {"count": count})
    rest(stop)
    assert parts == [0, 1, 2]


def test_what_fails_between_two_rounds_waits_for_the_next(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[None] = []

    def count() -> None:
        tried.append(None)
        raise RuntimeError

    monkeypatch.setattr("surveyapp.serving.LOOK", 0.001)
    monkeypatch.setattr("surveyapp.serving.ROUND", 0.1)
    monkeypatch.setattr("surveyapp.serving.WAITED_FOR", {"count": count})
    rest(Event())
    assert len(tried) == 1
