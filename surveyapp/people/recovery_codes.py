"""Recovery codes: ten, shown once, each good for one sign-in, for when the phone is lost."""

from __future__ import annotations

import secrets

from sqlalchemy import delete, func, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people.keys import keyed_hash
from surveyapp.people.models import RecoveryCode, User

NUMBER = 10
#: letters and digits that are not mistaken for one another on paper
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
#: three groups of four: 59 random bits
_GROUPS, _GROUP_LENGTH = 3, 4


def make(user: User) -> list[str]:
    """Ten new codes instead of all former ones; the caller commits, and shows them this once."""
    drop(user)
    codes = [_made_up() for _number in range(NUMBER)]
    db.session.add_all([RecoveryCode(user_id=user.id, code_hash=_hash(user, code)) for code in codes])
    return codes


def drop(user: User) -> None:
    """All codes of somebody are worth nothing any more; the caller commits."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def use(user: User, typed: str) -> bool:
    """Whether this is a code that was not used before; it is used now. The caller commits."""
    statement = (
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == _hash(user, typed),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=utc_now())
        .returning(RecoveryCode.id)
    )
    return db.session.execute(statement).first() is not None


def left(user: User) -> int:
    """How many are not used."""
    query = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query) or 0


def _made_up() -> str:
    return "-".join(
        "".join(secrets.choice(_ALPHABET) for _position in range(_GROUP_LENGTH))
        for _number in range(_GROUPS)
    )


def _hash(user: User, typed: str) -> bytes:
    """Of the letters alone: how they were grouped, and in which case, does not matter."""
    return keyed_hash("recovery code", str(user.id), "".join(filter(str.isalnum, typed.lower())))
