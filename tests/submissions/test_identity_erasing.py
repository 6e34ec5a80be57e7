"""Destroying who is meant: what stays, what is gone for good, and what no late copy brings back."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.exports.reader import Reader as Exported
from surveyapp.exports.request import Selection
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.people.models import AuditEntry
from surveyapp.submissions import (
    comments,
    deciding,
    destroying,
    file_access,
    identity_erasing,
    reviewing,
    rotation,
    subject_finding,
    subject_requests,
    taking_in,
    verifying,
)
from surveyapp.submissions.envelope import load_envelope
from surveyapp.submissions.file_access import Reader
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import key_file_of, keys_of
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
from surveyapp.submissions.opening import identity_of
from surveyapp.submissions.receive import receive
from surveyapp.submissions.refusals import AlreadySo, NamesAnew, NothingToUndo
from surveyapp.submissions.sealing import CannotOpen, DataKey
from surveyapp.submissions.sealing import Row as SealedRow
from surveyapp.submissions.subject_models import Outcome, Wish
from surveyapp.submissions.subject_requests import Asked
from surveyapp.submissions.verdicts import Result, Sender, Status
from tests.collecting import CANARY, answers, bring, item, publish, untold
from tests.files import pictures
from tests.submissions import test_taking_in as files_of_people

sender = files_of_people.sender


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    publish()


@pytest.fixture
def record(sender: Sender) -> dict[str, Any]:
    """Two revisions with a child's name, fields that nobody knows, and a comment about a name."""
    first = item(answers=answers(unknown=f"{CANARY} unknown"))
    send(sender, first)
    send(sender, edit(first, 1, 5))
    reviewing.return_to_collector(UUID(first["id"]), {"": f"is it {CANARY}?"})
    return first


def send(sender: Sender, *items: dict[str, Any]) -> list[Result]:
    return receive([load_envelope(one, Channel.API) for one in items], sender)


def edit(first: dict[str, Any], base: int, rooms: int) -> dict[str, Any]:
    told = answers(rooms=rooms, twice=str(rooms * 2))
    return first | {"answers": told, "base_revision": base}


def stored(submission_id: UUID) -> Submission:
    db.session.rollback()
    return db.session.scalars(select(Submission).filter_by(id=submission_id)).one()


def untouched() -> list[str]:
    db.session.rollback()
    return [str(found) for found in verifying.verify_chains(keys_of(), lambda _done: None)]


def doctor(app: Flask) -> str:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=["doctor"], prog_name="surveyapp").stdout


def test_who_is_meant_is_gone_from_every_revision_and_the_rest_is_as_it_was(
    app: Flask, record: dict[str, Any]
) -> None:
    record_id = UUID(record["id"])
    before = stored(record_id)
    kept, received, state = before.answers, before.received_at, before.status
    assert identity_of(keys_of(), before)
    destroying.erase_identity(record_id, reason="the family asked")
    after = stored(record_id)
    assert (after.answers, after.received_at, after.status) == (kept, received, state)
    assert (after.revision, after.cause) == (3, Cause.IDENTITY_ERASED)
    assert identity_of(keys_of(), after) == {}
    assert (after.identity_commitment, after.foreign_sealed, after.flags) == (None, None, [])
    former = db.session.scalars(select(SubmissionRevision)).all()
    assert [(row.identity_sealed, row.foreign_sealed) for row in former] == [(None, None)] * 2
    assert all(row.identity_commitment for row in former)
    assert [act.comments_sealed for act in db.session.scalars(select(ReviewAct))] == [None] * 2
    assert "All is well." in doctor(app)
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc())).first()
    assert entry is not None
    assert (entry.action, entry.details) == (
        "submission_identity_erased",
        {"reason": "the family asked"},
    )


def test_the_former_key_opens_nothing_any_more_and_is_nowhere(record: dict[str, Any]) -> None:
    record_id = UUID(record["id"])
    before = stored(record_id)
    row = SealedRow.of_submission(record_id)
    former = DataKey.unwrap(keys_of(), row, before.data_key or b"", before.key_id or "")
    sealed = before.identity_sealed
    destroying.erase_identity(record_id)
    after = stored(record_id)
    fresh = DataKey.unwrap(keys_of(), row, after.data_key or b"", after.key_id or "")
    with pytest.raises(CannotOpen):
        fresh.open("identity_sealed", sealed or b"")
    assert former.wrapped.hex() not in everything()


def everything() -> str:
    """All that the database holds, as text; bytes in hex."""
    db.session.rollback()
    with db.engine.connect() as connection:
        rows = [r for table in db.metadata.sorted_tables for r in connection.execute(table.select())]
    told = [[v.hex() if isinstance(v, bytes) else str(v) for v in row] for row in rows]
    return json.dumps(told, ensure_ascii=False)


def test_late_copies_get_their_first_receipt_and_revive_nothing(
    sender: Sender, record: dict[str, Any]
) -> None:
    record_id = UUID(record["id"])
    sent = (record, edit(record, 1, 5))
    before = send(sender, *sent)
    destroying.erase_identity(record_id)
    after = send(sender, *sent)
    assert [copy.status for copy in after] == [Status.DUPLICATE] * 2
    assert [copy.receipt for copy in after] == [copy.receipt for copy in before]
    assert identity_of(keys_of(), stored(record_id)) == {}
    assert db.session.scalars(select(Quarantined)).all() == []
    assert untouched() == []


@pytest.mark.parametrize("base", [2, 3])
def test_an_edit_that_names_somebody_waits_and_is_never_put_in(
    sender: Sender, record: dict[str, Any], base: int
) -> None:
    record_id = UUID(record["id"])
    destroying.erase_identity(record_id)
    (late,) = send(sender, edit(record, base, 9))
    assert late.status == Status.QUARANTINED
    db.session.rollback()
    serial = db.session.scalars(select(Quarantined.serial)).one()
    with pytest.raises(NamesAnew):
        deciding.accept_as_revision(serial)
    deciding.discard(serial, "names somebody")
    assert db.session.scalars(select(Quarantined.data_key)).one() is None
    assert (stored(record_id).revision, untouched()) == (3, [])


def test_an_edit_that_names_nobody_is_the_next_revision(sender: Sender, record: dict[str, Any]) -> None:
    record_id = UUID(record["id"])
    destroying.erase_identity(record_id)
    nameless = edit(record, 3, 7)
    nameless["answers"] = {k: v for k, v in nameless["answers"].items() if k != "child"}
    nameless["answers"]["place"] = {"region": "75"}
    (made,) = send(sender, nameless)
    assert (made.status, made.revision) == (Status.STORED, 4)
    assert untouched() == []


def test_what_waits_under_the_id_goes_too(sender: Sender, record: dict[str, Any]) -> None:
    send(sender, record | {"answers": answers(rooms=8, twice="16")})
    destroying.erase_identity(UUID(record["id"]))
    db.session.rollback()
    (row,) = db.session.scalars(select(Quarantined))
    assert (row.data_key, row.sealed, row.decision) == (None, b"", "discard")


def test_keys_are_rotated_before_and_after(app: Flask, record: dict[str, Any]) -> None:
    before = keys_of()
    record_id = UUID(record["id"])
    rotation.rotate(lambda _rows: lambda _done: None)
    destroying.erase_identity(record_id)
    rotation.rotate(lambda _rows: lambda _done: None)
    reviewing.reject(record_id, "for another reason")
    act = db.session.scalars(select(ReviewAct).order_by(ReviewAct.serial.desc())).first()
    assert act is not None
    assert comments.comments_of(keys_of(), act) == {"": "for another reason"}
    assert "All is well." in doctor(app)
    key_file_of().replace(before)


def test_it_is_done_once_and_not_undone(record: dict[str, Any]) -> None:
    record_id = UUID(record["id"])
    destroying.erase_identity(record_id)
    with pytest.raises(AlreadySo):
        destroying.erase_identity(record_id)
    with pytest.raises(NothingToUndo):
        reviewing.undo(record_id)
    reviewing.erase(record_id)
    with pytest.raises(AlreadySo):
        destroying.erase_identity(record_id)
    assert untouched() == []


def test_a_verdict_holds_on_and_comes_back_with_it(record: dict[str, Any]) -> None:
    record_id = UUID(record["id"])
    reviewing.accept(record_id)
    destroying.erase_identity(record_id)
    assert stored(record_id).status == State.ACCEPTED
    reviewing.delete(record_id)
    reviewing.restore(record_id)
    assert stored(record_id).status == State.ACCEPTED


def test_it_is_exported_on_without_who_is_meant(app: Flask, record: dict[str, Any]) -> None:
    destroying.erase_identity(UUID(record["id"]))
    exported = Exported(db.engine, "visit", Selection(synthetic=True))
    (told,) = (row for batch in exported.batches(exported.span()) for row in batch)
    assert (str(told.id), told.answers["rooms"]) == (record["id"], 5)
    db.session.rollback()
    done = app.test_cli_runner().invoke(
        args=["submission", "show", record["id"], "--identity"], prog_name="surveyapp"
    )
    assert done.exit_code == 0
    assert CANARY not in done.output and '"rooms": 5' in done.output


def test_forging_it_is_found(record: dict[str, Any]) -> None:
    table = table_of(Submission)
    with db.engine.begin() as connection:
        connection.execute(update(table).values(identity_sealed=None, foreign_sealed=None))
    assert any("identity" in found for found in untouched())
    with db.engine.begin() as connection:
        connection.execute(update(table).values(identity_erased_at=table.c.received_at))
    assert any("disagree" in found for found in untouched())


def test_a_family_asks_for_it_and_an_officer_does_it(record: dict[str, Any]) -> None:
    about = subject_finding.subject_of(UUID(record["id"]))
    assert about is not None
    number = subject_requests.ask(Asked(about, Wish.IDENTITY)).serial
    assert subject_requests.carry_out(number, "done").outcome == Outcome.DONE
    assert stored(about.id).cause == Cause.IDENTITY_ERASED


def test_the_command_does_it(app: Flask, record: dict[str, Any]) -> None:
    arguments = ["submission", "erase", record["id"], "--identity", "--yes"]
    done = app.test_cli_runner().invoke(args=arguments, prog_name="surveyapp")
    assert done.output == f"Erased who is meant by {record['id']}.\n"
    again = app.test_cli_runner().invoke(args=arguments, prog_name="surveyapp")
    assert again.exit_code == 1
    assert "already" in again.output


# --- files ------------------------------------------------------------------------------------------


@pytest.fixture
def strays(app: Flask) -> set[str]:
    """What other tests left in the store that they share."""
    return untold()


@pytest.fixture
def portrait(strays: set[str], sender: Sender) -> dict[str, Any]:
    """A record with a picture of a site and one of a face."""
    return files_of_people.record(sender, site=pictures.jpeg(), face=pictures.png())


def read(sent: dict[str, Any], question: str, sender: Sender) -> bytes | None:
    (wanted,) = (f["sha256"] for f in sent["attachments"] if f"-{question}." in f["name"])
    opened = file_access.open_file(UUID(sent["id"]), wanted, Reader(sender.user_id))
    if opened is None:
        return None
    with opened.content as content:
        return content.read()


def test_a_face_goes_and_a_site_stays_under_another_key(
    app: Flask, sender: Sender, portrait: dict[str, Any], strays: set[str]
) -> None:
    (first,) = send(sender, portrait)
    site = read(portrait, "site", sender)
    assert site
    before = {each.address for each in media_store().listed()}
    destroying.erase_identity(UUID(portrait["id"]))
    after = {each.address for each in media_store().listed()}
    assert (len(before - after), len(after - before)) == (2, 1)
    assert read(portrait, "site", sender) == site
    assert read(portrait, "face", sender) is None
    db.session.rollback()
    guarded = db.session.scalars(select(Attachment).where(Attachment.name.startswith("/"))).all()
    assert [(row.address, row.name_sealed, row.revision) for row in guarded] == [(None, None, 1)]
    (copy,) = send(sender, portrait)
    assert (copy.status, copy.receipt, copy.complete) == (
        Status.DUPLICATE,
        first.receipt,
        first.complete,
    )
    assert "All is well." in doctor(app)
    assert untold() <= strays


def test_a_face_that_comes_afterwards_is_not_waited_for_and_a_site_is(sender: Sender) -> None:
    site, face = pictures.jpeg(), pictures.png()
    sent = files_of_people.record(sender, site=digest(site), face=digest(face))
    (before,) = send(sender, sent)
    assert len(before.missing_attachments) == 2
    destroying.erase_identity(UUID(sent["id"]))
    (after,) = send(sender, sent)
    assert after.missing_attachments == (digest(site),)
    for content in (site, face):
        bring(content, sender)
    (whole,) = send(sender, sent)
    assert whole.complete
    taking_in.take_in([UUID(sent["id"])])
    assert read(sent, "site", sender) is not None
    assert read(sent, "face", sender) is None
    assert untouched() == []


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def test_a_file_that_is_taken_in_at_the_same_time_is_not_lost(
    sender: Sender, portrait: dict[str, Any], strays: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealed under the key that was destroyed meanwhile it would open never more."""
    record_id = UUID(portrait["id"])
    look = taking_in._look
    done: list[bool] = []

    def looked(*arguments: Any) -> Any:
        if not done:
            done.append(True)
            destroying.erase_identity(record_id)
        return look(*arguments)

    monkeypatch.setattr(taking_in, "_look", looked)
    send(sender, portrait)
    assert done
    taking_in.take_in([record_id])
    assert read(portrait, "site", sender) is not None
    assert read(portrait, "face", sender) is None
    assert untold() <= strays


def test_when_files_come_meanwhile_it_is_begun_again(
    sender: Sender, portrait: dict[str, Any], strays: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    send(sender, portrait)
    seal_anew = identity_erasing.seal_anew
    begun: list[int] = []

    def sealed(*arguments: Any) -> Any:
        made = seal_anew(*arguments)
        begun.append(1)
        if len(begun) == 1:
            rotation.rotate(lambda _rows: lambda _done: None)
        return made

    monkeypatch.setattr(identity_erasing, "seal_anew", sealed)
    before = keys_of()
    destroying.erase_identity(UUID(portrait["id"]))
    assert len(begun) == 2
    assert read(portrait, "site", sender) is not None
    assert untold() <= strays
    key_file_of().replace(before)


def test_what_was_sealed_for_nothing_is_let_go(sender: Sender, portrait: dict[str, Any]) -> None:
    before = {each.address for each in media_store().listed()}
    send(sender, portrait)
    record_id = UUID(portrait["id"])
    made = identity_erasing.seal_anew(keys_of(), record_id)
    assert made is not None
    destroying.erase_identity(record_id)
    made.discard()
    assert len({each.address for each in media_store().listed()} - before) == 1
    assert read(portrait, "site", sender) is not None
