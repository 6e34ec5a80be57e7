"""Acts of review: what each makes of a submission, what is refused, and what erasing leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import Result as CommandResult
from flask import Flask
from sqlalchemy import select

from surveyapp.exports.reader import Reader
from surveyapp.exports.request import Selection
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.people.models import AuditEntry, User
from surveyapp.submissions import comments, reviewing
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.inbox import inbox_of
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import (
    Attachment,
    Cause,
    Channel,
    Quarantined,
    ReviewAct,
    State,
    Submission,
    SubmissionRevision,
)
from surveyapp.submissions.opening import Erased
from surveyapp.submissions.quarantine import open_sealed
from surveyapp.submissions.receive import receive
from surveyapp.submissions.refusals import (
    AlreadySo,
    BadComment,
    Gone,
    NoCollector,
    NoComment,
    NoReason,
    NotDeleted,
    NothingToUndo,
    NotThere,
    Overtaken,
    Refused,
)
from surveyapp.submissions.reviewing import Reviewer
from surveyapp.submissions.verdicts import Result, Sender, Status
from tests.accounts import make_user
from tests.collecting import CANARY, answers, bring, item, publish


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    publish()


@pytest.fixture
def collector(app: Flask) -> Sender:
    make_user("aigerim")
    return the_collector()


def the_collector() -> Sender:
    return Sender(user_id=db.session.scalars(select(User.id)).one())


def send(sender: Sender, *items: dict[str, Any]) -> list[Result]:
    return receive([load_envelope(one, Channel.API) for one in items], sender)


def edit(first: dict[str, Any], base: int, rooms: int) -> dict[str, Any]:
    changed = answers(rooms=rooms, twice=str(rooms * 2))
    return first | {"base_revision": base, "answers": changed}


def sent_once(collector: Sender) -> UUID:
    first = item()
    send(collector, first)
    return UUID(first["id"])


def test_what_was_rejected_is_kept_and_exported_only_when_asked_for(collector: Sender) -> None:
    one = sent_once(collector)
    for reason in ("", "  "):
        with pytest.raises(NoReason):
            reviewing.reject(one, reason)
    reviewing.reject(one, "a trial")
    assert stored(one).status == State.REJECTED
    with pytest.raises(AlreadySo):
        reviewing.reject(one, "again")
    default, everything = (
        Reader(db.engine, "visit", Selection(rejected=rejected)).span().submissions
        for rejected in (False, True)
    )
    assert (default, everything) == (0, 1)


def test_undone_is_what_was_before_step_by_step_never_twice(collector: Sender) -> None:
    one = sent_once(collector)
    steps: list[Callable[[], None]] = [
        lambda: reviewing.accept(one),
        lambda: reviewing.return_to_collector(one, {"": "?"}),
        lambda: reviewing.reject(one, "r"),
    ]
    for step in steps:
        step()
    reviewing.undo(one)
    assert stored(one).status == State.RETURNED
    with pytest.raises(NothingToUndo):
        reviewing.undo(one)
    reviewing.delete(one)
    reviewing.undo(one)
    assert stored(one).status == State.RETURNED
    reviewing.accept(one)
    reviewing.undo(one)
    assert stored(one).status == State.RETURNED


def test_an_act_that_was_overtaken_is_not_undone(collector: Sender) -> None:
    first = item()
    send(collector, first)
    one = UUID(first["id"])
    reviewing.accept(one)
    act = db.session.scalars(select(ReviewAct.serial)).one()
    send(collector, edit(first, 1, 8))
    with pytest.raises(NothingToUndo):
        reviewing.undo(one, act)
    reviewing.reject(one, "r")
    with pytest.raises(NothingToUndo):
        reviewing.undo(one, act)
    assert stored(one).status == State.REJECTED


def test_a_return_that_was_taken_back_leaves_the_comments_of_the_one_before(collector: Sender) -> None:
    one = sent_once(collector)
    reviewing.return_to_collector(one, {"": "first"})
    reviewing.return_to_collector(one, {"": "second"})
    reviewing.undo(one)
    (told,) = inbox_of(collector, None, limit=5).told
    assert told.comments == {"": "first"}
    assert stored(one).status == State.RETURNED


def stored(submission_id: UUID) -> Submission:
    db.session.rollback()
    return db.session.scalars(select(Submission).filter_by(id=submission_id)).one()


def history() -> list[tuple[str, int]]:
    rows = db.session.scalars(select(ReviewAct).order_by(ReviewAct.serial))
    return [(row.act, row.revision) for row in rows]


def audited() -> list[str]:
    rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial))
    return [row.action for row in rows if row.action.startswith("submission_")]


@pytest.fixture
def record(collector: Sender) -> dict[str, Any]:
    sent = item()
    send(collector, sent)
    return sent


@pytest.fixture
def record_id(record: dict[str, Any]) -> UUID:
    return UUID(record["id"])


MEND = {"child[2]/age": "Тағы сұраңыз"}


def test_each_act_is_written_down_twice(record_id: UUID) -> None:
    reviewing.return_to_collector(record_id, MEND)
    assert stored(record_id).status == State.RETURNED
    reviewing.accept(record_id)
    assert stored(record_id).status == State.ACCEPTED
    reviewing.delete(record_id)
    assert stored(record_id).status == State.DELETED
    reviewing.restore(record_id)
    assert stored(record_id).status == State.ACCEPTED
    reviewing.erase(record_id)
    assert stored(record_id).status == State.ERASED
    acts = ["return", "accept", "delete", "restore", "erase"]
    assert history() == [(act, 1) for act in acts]
    assert audited() == [f"submission_{act}" for act in (
        "returned", "accepted", "deleted", "restored", "erased"
    )]  # fmt: skip


def test_every_act_moves_the_submission_in_the_order_of_changes(record_id: UUID) -> None:
    before = stored(record_id).changed
    reviewing.accept(record_id)
    assert stored(record_id).changed > before


def test_comments_are_sealed_and_opened_again(record_id: UUID) -> None:
    reviewing.return_to_collector(record_id, MEND | {"": CANARY})
    act = db.session.scalars(select(ReviewAct)).one()
    assert act.comments_sealed
    assert CANARY.encode() not in act.comments_sealed
    assert comments.comments_of(keys_of(), act) == MEND | {"": CANARY}


def test_what_was_returned_and_mended_is_restored_as_not_yet_reviewed(
    collector: Sender, record: dict[str, Any], record_id: UUID
) -> None:
    reviewing.return_to_collector(record_id, MEND)
    send(collector, edit(record, 1, 5))
    reviewing.delete(record_id)
    reviewing.restore(record_id)
    assert stored(record_id).status == State.STORED


Act = Callable[[UUID], None]


def give_back(submission_id: UUID) -> None:
    reviewing.return_to_collector(submission_id, MEND)


@pytest.mark.parametrize(
    ("done", "asked", "refusal"),
    [
        ([reviewing.accept], reviewing.accept, AlreadySo),
        ([reviewing.delete], reviewing.delete, AlreadySo),
        ([reviewing.delete], reviewing.accept, Gone),
        ([reviewing.delete], give_back, Gone),
        ([], reviewing.restore, NotDeleted),
        ([reviewing.erase], reviewing.restore, NotDeleted),
        ([reviewing.erase], reviewing.accept, Gone),
        ([reviewing.erase], give_back, Gone),
        ([reviewing.erase], reviewing.delete, AlreadySo),
        ([reviewing.erase], reviewing.erase, AlreadySo),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    record_id: UUID, done: list[Act], asked: Act, refusal: type[Refused]
) -> None:
    for act in done:
        act(record_id)
    before = (stored(record_id).status, stored(record_id).changed, history())
    with pytest.raises(refusal) as refused:
        asked(record_id)
    assert str(refused.value).endswith(".")
    assert (stored(record_id).status, stored(record_id).changed, history()) == before


def test_what_is_not_there_cannot_be_reviewed(app: Flask) -> None:
    with pytest.raises(NotThere):
        reviewing.accept(uuid4())


def test_what_nobody_known_sent_cannot_be_returned(app: Flask) -> None:
    sent = load_envelope(item(), Channel.API)
    receive([sent], Sender(is_command=True))
    with pytest.raises(NoCollector):
        reviewing.return_to_collector(sent.id, MEND)


@pytest.mark.parametrize(
    ("comments", "refusal"),
    [
        ({}, NoComment),
        ({"": "  "}, NoComment),
        ({"nowhere": "x"}, BadComment),
        ({"a b": "x"}, BadComment),
        ({"rooms": "x" * 3000}, BadComment),
        ({"rooms": "\0"}, BadComment),
    ],
)
def test_a_comment_must_say_something_about_an_answer(
    record_id: UUID, comments: dict[str, str], refusal: type[Refused]
) -> None:
    with pytest.raises(refusal):
        reviewing.return_to_collector(record_id, comments)
    assert stored(record_id).status == State.STORED


def test_an_act_on_a_revision_that_is_not_current_any_more_is_refused(
    collector: Sender, record: dict[str, Any], record_id: UUID
) -> None:
    send(collector, edit(record, 1, 5))
    with pytest.raises(Overtaken):
        reviewing.accept(record_id, Reviewer(revision=1))
    reviewing.accept(record_id, Reviewer(user_id=collector.user_id, revision=2))
    (act,) = db.session.scalars(select(ReviewAct))
    assert (act.act, act.revision, act.user_id) == ("accept", 2, collector.user_id)


# --- erasing ----------------------------------------------------------------------------------------


def everything() -> str:
    """All that the database holds, as text."""
    tables = (t for t in db.metadata.sorted_tables if t.name not in {"questionnaire_version"})
    with db.engine.connect() as connection:
        rows = [row for table in tables for row in connection.execute(table.select())]
    return json.dumps([list(map(str, row)) for row in rows], ensure_ascii=False)


def test_erasing_empties_every_revision_and_leaves_a_tombstone(
    collector: Sender, record: dict[str, Any], record_id: UUID
) -> None:
    named = "АШЫҚ СӨЗ 7391"
    told = record | {"answers": answers(note=named, worries=["danger"]), "base_revision": 1}
    consent = {"how": named}
    told |= {"consent": consent, "paradata": {"x": named}, "answer_languages": {"note": named}}
    send(collector, told)
    send(collector, edit(record, 2, 6))
    assert named in everything()
    reviewing.erase(record_id)
    assert named not in everything()
    row = stored(record_id)
    former = db.session.scalars(select(SubmissionRevision)).all()
    assert (row.revision, row.cause, row.data_key, row.key_id) == (4, Cause.ERASED, None, None)
    assert [row.answers, *(before.answers for before in former)] == [{}] * 4
    assert (row.region, row.breakdowns) == (None, {})
    assert not any(before.identity_sealed for before in former)
    assert all(before.identity_commitment for before in former)


def test_a_late_copy_of_what_was_erased_is_a_duplicate_and_revives_nothing(
    collector: Sender, record: dict[str, Any], record_id: UUID
) -> None:
    changed = edit(record, 1, 5)
    (second,) = send(collector, changed)
    (first,) = send(collector, record)
    reviewing.erase(record_id)
    copies = send(collector, record, changed)
    assert [copy.status for copy in copies] == [Status.DUPLICATE] * 2
    assert [copy.receipt for copy in copies] == [first.receipt, second.receipt]
    assert [copy.complete for copy in copies] == [first.complete, second.complete]
    (other,) = send(collector, edit(record, 3, 9))
    assert [error.code for error in other.errors] == ["deleted"]
    assert stored(record_id).answers == {}


def photo(content: bytes) -> dict[str, Any]:
    sha256 = bring(content, the_collector())
    return {"name": "a.jpg", "sha256": sha256, "size": len(content), "type": "image/jpeg"}


def with_photo(content: bytes, **changes: Any) -> dict[str, Any]:
    return item(answers=answers(photo="a.jpg"), attachments=[photo(content)], **changes)


def test_files_that_nobody_else_has_are_gone(collector: Sender) -> None:
    own, shared = with_photo(b"its own"), with_photo(b"shared")
    waits = with_photo(b"waiting too", version="9")
    alike, conflict = with_photo(b"shared"), with_photo(b"waiting too", id=own["id"])
    send(collector, own, shared, waits, alike, conflict)
    before = {stored.address for stored in media_store().listed()}
    for record in (own, shared):
        reviewing.erase(UUID(record["id"]))
    gone = before - {stored.address for stored in media_store().listed()}
    assert len(gone) == 2  # each one's own; that of the quarantined conflict is waited for elsewhere too
    (left,) = db.session.scalars(select(Attachment).filter_by(submission_id=UUID(alike["id"])))
    assert left.address in media_store()
    (waiting,) = receive([load_envelope(waits, Channel.API)], collector)
    assert waiting.complete
    (copy,) = send(collector, own)
    assert copy.complete
    assert copy.missing_attachments == ()


def test_a_file_that_comes_after_the_erasing_is_not_filed(collector: Sender) -> None:
    sent = item(answers=answers(photo="a.jpg"))
    receive([load_envelope(sent, Channel.OPENROSA)], collector)
    reviewing.erase(UUID(sent["id"]))
    late = sent | {"attachments": [photo(b"late"), photo(b"unnamed") | {"name": "b.jpg"}]}
    (copy,) = receive([load_envelope(late, Channel.OPENROSA)], collector)
    assert copy.status == Status.DUPLICATE
    assert copy.complete
    (row,) = db.session.scalars(select(Attachment))
    assert (row.address, row.sha256) == (None, None)


def test_what_waits_under_the_id_is_erased_too_and_its_copies_are_known(
    collector: Sender, record: dict[str, Any], record_id: UUID
) -> None:
    conflict = record | {"answers": answers(rooms=8, twice="16")}
    (before,) = send(collector, conflict)
    reviewing.erase(record_id)
    (after,) = send(collector, conflict)
    assert (after.status, after.receipt) == (Status.QUARANTINED, before.receipt)
    (row,) = db.session.scalars(select(Quarantined))
    assert (row.data_key, row.sealed, row.decision) == (None, b"", "discard")
    with pytest.raises(Erased):
        open_sealed(row.serial)


def test_comments_are_erased(record_id: UUID) -> None:
    reviewing.return_to_collector(record_id, MEND)
    reviewing.erase(record_id)
    acts = db.session.scalars(select(ReviewAct)).all()
    assert [comments.comments_of(keys_of(), act) for act in acts] == [{}, {}]


def test_what_is_gone_is_in_no_export(collector: Sender, record: dict[str, Any], app: Flask) -> None:
    kept, deleted = item(), item()
    send(collector, kept, deleted)
    reviewing.erase(UUID(record["id"]))
    reviewing.delete(UUID(deleted["id"]))
    reader = Reader(db.engine, "visit", Selection(synthetic=True))
    assert [str(r.id) for batch in reader.batches(reader.span()) for r in batch] == [kept["id"]]


# --- commands ---------------------------------------------------------------------------------------


def run(app: Flask, *arguments: str) -> CommandResult:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=arguments, prog_name="surveyapp")


def test_the_commands_do_the_acts(app: Flask, record_id: UUID) -> None:
    returned = run(app, "submission", "return", str(record_id), "--at", "rooms", "Санаңыз")
    assert (returned.exit_code, stored(record_id).status) == (0, State.RETURNED)
    for command, state in [
        ("accept", State.ACCEPTED),
        ("delete", State.DELETED),
        ("restore", State.ACCEPTED),
    ]:
        assert run(app, "submission", command, str(record_id), "--revision", "1").exit_code == 0
        assert stored(record_id).status == state
    listed = run(app, "submission", "list", "--state", "accepted").stdout
    assert f"{record_id}  visit 1  accepted  revision 1" in listed
    assert run(app, "submission", "list", "--state", "returned").stdout == ""
    assert run(app, "submission", "erase", str(record_id)).exit_code == 1
    assert run(app, "submission", "erase", str(record_id), "--yes").exit_code == 0
    assert stored(record_id).status == State.ERASED


def test_a_command_says_in_one_line_why_it_cannot(app: Flask, record_id: UUID) -> None:
    for command in (["restore"], ["return"], ["accept", "--revision", "7"]):
        refused = run(app, "submission", *command, str(record_id))
        assert refused.exit_code == 1
        assert refused.stderr.startswith("Error: ")
        assert refused.stderr.count("\n") == 1


def test_every_command_has_an_example(app: Flask) -> None:
    for command in ("list", "accept", "return", "delete", "restore", "erase"):
        assert f"surveyapp submission {command}" in run(app, "submission", command, "--help").stdout
