"""A full export wants two people: one who asks for it and says why, another one who agrees.

Whoever agrees sees what is asked for and why, never an answer. Each word is for a limited time, so that
no agreement lies about to be used years later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from surveyapp.database import utc_now
from surveyapp.exports.approval_models import FullExport
from surveyapp.exports.choosing import read_request, within, written_request
from surveyapp.exports.errors import ExportError
from surveyapp.exports.request import ExportRequest
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.models import User
from surveyapp.people.rights import Reach, Right, reach_of_account
from surveyapp.wiring import settings_of

#: how long somebody has to agree
TO_DECIDE = timedelta(days=3)
#: how long the file can be taken once somebody agreed
TO_TAKE = timedelta(days=1)


class NotForYou(ExportError):
    """Somebody else's request, one's own where another's word is wanted, or beyond one's rights."""

    def __init__(self) -> None:
        super().__init__("this is for somebody else to decide or to take")


class TooLate(ExportError):
    """It was decided already, or its time is over."""

    def __init__(self) -> None:
        super().__init__("this was decided already, or its time is over")


class NoSuchApprover(ExportError):
    """The second person who is named has no account with the right to agree."""

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” has no account with the right to agree to a full export")


def ask(request: ExportRequest, user_id: int) -> UUID:
    """Ask for a full export; commits. `request` is checked already, all but the second person."""
    choices = written_request(replace(request, reason=""), settings_of().timezone)
    row = FullExport(
        questionnaire=request.questionnaire,
        choices=choices,
        reason=request.reason.strip(),
        asked_by=user_id,
    )
    db.session.add(row)
    db.session.flush()
    details: dict[str, audit.Detail] = {"reason": row.reason, "format": request.format}
    audit.record(audit.Action.FULL_EXPORT_ASKED, request.questionnaire, details)
    found = row.id
    db.session.commit()
    return found


def decide(request_id: UUID, user_id: int, *, agreed: bool) -> None:
    """Agree, or refuse; commits. Raises `NotForYou`, `TooLate`."""
    row = _one(request_id)
    if row is None or not may_decide(row, user_id):
        raise NotForYou
    waiting = (FullExport.id == request_id, FullExport.agreed.is_(None))
    if not is_waiting(row, utc_now()):
        raise TooLate
    # by the condition, not by what was read: two may decide at once
    values = {"agreed": agreed, "decided_by": user_id, "decided_at": utc_now()}
    if not db.session.scalars(
        update(FullExport).where(*waiting).values(values).returning(FullExport.serial)
    ).all():
        raise TooLate
    action = audit.Action.EXPORT_APPROVED if agreed else audit.Action.EXPORT_REFUSED
    audit.record(action, row.questionnaire, {"reason": row.reason})
    db.session.commit()


def taken(request_id: UUID, user_id: int, password: str) -> ExportRequest:
    """The export that was agreed to, for whoever asked, cut to what that person may take out today.

    Commits. Raises `NotForYou`, `TooLate`.
    """
    row = _one(request_id)
    reach = reach_of_account(user_id, Right.EXPORT_FULL)
    if row is None or row.asked_by != user_id or not reach.touches(row.questionnaire):
        raise NotForYou
    if not can_be_taken(row, utc_now()):
        raise TooLate
    row.taken_at = utc_now()
    wanted = replace(
        read_request(row.questionnaire, row.choices, settings_of().timezone),
        reason=row.reason,
        approved_by=name_of(row.decided_by),
        password=password,
    )
    db.session.commit()
    return within(wanted, reach.regions(wanted.questionnaire))


def check_approver(name: str, questionnaire: str) -> None:
    """Whether the second person named on the command line may agree. Raises `NoSuchApprover`.

    Without a name nothing is said here: the export itself asks for one.
    """
    if not name.strip():
        return
    found = db.session.scalar(select(User.id).where(User.username == name.strip()))
    if found is None or not reach_of_account(found, Right.APPROVE_FULL).touches(questionnaire):
        raise NoSuchApprover(name)


# --- looking ----------------------------------------------------------------------------------------


def seen_by(user_id: int, now: datetime) -> Sequence[FullExport]:
    """One's own of the last days, and those that wait for one's word; the newest first."""
    query = (
        select(FullExport)
        .where(FullExport.asked_at > now - TO_DECIDE - TO_TAKE)
        .order_by(FullExport.serial.desc())
        .limit(200)
    )
    rows = db.session.scalars(query).all()
    mine = reach_of_account(user_id, Right.APPROVE_FULL)
    return [row for row in rows if row.asked_by == user_id or _within(row, mine)]


def is_waiting(row: FullExport, now: datetime) -> bool:
    """Whether somebody may still decide."""
    return row.agreed is None and now - row.asked_at < TO_DECIDE


def can_be_taken(row: FullExport, now: datetime) -> bool:
    """Whether its file can be taken now."""
    return bool(row.agreed) and row.decided_at is not None and now - row.decided_at < TO_TAKE


def may_decide(row: FullExport, user_id: int) -> bool:
    """Whether somebody's word counts: another person's, with the right wherever the export reaches."""
    return row.asked_by != user_id and _within(row, reach_of_account(user_id, Right.APPROVE_FULL))


def name_of(user_id: int | None) -> str:
    """What an account is called."""
    return db.session.scalar(select(User.username).where(User.id == user_id)) or ""


def _one(request_id: UUID) -> FullExport | None:
    return db.session.scalar(select(FullExport).where(FullExport.id == request_id))


def _within(row: FullExport, reach: Reach) -> bool:
    if not reach.touches(row.questionnaire):
        return False
    mine = reach.regions(row.questionnaire)
    if mine is None:
        return True
    theirs = reach_of_account(row.asked_by, Right.EXPORT_FULL).regions(row.questionnaire)
    return theirs is not None and theirs <= mine
