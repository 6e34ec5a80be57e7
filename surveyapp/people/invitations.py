"""Invitations: single-use codes for families and adolescents. Only a keyed hash of a code is kept.

Nothing ties a code to the answers it let in: the submission keeps no code, the invitation no
submission, and `used_at` is the day only. The hash is keyed (`people.keys`): 40 bits could be tried out
against a plain hash in a dump of the database within a minute.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, func, insert, or_, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.keys import keyed_hash
from surveyapp.people.models import Invitation, InvitationBatch

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session, scoped_session


#: without I, O, 0 and 1, which are mistaken for one another; `[A-HJ-NP-Z2-9]` in the questionnaires
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 8


class InvitationStatus(StrEnum):
    """What is to be said of a code."""

    VALID = "valid"
    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Batch:
    """Codes that were made together, and how many of them were used."""

    id: int
    label: str
    count: int
    used: int
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def create(
    questionnaire: str,
    count: int,
    expires: datetime | None,
    *,
    label: str = "",
    recorded: bool = True,
) -> list[str]:
    """Make codes for a questionnaire, good until `expires` (aware; None: for ever); commits.

    The codes are returned this once and cannot be had again. They are a batch, called by its `label`.
    `recorded=False` makes no batch and leaves the audit log alone: for the codes that a demonstration
    hands out to everybody who looks.
    """
    codes = sorted({_random_code() for _number in range(count)})
    while len(codes) < count:  # twice the same among the new ones: with 40 bits, hardly ever
        codes = sorted({*codes, _random_code()})
    batch_id = _new_batch(questionnaire, count, expires, label) if recorded else None
    db.session.execute(
        insert(Invitation),
        [
            {
                "questionnaire": questionnaire,
                "code_hash": _hash(code, questionnaire),
                "expires_at": expires,
                "batch_id": batch_id,
            }
            for code in codes
        ],
    )
    if recorded:
        details = {"count": count} | ({"expires": f"{expires:%Y-%m-%d}"} if expires else {})
        audit.record(audit.Action.INVITATIONS_CREATED, questionnaire, details)
    db.session.commit()
    return codes


def _new_batch(questionnaire: str, count: int, expires: datetime | None, label: str) -> int:
    batch = InvitationBatch(
        questionnaire=questionnaire,
        count=count,
        expires_at=expires,
        label=label,
        created_by=audit.present_user(),
    )
    db.session.add(batch)
    db.session.flush()
    return batch.id


def batches(questionnaire: str) -> list[Batch]:
    """The batches of a questionnaire, the newest first."""
    used = func.count(Invitation.used_at)
    query = (
        select(InvitationBatch, used)
        .outerjoin(Invitation, Invitation.batch_id == InvitationBatch.id)
        .where(InvitationBatch.questionnaire == questionnaire)
        .group_by(InvitationBatch.id)
        .order_by(InvitationBatch.id.desc())
    )
    return [
        Batch(row.id, row.label, row.count, number, row.created_at, row.expires_at, row.revoked_at)
        for row, number in db.session.execute(query)
    ]


def revoke(questionnaire: str, batch_id: int) -> bool:
    """Let the codes of a batch that were not used open nothing any more; commits.

    False: the questionnaire has no such batch. What was sent with the others stays.
    """
    batch = db.session.scalars(
        select(InvitationBatch).filter_by(id=batch_id, questionnaire=questionnaire)
    ).one_or_none()
    if batch is None:
        return False
    if batch.revoked_at is None:
        batch.revoked_at = now = utc_now()
        unused = update(Invitation).where(Invitation.batch_id == batch_id, Invitation.used_at.is_(None))
        revoked = cast(
            "CursorResult[tuple[()]]",
            db.session.execute(
                unused.values(expires_at=now).execution_options(synchronize_session=False)
            ),
        )
        audit.record(audit.Action.INVITATIONS_REVOKED, questionnaire, {"count": revoked.rowcount})
        db.session.commit()
    return True


def check(code: str, questionnaire: str) -> InvitationStatus:
    """Whether a code opens a questionnaire, without using it up."""
    found = db.session.scalars(
        select(Invitation).where(Invitation.code_hash == _hash(code, questionnaire))
    ).one_or_none()
    if found is None:
        return InvitationStatus.UNKNOWN
    if found.used_at is not None:
        return InvitationStatus.USED
    if found.expires_at is not None and found.expires_at <= utc_now():
        return InvitationStatus.EXPIRED
    return InvitationStatus.VALID


def use(session: Session | scoped_session[Any] | Connection, code: str, questionnaire: str) -> bool:
    """Use a code up in the caller's transaction; False when it is used, expired or unknown.

    Of any number that try at once, one gets True: the row's own update decides. A roll-back of the
    caller's transaction makes the code good again.
    """
    now = utc_now()
    statement = (
        update(Invitation)
        .where(
            Invitation.code_hash == _hash(code, questionnaire),
            Invitation.used_at.is_(None),
            or_(Invitation.expires_at.is_(None), Invitation.expires_at > now),
        )
        .values(used_at=_midnight(now))
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[tuple[()]]", session.execute(statement)).rowcount == 1


def as_printed(code: str) -> str:
    """A code as it was printed, whatever case, spaces and dashes it was typed with."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def _random_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _position in range(LENGTH))


def _hash(code: str, questionnaire: str) -> bytes:
    return keyed_hash("invitation", questionnaire, as_printed(code))


def _midnight(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
