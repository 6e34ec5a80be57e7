"""One id, sent at once for a submission and for an edit of another one: it has one role afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Barrier
from threading import Event as Signal
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from surveyapp.extensions import db
from surveyapp.people.models import User
from surveyapp.submissions import receive as door
from surveyapp.submissions import storing
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.models import Instance, Quarantined, Submission
from surveyapp.submissions.receive import NotStored, receive
from surveyapp.submissions.verdicts import Result, Sender, Status
from tests.accounts import make_user
from tests.collecting import answers, envelope, publish

STORED, WAITS = Status.STORED, Status.QUARANTINED


@dataclass
class Race:
    """A record `base` that is here, and two envelopes under one id: another record, and an edit of `base`."""

    app: Flask
    sender: Sender
    base: Envelope
    new: Envelope
    edit: Envelope
    under_way: Signal = field(default_factory=Signal)
    go_on: Signal = field(default_factory=Signal)

    @property
    def id(self) -> UUID:
        return self.new.id

    def send(self, sent: Envelope) -> Result | None:
        """The verdict; None: the database did not take it."""
        with self.app.app_context():
            try:
                return receive([sent], self.sender)[0]
            except NotStored:
                return None

    def roles(self) -> tuple[bool, bool]:
        """Whether the id is a submission's, and whether it is a later revision's."""
        db.session.rollback()
        submission = db.session.scalar(select(Submission).filter_by(id=self.id))
        return submission is not None, db.session.get(Instance, self.id) is not None


@pytest.fixture
def race(app: Flask) -> Race:
    publish()
    make_user("aigerim")
    user_id = db.session.scalars(select(User.id)).one()
    return make_race(app, Sender(user_id=user_id))


def make_race(app: Flask, sender: Sender) -> Race:
    shared = str(uuid4())
    base, new = envelope(), envelope(id=shared, answers=answers(rooms=4, twice="8"))
    edit = envelope(id=shared, answers=answers(rooms=5, twice="10"))
    race = Race(app, sender, base, new, replace(edit, deprecates=base.id))
    receive([base], sender)
    return race


def pausing(race: Race, first: Envelope, fails: bool) -> Callable[..., Any]:
    """`write`, which holds the transaction of the first one open until it is told to go on, or fails."""

    def write(connection: Any, maker: Any, batch: Sequence[Any]) -> Any:
        outcomes = storing.write(connection, maker, batch)
        if batch[0].envelope.answers == first.answers and not race.under_way.is_set():
            race.under_way.set()
            assert race.go_on.wait(20)
            if fails:
                raise OperationalError("COMMIT", {}, Exception("the connection is gone"))
        return outcomes

    return write


def until_it_waits(other: Future[Any]) -> None:
    """Until somebody waits for a lock of PostgreSQL; on SQLite one writes at a time anyway."""
    if db.engine.dialect.name == "sqlite":
        time.sleep(0.2)
        return
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    for _look in range(500):
        with db.engine.connect() as connection:
            if other.done() or connection.scalar(waiting):
                return
        time.sleep(0.01)
    raise AssertionError("the second one neither waits nor is done")


OUTCOMES = [
    # who is first, whether its commit fails; what becomes of the submission and of the edit
    ("new", False, (STORED, WAITS)),
    ("new", True, (None, STORED)),
    ("edit", False, (WAITS, STORED)),
    ("edit", True, (STORED, None)),
]


@pytest.mark.parametrize(("first", "fails", "expected"), OUTCOMES)
def test_the_second_one_waits_for_the_first_and_for_what_became_of_it(
    race: Race,
    monkeypatch: pytest.MonkeyPatch,
    first: str,
    fails: bool,
    expected: tuple[Status | None, Status | None],
) -> None:
    one, other = (race.new, race.edit) if first == "new" else (race.edit, race.new)
    if first == "new":  # what is new and has nothing with it is one statement, which cannot be held open
        monkeypatch.setattr(door, "store_new", lambda *_: {})
    monkeypatch.setattr(door, "write", pausing(race, one, fails))
    with ThreadPoolExecutor(2) as pool:
        begun = pool.submit(race.send, one)
        assert race.under_way.wait(20)
        second = pool.submit(race.send, other)
        until_it_waits(second)
        race.go_on.set()
        results = {first: begun.result(), "other": second.result()}
    by_role = (
        (results[first], results["other"]) if first == "new" else (results["other"], results[first])
    )
    assert tuple(result and result.status for result in by_role) == expected
    assert race.roles() == (expected[0] is STORED, expected[1] is STORED)


def test_copies_that_come_later_get_what_the_first_ones_got(race: Race) -> None:
    made, waits = race.send(race.new), race.send(race.edit)
    again, waits_again = race.send(race.new), race.send(race.edit)
    assert made and again and waits and waits_again
    assert (again.status, again.receipt) == (Status.DUPLICATE, made.receipt)
    assert (waits_again.status, waits_again.receipt) == (WAITS, waits.receipt)


def test_an_edit_under_its_own_records_id_is_no_revision(race: Race) -> None:
    own = replace(race.edit, id=race.base.id)
    result = race.send(own)
    assert result and result.status is WAITS
    assert db.session.get(Instance, race.base.id) is None


def test_whoever_wins_the_id_has_one_role(race: Race) -> None:
    for _round in range(12):
        one = make_race(race.app, race.sender)
        sent, barrier = [one.new, one.edit] * 3, Barrier(6)

        def at_once(
            envelope: Envelope, one: Race = one, barrier: Barrier = barrier
        ) -> tuple[bool, Status]:
            barrier.wait()
            result = one.send(envelope)
            assert result is not None
            return envelope is one.edit, result.status

        db.session.rollback()
        with ThreadPoolExecutor(6) as pool:
            answered = list(pool.map(at_once, sent))
        assert one.roles() in {(True, False), (False, True)}
        winner = one.roles()[1]
        for is_edit, status in answered:
            assert (status is not WAITS) == (is_edit == winner)
    waiting = db.session.scalars(select(Quarantined.reason)).all()
    assert set(waiting) == {"conflict"}
    assert len(waiting) == 12
