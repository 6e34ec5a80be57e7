"""Destroying who is meant by a submission, and what was deleted: acts like those of review."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row

from surveyapp.extensions import db
from surveyapp.submissions import erasing, identity_erasing
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Act, State
from surveyapp.submissions.refusals import AlreadySo, NotDeleted, NotThere
from surveyapp.submissions.reviewing import ANYBODY, Reviewer, act_on, erase_if, refuse_blocked

#: how often destroying who is meant is begun anew when files come meanwhile
TIMES_BEGUN = 5


def destroy_if_deleted(submission_id: UUID) -> None:
    """As `erase`, if it is deleted still; raises `NotDeleted` else. Commits."""

    def check(head: Row[Any]) -> None:
        if head.status != State.DELETED:
            raise NotDeleted(head.id, head.status)

    erase_if(submission_id, ANYBODY, check)


def erase_identity(
    submission_id: UUID, by: Reviewer = ANYBODY, *, reason: str = "", spare_blocked: bool = False
) -> None:
    """Destroy for good who is meant, in every revision; the other answers stay. Commits.

    `reason` is kept in the log; it names nobody. `spare_blocked` as in `erase`. Raises `Refused`,
    OSError, and as `sealing` does.
    """

    def check(head: Row[Any]) -> None:
        if head.status == State.ERASED or head.identity_erased_at is not None:
            raise AlreadySo(head.id, head.status if head.status == State.ERASED else "without identity")
        if spare_blocked:
            refuse_blocked(head)

    for _time in range(TIMES_BEGUN - 1):
        try:
            _erase_identity(submission_id, by, check, reason)
        except identity_erasing.FilesChanged:
            continue
        return
    _erase_identity(submission_id, by, check, reason)


def _erase_identity(
    submission_id: UUID, by: Reviewer, check: Callable[[Row[Any]], None], reason: str
) -> None:
    db.session.commit()
    keys, orphans = keys_of(), list[str]()
    anew = identity_erasing.seal_anew(keys, submission_id)
    if anew is None:
        raise NotThere(submission_id)

    def work(connection: Connection, head: Row[Any]) -> None:
        check(head)
        orphans[:] = identity_erasing.erase_identity(connection, keys, head, anew, by.user_id)

    try:
        act_on(submission_id, Act.ERASE_IDENTITY, by, work, reason=reason)
    except BaseException:
        anew.discard()
        raise
    erasing.discard_files(orphans)
