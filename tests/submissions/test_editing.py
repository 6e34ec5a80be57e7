"""Edits: the current revision is followed by the next, whoever comes late waits, and nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from surveyapp.extensions import db
from surveyapp.people.models import User
from surveyapp.submissions import chains
from surveyapp.submissions.envelope import Envelope, NamedFile, load_envelope
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import (
    Attachment,
    Cause,
    Channel,
    Decision,
    Flag,
    Instance,
    Quarantined,
    Reason,
    State,
    Submission,
    SubmissionRevision,
)
from surveyapp.submissions.opening import file_name, identity_of
from surveyapp.submissions.receive import receive
from surveyapp.submissions.verdicts import Result, Sender, Status
from tests.accounts import make_user
from tests.collecting import CANARY, answers, bring, item, publish


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    publish()


def _id(username: str) -> int:
    make_user(username)
    return db.session.scalars(select(User.id).filter_by(username=username)).one()


@pytest.fixture
def collector(app: Flask) -> Sender:
    return Sender(user_id=_id("aigerim"))


def send(collector: Sender, *items: dict[str, Any]) -> Sequence[Result]:
    return receive([load_envelope(one, Channel.API) for one in items], collector)


def rooms(number: int) -> dict[str, Any]:
    return answers(rooms=number, twice=str(number * 2))


def edit(first: dict[str, Any], base: int, number: int) -> dict[str, Any]:
    return first | {"base_revision": base, "answers": rooms(number)}


def stored() -> Submission:
    db.session.expire_all()
    return db.session.scalars(select(Submission)).one()


def former() -> Sequence[SubmissionRevision]:
    return db.session.scalars(select(SubmissionRevision).order_by(SubmissionRevision.revision)).all()


def waiting() -> list[str]:
    return list(db.session.scalars(select(Quarantined.reason)))


# --- the next revision ------------------------------------------------------------------------------


def test_an_edit_of_the_current_revision_is_the_next_one(collector: Sender) -> None:
    first = item()
    (made,) = send(collector, first)
    (edited,) = send(collector, edit(first, 1, 5))
    assert (edited.status, edited.revision, edited.errors) == (Status.STORED, 2, ())
    assert edited.receipt != made.receipt
    assert (stored().revision, stored().cause, stored().answers["rooms"]) == (2, Cause.EDITED, 5)
    (before,) = former()
    assert (before.revision, before.cause, before.answers["rooms"]) == (1, Cause.SENT, 3)
    assert before.receipt_code == made.receipt_code
    assert stored().first_received_at == before.received_at < stored().received_at


def test_a_submission_that_was_never_edited_is_one_row(collector: Sender) -> None:
    send(collector, item())
    assert former() == []
    assert db.session.scalar(select(func.count()).select_from(Instance)) == 0


def test_copies_of_each_revision_get_its_own_receipt_for_ever(collector: Sender) -> None:
    first = item()
    sent = [first, edit(first, 1, 5), edit(first, 2, 6)]
    made = [send(collector, one)[0] for one in sent]
    for _time in range(2):
        again = [send(collector, one)[0] for one in sent]
        assert [result.status for result in again] == [Status.DUPLICATE] * 3
        assert [result.receipt for result in again] == [result.receipt for result in made]
    assert stored().answers["rooms"] == 6
    assert waiting() == []


def test_an_answer_that_is_changed_back_is_a_revision_too(collector: Sender) -> None:
    first = item()
    back = edit(first, 2, 3)
    send(collector, first)
    send(collector, edit(first, 1, 5))
    (made,) = send(collector, back)
    assert (made.status, made.revision, stored().answers["rooms"]) == (Status.STORED, 3, 3)
    (again,) = send(collector, back)
    assert (again.status, again.receipt) == (Status.DUPLICATE, made.receipt)


def test_an_edit_that_changes_nothing_is_a_copy(collector: Sender) -> None:
    first = item()
    send(collector, first)
    (same,) = send(collector, first | {"base_revision": 1})
    assert (same.status, same.revision, stored().revision) == (Status.DUPLICATE, 1, 1)


def test_an_edit_that_changes_nothing_is_its_base_and_leaves_nothing_behind(collector: Sender) -> None:
    first = item()
    send(collector, first)
    send(collector, edit(first, 1, 5))
    (back,) = send(collector, edit(first, 2, 3))
    names = select(func.count()).select_from(Instance)
    before = db.session.scalar(names)
    for _time in range(3):
        (same,) = send(collector, edit(first, 3, 3))
        assert (same.status, same.revision) == (Status.DUPLICATE, 3)
        assert same.receipt == back.receipt
    assert db.session.scalar(names) == before == 2


def test_a_record_and_its_edits_may_come_in_one_batch(collector: Sender) -> None:
    first = item()
    results = send(collector, first, edit(first, 1, 5), edit(first, 2, 6))
    assert [(r.status, r.revision) for r in results] == [(Status.STORED, n) for n in (1, 2, 3)]
    again = send(collector, edit(first, 2, 6), first, edit(first, 1, 5))
    assert [r.revision for r in again] == [3, 1, 2]
    assert [r.receipt for r in again] == [results[n].receipt for n in (2, 0, 1)]


def test_names_of_both_revisions_open_under_the_one_key(collector: Sender) -> None:
    first = item()
    send(collector, first)
    renamed = answers(child=[{"name": "Айша", "age": 7}])
    send(collector, first | {"base_revision": 1, "answers": renamed})
    row, (before,) = stored(), former()
    assert identity_of(keys_of(), row)["child[1]/name"] == "Айша"
    row.identity_sealed = before.identity_sealed
    assert identity_of(keys_of(), row)["child[1]/name"] == CANARY
    db.session.rollback()


def test_a_returned_record_that_was_mended_is_to_be_reviewed_again(collector: Sender) -> None:
    first = item()
    send(collector, first)
    db.session.execute(update(Submission).values(status=State.RETURNED))
    db.session.commit()
    send(collector, edit(first, 1, 5))
    assert stored().status == State.STORED


# --- what must wait ---------------------------------------------------------------------------------


def test_an_edit_of_an_older_revision_waits_beside(collector: Sender) -> None:
    first = item()
    send(collector, first, edit(first, 1, 5))
    (late,) = send(collector, edit(first, 1, 7))
    assert (late.status, [error.code for error in late.errors]) == (Status.QUARANTINED, ["conflict"])
    assert stored().answers["rooms"] == 5
    assert waiting() == [Reason.CONFLICT]


def test_an_edit_that_comes_before_its_record_waits_and_fits_when_it_is_sent_again(
    collector: Sender,
) -> None:
    first = item()
    (early,) = send(collector, edit(first, 1, 5))
    assert (early.status, waiting()) == (Status.QUARANTINED, [Reason.EDIT])
    send(collector, first)
    (again,) = send(collector, edit(first, 1, 5))
    assert (again.status, again.revision) == (Status.STORED, 2)
    assert again.receipt == early.receipt == send(collector, edit(first, 1, 5))[0].receipt
    assert db.session.scalars(select(Quarantined.decision)).one() == Decision.ACCEPT_AS_REVISION


@pytest.mark.parametrize("state", [State.DELETED, State.ERASED])
def test_what_was_deleted_is_not_revived(collector: Sender, state: State) -> None:
    first = item()
    (made,) = send(collector, first)
    db.session.execute(update(Submission).values(status=state))
    db.session.commit()
    (copy,) = send(collector, first)
    assert (copy.status, copy.receipt) == (Status.DUPLICATE, made.receipt)
    others = send(collector, edit(first, 1, 5), first | {"answers": rooms(9)})
    assert [[error.code for error in other.errors] for other in others] == [["deleted"], ["deleted"]]
    assert (stored().status, stored().revision) == (state, 1)


def test_nobody_edits_what_somebody_else_collected(collector: Sender) -> None:
    first = item()
    send(collector, first)
    (stranger,) = send(Sender(user_id=_id("stranger")), edit(first, 1, 5))
    assert (stranger.status, stored().revision) == (Status.QUARANTINED, 1)
    (editor,) = send(Sender(user_id=_id("editor"), edits_others=True), edit(first, 1, 5))
    assert (editor.status, editor.revision) == (Status.STORED, 2)


def test_what_a_revoked_device_sends_waits_but_its_copies_are_known(collector: Sender) -> None:
    first = item()
    (made,) = send(collector, first)
    revoked = Sender(user_id=collector.user_id, revoked=True)
    (copy,) = send(revoked, first)
    (new,) = send(revoked, item())
    assert (copy.status, copy.receipt) == (Status.DUPLICATE, made.receipt)
    assert (new.status, waiting()) == (Status.QUARANTINED, [Reason.REVOKED])


# --- instances of OpenRosa --------------------------------------------------------------------------


def xml_like(collector: Sender, sent: dict[str, Any], **known: Any) -> Result:
    """Send as ODK Collect does: every revision is an instance of its own."""
    envelope: Envelope = replace(load_envelope(sent, Channel.OPENROSA), **known)
    return receive([envelope], collector)[0]


def test_an_edit_by_instances_finds_its_record(collector: Sender) -> None:
    first = item()
    second, third = (item(id=str(uuid4()), answers=rooms(number)) for number in (5, 6))
    xml_like(collector, first)
    made = xml_like(collector, second, deprecates=UUID(first["id"]))
    assert (made.id, made.status, made.revision) == (UUID(first["id"]), Status.STORED, 2)
    assert xml_like(collector, third, deprecates=UUID(second["id"])).revision == 3
    again = xml_like(collector, second, deprecates=UUID(first["id"]))
    assert (again.status, again.receipt) == (Status.DUPLICATE, made.receipt)
    without = xml_like(collector, second)
    assert (without.status, without.receipt) == (Status.DUPLICATE, made.receipt)
    late = xml_like(collector, item(answers=rooms(8)), deprecates=UUID(first["id"]))
    assert (late.status, stored().answers["rooms"]) == (Status.QUARANTINED, 6)


def test_an_edit_without_a_change_is_one_more_name_for_the_revision(collector: Sender) -> None:
    first = item()
    same, changed = item(), item(answers=rooms(5))
    xml_like(collector, first)
    copy = xml_like(collector, same, deprecates=UUID(first["id"]))
    assert (copy.status, copy.revision) == (Status.DUPLICATE, 1)
    assert xml_like(collector, changed, deprecates=UUID(same["id"])).revision == 2


def test_an_edit_of_an_instance_that_is_not_here_waits(collector: Sender) -> None:
    lost = xml_like(collector, item(), deprecates=uuid4())
    assert (lost.status, waiting()) == (Status.QUARANTINED, [Reason.EDIT])


# --- files that follow ------------------------------------------------------------------------------


def photo(content: bytes, name: str = "a.jpg") -> NamedFile:
    return NamedFile(
        name,
        bring(content, Sender(user_id=db.session.scalars(select(User.id).order_by(User.id)).first())),
        len(content),
        "image/jpeg",
    )


def files(revision: int = 1) -> dict[str, tuple[bool, bool]]:
    rows = db.session.scalars(select(Attachment).where(Attachment.revision == revision))
    found = list(rows)
    keys, head = keys_of(), stored()
    return {file_name(keys, head, row): (row.named, row.held_at is not None) for row in found}


def test_a_record_is_complete_when_the_files_it_names_have_come(collector: Sender) -> None:
    sent = item(answers=answers(photo="a.jpg"))
    first = xml_like(collector, sent)
    assert (first.status, first.complete, files()) == (Status.STORED, None, {"a.jpg": (True, False)})
    second = xml_like(collector, sent, attachments=(photo(b"jpeg"),))
    assert (second.status, second.receipt) == (Status.DUPLICATE, first.receipt)
    assert second.complete
    assert files() == {"a.jpg": (True, True)}
    assert xml_like(collector, sent).complete == second.complete


def test_a_file_that_nothing_names_is_kept(collector: Sender) -> None:
    sent = item()
    made = xml_like(collector, sent, attachments=(photo(b"audit", "audit.csv"),))
    assert made.complete
    assert files() == {"audit.csv": (False, True)}
    assert Flag.UNNAMED_FILE in stored().flags
    assert xml_like(collector, sent).status == Status.DUPLICATE


def test_a_file_that_nothing_names_is_flagged_in_a_later_post_too(collector: Sender) -> None:
    sent = item(answers=answers(photo="a.jpg"))
    first = xml_like(collector, sent)
    assert Flag.UNNAMED_FILE not in stored().flags
    later = xml_like(collector, sent, attachments=(photo(b"jpeg"), photo(b"audit", "audit.csv")))
    assert (later.status, later.receipt) == (Status.DUPLICATE, first.receipt)
    assert files() == {"a.jpg": (True, True), "audit.csv": (False, True)}
    assert Flag.UNNAMED_FILE in stored().flags


def test_only_who_collected_a_record_may_bring_its_files(collector: Sender) -> None:
    sent, other = item(answers=answers(photo="a.jpg")), Sender(user_id=_id("other"))
    first = xml_like(collector, sent)
    theirs = NamedFile("a.jpg", bring(b"theirs", other), 6, "image/jpeg")
    waits = xml_like(other, sent, attachments=(theirs,))
    assert (waits.status, waiting()) == (Status.QUARANTINED, [Reason.CONFLICT])
    assert files() == {"a.jpg": (True, False)}
    assert xml_like(other, sent).receipt == first.receipt
    mine = xml_like(collector, sent, attachments=(photo(b"jpeg"),))
    assert (mine.status, mine.receipt) == (Status.DUPLICATE, first.receipt)
    assert mine.complete
    assert files() == {"a.jpg": (True, True)}


def test_another_file_under_the_name_of_one_that_is_held_waits_beside(collector: Sender) -> None:
    sent = item(answers=answers(photo="a.jpg"))
    xml_like(collector, sent, attachments=(photo(b"one"),))
    other = photo(b"two")
    assert xml_like(collector, sent, attachments=(other,)).status == Status.QUARANTINED
    assert db.session.scalars(select(Quarantined.files)).one() == [other.sha256]


def test_an_edit_carries_over_the_files_that_it_still_names(collector: Sender) -> None:
    first = item(answers=answers(photo="a.jpg"))
    second = item(answers=answers(photo="a.jpg", rooms=5, twice="10"))
    xml_like(collector, first, attachments=(photo(b"one"),))
    made = xml_like(collector, second, deprecates=UUID(first["id"]))
    assert (made.revision, files(2)) == (2, {"a.jpg": (True, True)})
    assert made.complete


def test_json_and_xml_with_the_same_answers_are_the_same_submission(collector: Sender) -> None:
    sent = item(answers=answers(photo="a.jpg"))
    made = xml_like(collector, sent)
    file = photo(b"one")
    announced = {"name": "a.jpg", "sha256": file.sha256, "size": 3, "type": "image/jpeg"}
    (copy,) = send(collector, sent | {"attachments": [announced]})
    assert (copy.status, copy.receipt) == (Status.DUPLICATE, made.receipt)
    assert copy.complete


# --- the chain --------------------------------------------------------------------------------------


def test_each_revision_is_linked_to_the_one_before(collector: Sender) -> None:
    first = item()
    send(collector, first, edit(first, 1, 5), edit(first, 2, 6))
    keys, row, before = keys_of(), stored(), chains.BEGINNING
    for revision in (*former(), row):
        columns = {name: getattr(revision, name) for name in ("chain", "content_digest", *chains.FACTS)}
        assert columns["chain"] == chains.link(keys, before, row.id, columns)
        before = columns["chain"]


def test_rows_of_an_older_edition_get_their_first_link(collector: Sender) -> None:
    send(collector, item(), item())
    links = dict(db.session.execute(select(Submission.id, Submission.chain)).all())
    order = dict(db.session.execute(select(Submission.id, Submission.changed)).all())
    db.session.execute(update(Submission).values(chain=b"", changed=Submission.changed))
    db.session.commit()
    assert chains.begin_missing(keys_of()) == 2
    assert dict(db.session.execute(select(Submission.id, Submission.chain)).all()) == links
    assert dict(db.session.execute(select(Submission.id, Submission.changed)).all()) == order
    db.session.rollback()
    assert chains.begin_missing(keys_of()) == 0
