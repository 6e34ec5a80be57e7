"""The acts of review: accept, return, reject, undo, delete, restore, block, unblock, erase.

Each is one transaction under the submission's lock, with its row of the history and of the audit log, so
that of two who act at once the second one is told what the first one did.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.audit import Action
from surveyapp.submissions import erasing
from surveyapp.submissions.collectors import senders_of
from surveyapp.submissions.comments import check_comments, sealed_comments
from surveyapp.submissions.editing import lock
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Act, ReviewAct, State, Submission
from surveyapp.submissions.refusals import (
    AlreadySo,
    Gone,
    NoCollector,
    NoComment,
    NoReason,
    NotBlocked,
    NotDeleted,
    NothingToUndo,
    NotThere,
    Overtaken,
)
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.submissions.verdict_history import VERDICTS, acts_on_current, standing

#: what an act does to the locked row
Work: TypeAlias = Callable[[Connection, Row[Any]], None]

#: what can be taken back
UNDONE: frozenset[str] = frozenset({*VERDICTS, Act.DELETE})
_ACTIONS: Mapping[Act, Action] = {
    Act.ACCEPT: Action.SUBMISSION_ACCEPTED,
    Act.RETURN: Action.SUBMISSION_RETURNED,
    Act.REJECT: Action.SUBMISSION_REJECTED,
    Act.WITHDRAW: Action.SUBMISSION_WITHDRAWN,
    Act.DELETE: Action.SUBMISSION_DELETED,
    Act.RESTORE: Action.SUBMISSION_RESTORED,
    Act.ERASE: Action.SUBMISSION_ERASED,
    Act.ERASE_IDENTITY: Action.SUBMISSION_IDENTITY_ERASED,
    Act.BLOCK: Action.SUBMISSION_BLOCKED,
    Act.UNBLOCK: Action.SUBMISSION_UNBLOCKED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Who acts (None: whoever runs the server), and the revision that was looked at (None: any)."""

    user_id: int | None = None
    revision: int | None = None


#: somebody at the command line who has not said which revision was looked at
ANYBODY = Reviewer()


def accept(submission_id: UUID, by: Reviewer = ANYBODY) -> None:
    """Take the current revision as good; commits. Raises `Refused`."""

    def work(connection: Connection, head: Row[Any]) -> None:
        _refuse_gone(head)
        if head.status == State.ACCEPTED:
            raise AlreadySo(head.id, State.ACCEPTED)
        _put(connection, head, State.ACCEPTED)

    act_on(submission_id, Act.ACCEPT, by, work)


def return_to_collector(
    submission_id: UUID, comments: Mapping[str, str], by: Reviewer = ANYBODY
) -> None:
    """Send it back with comments, node path (or "": all of it) → text; commits. Raises `Refused`."""
    if not any(text.strip() for text in comments.values()):
        raise NoComment
    check_comments(submission_id, comments)

    def work(connection: Connection, head: Row[Any]) -> None:
        _refuse_gone(head)
        senders = senders_of(connection, head).values()
        if all(user_id is None and device_id is None for user_id, device_id in senders):
            raise NoCollector(head.id)
        _put(connection, head, State.RETURNED)

    act_on(submission_id, Act.RETURN, by, work, comments=comments)


def reject(submission_id: UUID, reason: str, by: Reviewer = ANYBODY) -> None:
    """Say that it is not to be counted on, and why; commits. Raises `Refused`.

    It is kept as it is and leaves exports; a further revision is judged anew.
    """
    if not reason.strip():
        raise NoReason
    check_comments(submission_id, {"": reason})

    def work(connection: Connection, head: Row[Any]) -> None:
        _refuse_gone(head)
        if head.status == State.REJECTED:
            raise AlreadySo(head.id, State.REJECTED)
        _put(connection, head, State.REJECTED)

    act_on(submission_id, Act.REJECT, by, work, comments={"": reason.strip()})


def undo(
    submission_id: UUID,
    act: int | None = None,
    by: Reviewer = ANYBODY,
    *,
    kinds: Collection[str] = UNDONE,
) -> None:
    """Take the last act back, a verdict or a deletion, if nothing has happened since; commits.

    `act`: its serial; without it the last one, whichever it is. `kinds`: what may be taken back by
    whoever asks. Raises `Refused`.
    """
    serial, done = _lastact_on(submission_id)
    if done not in kinds or act not in {None, serial}:
        raise NothingToUndo(submission_id)

    def work(connection: Connection, head: Row[Any]) -> None:
        acts = acts_on_current(connection, head)
        if not acts or acts[-1].serial != serial:
            raise NothingToUndo(head.id)
        before = standing(acts if done == Act.DELETE else acts[:-1])
        _put(connection, head, VERDICTS[before.act] if before else State.STORED)

    act_on(submission_id, Act.RESTORE if done == Act.DELETE else Act.WITHDRAW, by, work)


def delete(submission_id: UUID, by: Reviewer = ANYBODY) -> None:
    """Take it out of lists, counts and exports; it can be restored. Commits. Raises `Refused`."""

    def work(connection: Connection, head: Row[Any]) -> None:
        if State(head.status).is_gone:
            raise AlreadySo(head.id, head.status)
        _put(connection, head, State.DELETED)

    act_on(submission_id, Act.DELETE, by, work)


def restore(submission_id: UUID, by: Reviewer = ANYBODY) -> None:
    """Bring a deleted one back in the state it was in; commits. Raises `Refused`."""

    def work(connection: Connection, head: Row[Any]) -> None:
        if head.status != State.DELETED:
            raise NotDeleted(head.id, head.status)
        verdict = standing(acts_on_current(connection, head))
        _put(connection, head, VERDICTS[verdict.act] if verdict else State.STORED)

    act_on(submission_id, Act.RESTORE, by, work)


def block(submission_id: UUID, by: Reviewer = ANYBODY) -> None:
    """Keep it and do nothing with it, as whom it is about asked; commits. Raises `Refused`.

    It leaves counts, exports and the reading interface, as a deleted one does; no date destroys it.
    """

    def work(connection: Connection, head: Row[Any]) -> None:
        if head.status == State.BLOCKED:
            raise AlreadySo(head.id, State.BLOCKED)
        _refuse_gone(head)
        _put(connection, head, State.BLOCKED)

    act_on(submission_id, Act.BLOCK, by, work)


def unblock(submission_id: UUID, by: Reviewer = ANYBODY) -> None:
    """Bring a blocked one back in the state it was in; commits. Raises `Refused`."""

    def work(connection: Connection, head: Row[Any]) -> None:
        if head.status != State.BLOCKED:
            raise NotBlocked(head.id, head.status)
        verdict = standing(acts_on_current(connection, head))
        _put(connection, head, VERDICTS[verdict.act] if verdict else State.STORED)

    act_on(submission_id, Act.UNBLOCK, by, work)


def erase(submission_id: UUID, by: Reviewer = ANYBODY, *, spare_blocked: bool = False) -> None:
    """Destroy for good what it holds, of every revision; commits. Raises `Refused`.

    Its files that nobody else needs are gone from the media store when this returns. `spare_blocked`:
    raise `Gone` for one that is blocked.
    """

    def check(head: Row[Any]) -> None:
        if head.status == State.ERASED:
            raise AlreadySo(head.id, State.ERASED)
        if spare_blocked:
            refuse_blocked(head)

    erase_if(submission_id, by, check)


def erase_if(submission_id: UUID, by: Reviewer, check: Callable[[Row[Any]], None]) -> None:
    """As `erase`, unless the check of the locked row raises."""
    keys, orphans = keys_of(), list[str]()

    def work(connection: Connection, head: Row[Any]) -> None:
        check(head)
        orphans[:] = erasing.erase(connection, keys, head, by.user_id)

    act_on(submission_id, Act.ERASE, by, work)
    erasing.discard_files(orphans)


def refuse_blocked(head: Row[Any]) -> None:
    """Raises `Gone` for what is blocked."""
    if head.status == State.BLOCKED:
        raise Gone(head.id, head.status)


def act_on(  # noqa: PLR0913  # what is done, by whom, and what is told of it
    submission_id: UUID,
    act: Act,
    by: Reviewer,
    work: Work,
    *,
    comments: Mapping[str, str] | None = None,
    reason: str = "",
) -> None:
    """Do the work under the row's lock, and write down that it was done; commits.

    `comments` stay with the submission, `reason` in the log. Raises `Refused`, and what the work does.
    """
    details: dict[str, audit.Detail] = {"reason": reason} if reason else {}
    keys = keys_of()

    def in_its_transaction(connection: Connection) -> None:
        head = lock(connection, submission_id)
        if head is None:
            raise NotThere(submission_id)
        if by.revision is not None and by.revision != head.revision:
            raise Overtaken(submission_id, head.revision)
        sealed = sealed_comments(keys, head, comments) if comments else None
        work(connection, head)
        _write_down(connection, head, act, by, sealed)
        audit.record_on(connection, _ACTIONS[act], str(head.id), details, user_id=by.user_id)

    db.session.commit()  # an open transaction here would stand in the way of the one that follows
    in_one_transaction(in_its_transaction)


def _write_down(
    connection: Connection, head: Row[Any], act: Act, by: Reviewer, sealed: bytes | None
) -> None:
    row = {
        "submission_id": head.id,
        "revision": head.revision,
        "act": act,
        "user_id": by.user_id,
        "at": utc_now(),
        "comments_sealed": sealed,
    }
    connection.execute(insert(table_of(ReviewAct)), [row])


def _put(connection: Connection, head: Row[Any], state: State) -> None:
    table = table_of(Submission)
    connection.execute(update(table).where(table.c.id == head.id).values(status=state))


def _refuse_gone(head: Row[Any]) -> None:
    if State(head.status).is_gone:
        raise Gone(head.id, head.status)


def _lastact_on(submission_id: UUID) -> tuple[int, str]:
    """Its serial and what was done; nothing, if there is none."""
    query = select(ReviewAct.serial, ReviewAct.act).filter_by(submission_id=submission_id)
    row = db.session.execute(query.order_by(ReviewAct.serial.desc()).limit(1)).one_or_none()
    return (row.serial, row.act) if row else (0, "")
