"""An administrator's decisions over work in quarantine.

Work is read again from the bytes that came, judged by a version, and taken in: as a submission, as the
next revision of one, or merged with it question by question; or it is discarded with a reason. A
decision is one transaction under the lock of the work's row: of two who decide at once the second is
told what the first one decided. The row stays, so that the sender's later copies get the receipt that
the first one got.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias, cast
from uuid import UUID

from sqlalchemy import Connection, Row, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.submissions import erasing, instances, taking_in
from surveyapp.submissions.assessing import Assessed
from surveyapp.submissions.content import Content
from surveyapp.submissions.editing import lock, names_anew, revise
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.fulfilling import fulfil
from surveyapp.submissions.holdings import held_submissions
from surveyapp.submissions.inserting import insert_all, insert_new, table_of
from surveyapp.submissions.models import (
    Attachment,
    Cause,
    Decision,
    Event,
    Quarantined,
    State,
    Submission,
)
from surveyapp.submissions.refusals import (
    AlreadyThere,
    Gone,
    NamesAnew,
    NoReason,
    NothingNew,
    NotThere,
    OtherQuestionnaire,
    Overtaken,
)
from surveyapp.submissions.rows import RowMaker
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.submissions.waiting_work import (
    definition_for,
    judged,
    maker_for,
    published,
    refuse_decided,
    waiting,
    with_files_of,
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision made: the revision of a submission; None: it was discarded."""

    submission_id: UUID
    revision: int | None


#: what a decision does in its transaction, with the work's locked row
Work: TypeAlias = Callable[[Connection, Row[Any]], Decided]


# --- the decisions ----------------------------------------------------------------------------------


def accept(serial: int, *, by: int | None = None) -> Decided:
    """Store it as a submission, as it is: what does not fit its version is kept aside, flagged.

    Commits. Raises `Refused`, `NotQuarantined`, `opening.Erased`, `sealing.CannotOpen`.
    """
    row = waiting(serial)
    found, maker = judged(row, definition_for(row)), maker_for(row)

    def work(connection: Connection, locked: Row[Any]) -> Decided:
        return _first(connection, with_files_of(connection, locked, maker), found)

    return decide(row, Decision.ACCEPT, work, by)


def accept_as_revision(serial: int, *, by: int | None = None, looked_at: int | None = None) -> Decided:
    """Make it the next revision of the submission that is stored; commits. Raises as `accept`.

    `looked_at`: the revision that somebody compared it with; another one is refused as `Overtaken`.
    """
    row = waiting(serial)
    found, maker = judged(row, definition_for(row)), maker_for(row)

    def work(connection: Connection, locked: Row[Any]) -> Decided:
        with_files = with_files_of(connection, locked, maker)
        return next_revision(connection, with_files, found, looked_at)

    return decide(row, Decision.ACCEPT_AS_REVISION, work, by)


def attach(
    serial: int,
    version: str,
    *,
    questionnaire: str | None = None,
    by: int | None = None,
    looked_at: int | None = None,
) -> Decided:
    """Judge it by another version, and take it in: as a submission, or as the next revision of one.

    `looked_at`: as for `accept_as_revision`; 0: there was none. Commits. Raises as `accept`.
    """
    row = waiting(serial)
    found, maker = judged(row, published(questionnaire or row.questionnaire, version)), maker_for(row)

    def work(connection: Connection, locked: Row[Any]) -> Decided:
        with_files = with_files_of(connection, locked, maker)
        if lock(connection, found.envelope.id) is None:
            return _first(connection, with_files, found)
        return next_revision(connection, with_files, found, looked_at)

    return decide(row, Decision.ATTACH, work, by)


def discard(serial: int, reason: str, *, by: int | None = None) -> Decided:
    """Let it go, with a reason; commits. Raises `Refused`, `NotQuarantined`.

    Its bytes stay, sealed, and can be looked at; those under the id of a submission that
    was erased, or of which who is meant was destroyed, do not.
    """
    if not reason.strip():
        raise NoReason
    row = waiting(serial)

    def work(connection: Connection, locked: Row[Any]) -> Decided:
        head = lock(connection, locked.submission_id)
        if head is not None and (head.status == State.ERASED or head.identity_erased_at):
            erasing.destroy_quarantined(connection, table_of(Quarantined).c.serial == locked.serial)
        return Decided(locked.submission_id, None)

    return decide(row, Decision.DISCARD, work, by, reason.strip())


# --- what they share --------------------------------------------------------------------------------


def decide(
    row: Quarantined, decision: Decision, work: Work, by: int | None, reason: str | None = None
) -> Decided:
    """Do the work and write the decision down, under the lock of the work's row."""
    serial, waited_for = row.serial, row.reason
    table = table_of(Quarantined)

    def in_its_transaction(connection: Connection) -> Decided:
        query = select(table).where(table.c.serial == serial).with_for_update()
        locked = connection.execute(query).one()
        refuse_decided(locked)
        made = work(connection, locked)
        written = {"decision": decision, "decided_by": by, "decision_reason": reason}
        connection.execute(
            update(table).where(table.c.serial == serial).values(decided_at=utc_now(), **written)
        )
        details = {"decision": str(decision), "reason": waited_for}
        subject = str(made.submission_id)
        audit.record_on(connection, audit.Action.QUARANTINE_DECIDED, subject, details, user_id=by)
        return made

    db.session.commit()  # an open transaction here would stand in the way of the one that follows
    made = in_one_transaction(in_its_transaction)
    if made.revision is not None:
        taking_in.take_in([made.submission_id])
    return made


def _first(connection: Connection, maker: RowMaker, found: Assessed) -> Decided:
    """Store a submission in its first revision."""
    envelope = found.envelope
    row = maker.submission(found, Cause.DECIDED)
    try:
        with instances.one_role():
            is_new = bool(insert_new(connection, Submission, [row], key=["id"]))
    except instances.TwoRoles:
        raise AlreadyThere(envelope.id) from None
    if not is_new:
        refuse_gone(lock(connection, envelope.id), envelope.id)
    if not is_new or instances.is_instance(connection, envelope.id):
        raise AlreadyThere(envelope.id)
    if envelope.instance and envelope.instance != envelope.id:
        _name(connection, envelope, 1)
    insert_all(connection, Attachment, maker.attachments(found))
    insert_all(connection, Event, maker.events(found))
    fulfil(connection, [row])
    return Decided(envelope.id, 1)


def next_revision(
    connection: Connection, maker: RowMaker, found: Assessed, after: int | None = None
) -> Decided:
    """Make it the next revision (of `after`, if that is given). Raises `Refused`."""
    envelope = found.envelope
    head = refuse_gone(lock(connection, envelope.id), envelope.id)
    if head.questionnaire != envelope.questionnaire:
        raise OtherQuestionnaire(head.id, head.questionnaire)
    if after is not None and after != head.revision:
        raise Overtaken(head.id, head.revision)
    if names_anew(head, _content(found)):
        raise NamesAnew(head.id)
    if held_submissions(connection, [head.id])[head.id].current.has(envelope, _content(found)):
        raise NothingNew(head.id)
    number: int = head.revision + 1
    _name(connection, envelope, number)
    revise(connection, maker, found, head, Cause.DECIDED)
    return Decided(head.id, number)


def refuse_gone(head: Row[Any] | None, submission_id: UUID) -> Row[Any]:
    """The row of a submission that is there. Raises `NotThere`, `Gone`."""
    if head is None:
        raise NotThere(submission_id)
    if State(head.status).is_gone:
        raise Gone(head.id, head.status)
    return head


def _name(connection: Connection, envelope: Envelope, revision: int) -> None:
    """Let the client's next edit find the revision by the id that it knows; one that is taken stays."""
    wanted = envelope.instance if envelope.instance != envelope.id else None
    if not instances.name_revision(connection, envelope.id, wanted, revision):
        instances.name_revision(connection, envelope.id, None, revision)


def _content(found: Assessed) -> Content:
    return cast(Content, found.content)  # `Fitting` gives it some, whatever came
