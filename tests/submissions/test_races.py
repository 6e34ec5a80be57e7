"""However many copies come, in whatever order: one row, one receipt, and nothing half-written."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DataError, OperationalError

from surveyapp.catalogue.models import Access
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.people import invitations
from surveyapp.questionnaires.judge import judge
from surveyapp.submissions import assessing, receipts, rows, storing, transactions
from surveyapp.submissions import receive as door
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.models import Attachment, Event, Quarantined, Reason, Submission
from surveyapp.submissions.receive import NotStored
from surveyapp.submissions.verdicts import Result, Status
from tests.collecting import INVITED, answers, envelope, item, publish, send
from tests.submissions import another_process

COPIES = 50


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    publish()


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def at_once(app: Flask, batches: Sequence[Sequence[Envelope]]) -> list[Result]:
    """Have each batch received by a thread of its own, all let go at the same moment."""
    barrier = Barrier(len(batches))

    def one(batch: Sequence[Envelope]) -> Sequence[Result]:
        with app.app_context():
            barrier.wait()
            return send(*batch)

    with ThreadPoolExecutor(len(batches)) as pool:
        return [result for results in pool.map(one, batches) for result in results]


def statuses(results: Sequence[Result]) -> Counter[Status]:
    return Counter(result.status for result in results)


def test_50_copies_at_once_are_one_submission_and_get_one_receipt(app: Flask) -> None:
    sent = envelope(answers=answers(worries=["danger"]))
    results = at_once(app, [[sent]] * COPIES)
    assert statuses(results) == {Status.STORED: 1, Status.DUPLICATE: COPIES - 1}
    assert len({(r.receipt, r.complete, r.receipt_code) for r in results}) == 1
    assert (count(Submission), count(Event), count(Quarantined)) == (1, 1, 0)


def test_50_copies_of_what_must_wait_wait_once(app: Flask) -> None:
    results = at_once(
        app, [[envelope(**item(version="9", id="0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10"))]] * COPIES
    )
    assert statuses(results) == {Status.QUARANTINED: COPIES}
    assert len({r.receipt for r in results}) == 1
    assert count(Quarantined) == 1


def test_of_two_contents_under_one_id_one_is_stored_and_the_other_waits(app: Flask) -> None:
    one = item()
    other = one | {"answers": answers(rooms=4, twice="8")}
    results = at_once(app, [[envelope(**one)], [envelope(**other)]] * 8)
    assert statuses(results) == {Status.STORED: 1, Status.DUPLICATE: 7, Status.QUARANTINED: 8}
    assert (count(Submission), count(Quarantined)) == (1, 1)


def test_batches_in_opposite_order_do_not_block_each_other(app: Flask) -> None:
    batch = [envelope() for _record in range(20)]
    results = at_once(app, [batch, batch[::-1]] * 4)
    assert statuses(results) == {Status.STORED: 20, Status.DUPLICATE: 140}
    assert count(Submission) == 20


def test_copies_from_several_servers_are_one_submission(app: Flask, settings: Settings) -> None:
    copy, own = item(), envelope()
    db.session.rollback()
    servers = [another_process.start(settings, [[copy]] * 10) for _server in range(2)]
    mine = send(own)
    answered = [result for server in servers for result in another_process.results(server)]
    assert mine[0].status == Status.STORED
    assert Counter(a["status"] for a in answered) == {"stored": 1, "duplicate": 19}
    assert len({a["receipt"] for a in answered}) == 1
    assert count(Submission) == 2


def test_a_server_killed_before_the_commit_leaves_nothing_and_the_next_try_stores_it(
    app: Flask, settings: Settings
) -> None:
    batch = [
        item(answers=answers(worries=["danger"], photo="a.jpg"), attachments=[PHOTO]),
        item(version="9"),
    ]
    db.session.rollback()
    for killed in (batch, batch[1:]):  # the first is committed with what others bring, the second alone
        server = another_process.start(settings, [killed], die=True)
        assert server.wait() == -signal.SIGKILL
        assert server.stdout is not None
        server.stdout.close()
    tables = (Submission, Attachment, Event, Quarantined)
    assert [count(table) for table in tables] == [0, 0, 0, 0]
    results = send(*(envelope(**sent) for sent in batch))
    assert statuses(results) == {Status.STORED: 1, Status.QUARANTINED: 1}
    assert [count(table) for table in tables] == [1, 1, 1, 1]


PHOTO = {"name": "a.jpg", "sha256": "ab" * 32, "size": 1, "type": "image/jpeg"}


# --- invitations ------------------------------------------------------------------------------------


def diary(code: str | None, **changes: Any) -> Envelope:
    told = {"start": {}, "day": "жақсы"}
    return envelope(questionnaire=INVITED, answers=told, invitation=code, **changes)


@pytest.fixture
def code(app: Flask) -> str:
    publish(INVITED, access=Access.INVITATION)
    return invitations.create(INVITED, 1, None)[0]


def test_an_invitation_lets_one_submission_in_and_its_copies(app: Flask, code: str) -> None:
    sent, other = diary(code), diary(code)
    results = at_once(app, [[sent], [sent], [sent], [other], [other], [other]])
    assert statuses(results) == {Status.STORED: 1, Status.DUPLICATE: 2, Status.QUARANTINED: 3}
    assert (count(Submission), count(Quarantined)) == (1, 1)
    waiting = db.session.scalars(select(Quarantined)).one()
    assert waiting.reason == Reason.INVITATION


@pytest.mark.parametrize("typed", [None, "", " ", "A" * 8, "\ud800", "\x00"])
def test_without_a_good_code_it_waits(app: Flask, code: str, typed: str | None) -> None:
    in_the_form = envelope(questionnaire=INVITED, answers={"start": {"code": typed}, "day": "x"})
    (result,), (other,) = send(diary(typed)), send(in_the_form)
    assert (result.status, other.status) == (Status.QUARANTINED, Status.QUARANTINED)
    assert invitations.check(code, INVITED) == invitations.InvitationStatus.VALID


def test_the_code_may_come_as_the_answer_that_asks_for_it(app: Flask, code: str) -> None:
    sent = envelope(questionnaire=INVITED, answers={"start": {"code": code}, "day": "x"})
    (result,), (again,) = send(sent), send(sent)
    assert (result.status, again.status, result.errors) == (Status.STORED, Status.DUPLICATE, ())
    assert invitations.check(code, INVITED) == invitations.InvitationStatus.USED
    assert db.session.scalars(select(Submission.answers)).one() == {"start": {}, "day": "x"}


def test_one_of_many_submissions_gets_the_only_invitation(app: Flask, code: str) -> None:
    results = at_once(app, [[diary(code)] for _family in range(12)])
    assert statuses(results) == {Status.STORED: 1, Status.QUARANTINED: 11}


def test_an_id_that_was_not_let_in_is_free_for_the_next_of_its_batch(app: Flask, code: str) -> None:
    refused, neighbour = diary("A" * 8), envelope()
    results = send(refused, diary(code, id=str(refused.id)), neighbour)
    assert [result.status for result in results] == ["duplicate", "stored", "stored"]
    other = diary("B" * 8)
    results = send(other, envelope(id=str(other.id)), diary(code, id=str(other.id)))
    assert [result.status for result in results] == ["quarantined", "stored", "quarantined"]
    assert (count(Submission), count(Quarantined)) == (3, 1)


@pytest.fixture
def by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """No record is stored together with others: each batch takes the way of what is not new."""
    monkeypatch.setattr(door, "store_new", lambda *_arguments: {})


@pytest.mark.usefixtures("by_itself")
def test_a_row_that_keeps_vanishing_is_no_failure_of_the_program(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "held_submissions", lambda *_arguments: {})
    with pytest.raises(NotStored):
        send(envelope())
    assert count(Submission) == 0


def test_a_batch_that_fails_does_not_use_up_its_invitations(
    app: Flask, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    with monkeypatch.context() as patched:
        patched.setattr(storing, "held_submissions", fail)
        with pytest.raises(NotStored):
            send(diary(code))
    assert count(Submission) == 0
    assert send(diary(code))[0].status == Status.STORED


# --- what goes wrong inside -------------------------------------------------------------------------


def failing_first(times: int, error: Exception, real: Callable[..., Any]) -> Callable[..., Any]:
    """The real thing, after it failed some times."""
    left = iter([error] * times)

    def work(*arguments: Any, **named: Any) -> Any:
        for failure in left:
            raise failure
        return real(*arguments, **named)

    return work


@pytest.mark.usefixtures("by_itself")
def test_a_lost_race_is_run_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = OperationalError("INSERT", {}, DeadlockDetected())
    monkeypatch.setattr(door, "write", failing_first(transactions.ATTEMPTS - 1, lost, storing.write))
    assert send(envelope())[0].status == Status.STORED


class DeadlockDetected(Exception):
    """As the driver of PostgreSQL says it."""

    sqlstate = "40P01"


def test_a_receipt_code_that_was_drawn_before_is_drawn_anew(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = send(envelope())
    drawn = iter([first.receipt_code, receipts.new_code()])
    monkeypatch.setattr(rows, "new_code", lambda: next(drawn))
    (second,) = send(envelope())
    assert second.status == Status.STORED
    assert second.receipt_code != first.receipt_code


@pytest.mark.usefixtures("by_itself")
def test_a_database_that_takes_nothing_is_said_so_and_nothing_is_held(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OperationalError("INSERT", {}, Exception("database or disk is full"))
    monkeypatch.setattr(door, "write", failing_first(99, full, storing.write))
    with pytest.raises(NotStored):
        send(envelope())
    assert count(Submission) == 0


@pytest.mark.usefixtures("by_itself")
def test_one_record_that_the_database_refuses_does_not_cost_the_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = envelope()

    def write(connection: Any, maker: Any, batch: Sequence[assessing.Assessed]) -> Any:
        if any(found.envelope.id == bad.id and found.content for found in batch):
            raise DataError("INSERT", {}, Exception("out of range"))
        return storing.write(connection, maker, batch)

    monkeypatch.setattr(door, "write", write)
    results = send(envelope(), bad, envelope())
    assert [r.status for r in results] == [Status.STORED, Status.QUARANTINED, Status.STORED]
    assert db.session.scalars(select(Quarantined.reason)).one() == Reason.FAILURE


def test_one_record_that_the_program_fails_over_does_not_cost_the_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = envelope(answers=answers(note="crash"))

    def crash(definition: Any, sent: Any, **named: Any) -> Any:
        if sent.get("note") == "crash":
            raise ZeroDivisionError
        return judge(definition, sent, **named)

    monkeypatch.setattr(assessing, "judge", crash)
    results = send(envelope(), bad, envelope())
    assert [r.status for r in results] == [Status.STORED, Status.QUARANTINED, Status.STORED]
    monkeypatch.undo()
    (again,) = send(bad)
    assert again.status == Status.STORED, "once the program is mended"
