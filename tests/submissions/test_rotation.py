"""Rotation wraps every data key anew, loses none, and can be stopped at any point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people.models import AuditEntry
from surveyapp.submissions import receive as receiving
from surveyapp.submissions import rotation
from surveyapp.submissions.keys import key_file_of, keys_of
from surveyapp.submissions.models import Quarantined, Submission
from surveyapp.submissions.opening import identity_of, quarantined_bytes
from surveyapp.submissions.verdicts import Status
from tests.collecting import CANARY, envelope, publish, send


@pytest.fixture(autouse=True)
def _published(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    publish()
    monkeypatch.setattr(rotation, "BATCH", 2)
    before = keys_of()
    yield
    key_file_of().replace(before)


def quiet(_rows: int) -> rotation.Progress:
    return lambda _done: None


def rotate(begin: Callable[[int], rotation.Progress] = quiet) -> rotation.Rotation:
    """Rotate as the command does, in a process of its own: without a transaction that is still open."""
    db.session.rollback()
    return rotation.rotate(begin)


def everything_opens() -> bool:
    names = [
        identity_of(keys_of(), row)["child[1]/name"] for row in db.session.scalars(select(Submission))
    ]
    waiting = [quarantined_bytes(keys_of(), row) for row in db.session.scalars(select(Quarantined))]
    return len(names) == 5 and set(names) == {CANARY} and len(waiting) == 3 and all(waiting)


def fill() -> None:
    send(*(envelope() for _family in range(5)), *(envelope(version="9") for _family in range(3)))


def test_every_data_key_is_wrapped_by_the_new_key_and_everything_still_opens(app: Flask) -> None:
    fill()
    before = keys_of().current
    told: list[int] = []

    def begin(rows: int) -> rotation.Progress:
        told.append(rows)
        return told.append

    done = rotate(begin)
    assert (told[0], sum(told[1:])) == (8, 8)
    assert (done.rewrapped, done.unopened, done.resumed, done.dropped) == (8, 0, False, ())
    assert rotation.rows_by_key() == {done.key_id: 8}
    assert before in keys_of().wrapping, "a server may still be wrapping with it"
    assert everything_opens()


def test_what_is_sealed_and_the_receipts_stay_byte_for_byte(app: Flask) -> None:
    sent = envelope()
    (first,) = send(sent)
    sealed = db.session.scalars(select(Submission.identity_sealed)).one()
    rotate()
    assert send(sent)[0] == replace(first, status=Status.DUPLICATE)
    assert db.session.scalars(select(Submission.identity_sealed)).one() == sealed


class Stopped(RuntimeError):
    """Somebody pulled the plug."""


def test_a_rotation_that_was_stopped_is_finished_by_the_next_call(app: Flask) -> None:
    fill()

    def stop_after_the_first_batch(_done: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        rotate(lambda _rows: stop_after_the_first_batch)
    assert sorted(rotation.rows_by_key().values()) == [2, 6]
    assert everything_opens()
    done = rotate()
    assert (done.resumed, done.rewrapped) == (True, 6)
    assert rotation.rows_by_key() == {done.key_id: 8}
    assert everything_opens()


def test_a_key_is_dropped_only_a_day_after_it_was_retired_and_when_no_row_needs_it(app: Flask) -> None:
    fill()
    first = keys_of().current
    rotate()
    keys = keys_of()
    key_file_of().replace(replace(keys, retired={first: utc_now() - timedelta(days=2)}))
    done = rotate()
    assert done.dropped == (first,)
    assert first not in keys_of().wrapping
    assert everything_opens()


def test_a_row_that_does_not_open_is_told_of_and_keeps_its_key(app: Flask) -> None:
    fill()
    broken = db.session.scalars(select(Submission.serial)).first()
    db.session.execute(
        update(Submission).where(Submission.serial == broken).values(data_key=b"\x01" * 61)
    )
    db.session.commit()
    before = keys_of().current
    done = rotate()
    assert (done.rewrapped, done.unopened) == (7, 1)
    assert rotation.rows_by_key() == {done.key_id: 7, before: 1}


def test_a_row_that_does_not_open_keeps_nobody_from_making_new_keys(app: Flask) -> None:
    fill()
    broken = db.session.scalars(select(Submission.serial)).first()
    lost = update(Submission).where(Submission.serial == broken).values(key_id="lost")
    db.session.execute(lost)
    db.session.commit()
    first, second = rotate(), rotate()
    assert (first.resumed, second.resumed) == (False, False)
    assert first.key_id != second.key_id
    assert rotation.rows_by_key() == {second.key_id: 7, "lost": 1}


def test_a_row_erased_meanwhile_is_not_brought_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    fill()
    real = rotation._update

    def erase_first(table: Any, values: Any, connection: Any) -> None:
        connection.execute(update(table).values(data_key=None))
        real(table, values, connection)

    monkeypatch.setattr(rotation, "_update", erase_first)
    rotate()
    assert rotation.rows_by_key() == {}


def test_a_record_that_comes_in_during_a_rotation_can_be_opened_after_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rotate_meanwhile(envelopes: Any) -> Any:
        found = looked_up(envelopes)
        rotate()
        return found

    looked_up = receiving._looked_up
    before = keys_of().current
    with monkeypatch.context() as patched:
        patched.setattr("surveyapp.submissions.receive._looked_up", rotate_meanwhile)
        send(envelope())
    assert rotation.rows_by_key() == {before: 1}
    assert identity_of(keys_of(), db.session.scalars(select(Submission)).one())
    assert (rotate().rewrapped, rotate().rewrapped) == (1, 1)


def test_rotation_is_written_to_the_audit_log(app: Flask) -> None:
    done = rotate()
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "key_rotated"))
    assert [(entry.subject, entry.details) for entry in entries] == [(done.key_id, {"count": 0})]
