"""What is new is committed together with what other threads bring; none of the rules change by it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta, timezone
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from surveyapp.database import utc_now
from surveyapp.driver import transaction
from surveyapp.extensions import db
from surveyapp.submissions import committing, holdings, storing
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.models import Attachment, Event, Instance, Quarantined, Submission
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Result, Sender, Status
from tests.collecting import answers, envelope, item, publish, send

PHOTO = {"name": "a.jpg", "sha256": "ab" * 32, "size": 1, "type": "image/jpeg"}


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    publish()


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def with_all_that_hangs_on_it(**changes: Any) -> Envelope:
    told = answers(worries=["danger"], photo="a.jpg")
    return envelope(**item(answers=told, attachments=[PHOTO], **changes))


def at_once(app: Flask, sent: Sequence[Envelope]) -> list[Result]:
    barrier = Barrier(len(sent))

    def one(each: Envelope) -> Result:
        with app.app_context():
            barrier.wait()
            return send(each)[0]

    with ThreadPoolExecutor(len(sent)) as pool:
        return list(pool.map(one, sent))


def test_threads_that_meet_share_transactions(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def insert(submissions: Sequence[committing.NewSubmission]) -> None:
        sizes.append(len(submissions))
        real(submissions)

    real = committing._insert
    monkeypatch.setattr(committing, "_insert", insert)
    results = at_once(app, [with_all_that_hangs_on_it() for _record in range(24)])
    assert {result.status for result in results} == {Status.STORED}
    assert (count(Submission), count(Attachment), count(Event)) == (24, 24, 24)
    assert sum(sizes) == 24
    assert len(sizes) < 24


def test_what_is_said_of_a_new_row_is_what_a_reader_would_say(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sent in (envelope(), with_all_that_hangs_on_it()):
        said: list[holdings.Held] = []
        with monkeypatch.context() as patched:
            patched.setattr(storing, "held_as_inserted", _overheard(said))
            send(sent)
        with db.engine.connect().execution_options(reads=True) as connection:
            read = holdings.held_submissions(connection, [sent.id])[sent.id]
        assert said == [read.current]


def _overheard(said: list[holdings.Held]) -> Any:
    def held(*arguments: Any) -> holdings.Held:
        said.append(holdings.held_as_inserted(*arguments))
        return said[-1]

    return held


def test_when_a_group_fails_each_of_it_is_tried_by_itself(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> None:
        raise ValueError("whatever it is")

    monkeypatch.setattr(committing, "_insert", fail)
    results = at_once(app, [envelope() for _record in range(8)])
    assert {result.status for result in results} == {Status.STORED}
    assert count(Submission) == 8


def test_a_commit_that_fails_leaves_nothing_of_its_group(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def broken(connection: Any) -> Any:
        with transaction(connection):
            yield
            raise ValueError("the last moment")

    sent = with_all_that_hangs_on_it()
    with monkeypatch.context() as patched:
        patched.setattr(committing, "transaction", broken)
        patched.setattr("surveyapp.submissions.receive._store", lambda *_a: [])
        with pytest.raises(ValueError, match="zip"):
            send(sent)
    assert (count(Submission), count(Attachment), count(Event)) == (0, 0, 0)
    assert send(sent)[0].status == Status.STORED


def test_an_id_that_a_later_revision_has_is_not_a_new_submission(app: Flask) -> None:
    first = envelope()
    send(first)
    later = uuid4()
    db.session.add(Instance(id=later, submission_id=first.id, revision=1))
    db.session.commit()
    (result,) = send(envelope(**item(id=str(later))))
    assert (result.status, result.id) == (Status.DUPLICATE, first.id)
    assert (count(Submission), count(Quarantined)) == (1, 0)


def test_a_receipt_is_the_same_whatever_zone_its_moment_was_told_in(app: Flask) -> None:
    sent, now = envelope(), utc_now().astimezone(timezone(timedelta(hours=5)))
    (first,), (again,) = receive([sent], Sender(), now=now), receive([sent], Sender())
    assert (first.status, again.status) == (Status.STORED, Status.DUPLICATE)
    assert first.receipt == again.receipt
