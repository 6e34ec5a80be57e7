"""Invitations: single-use codes for families and adolescents. Only a keyed hash of a code is kept.

Nothing ties a code to the answers it let in: the submission keeps no code, the invitation no
submission, and `used_at` is the day only. The hash is keyed (`people.keys`): 40 bits could be tried out
against a plain hash in a dump of the database within a minute.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, insert, or_, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.keys import keyed_hash
from surveyapp.people.models import Invitation

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


def create(
    questionnaire: str, count: int, expires: datetime | None, *, recorded: bool = True
) -> list[str]:
    """Make codes for a questionnaire, good until `expires` (aware; None: for ever); commits.

    The codes are returned this once and cannot be had again. `recorded=False` leaves the audit log
    alone: for the codes that a demonstration hands out to everybody who looks.
    """
    codes = sorted({_random_code() for _number in range(count)})
    while len(codes) < count:  # twice the same among the new ones: with 40 bits, hardly ever
        codes = sorted({*codes, _random_code()})
    db.session.execute(
        insert(Invitation),
        [
            {
                "questionnaire": questionnaire,
                "code_hash": _hash(code, questionnaire),
                "expires_at": expires,
            }
            for code in codes
        ],
    )
    if recorded:
        details = {"count": count} | ({"expires": f"{expires:%Y-%m-%d}"} if expires else {})
        audit.record(audit.Action.INVITATIONS_CREATED, questionnaire, details)
    db.session.commit()
    return codes


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
