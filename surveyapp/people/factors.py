"""Second factors of an account: an authenticator app, passkeys, and codes that stand in for them.

Who needs one: whoever sees who is meant by an answer, or gives people their rights. What changes
something commits.
"""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import delete, exists, or_, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit, recovery_codes, totp
from surveyapp.people.errors import LastFactor
from surveyapp.people.models import Passkey, User
from surveyapp.people.rights import Right, reach_of
from surveyapp.people.sealing import opened, seal
from surveyapp.people.service import known_user
from surveyapp.wiring import settings_of

#: rights that are worth a second factor
GUARDED = (Right.READ_IDENTITY, Right.EXPORT_FULL, Right.PEOPLE)
_PURPOSE = "authenticator app"


class Factor(StrEnum):
    """How somebody proved, besides the password, that it is them."""

    APP = "app"
    PASSKEY = "passkey"
    RECOVERY = "recovery"
    #: the provider of single sign-on asked for it
    PROVIDER = "provider"


def has_one(user: User) -> bool:
    """Whether an account has a second factor, which is then asked for at every sign-in."""
    return user.second_factor_at is not None


def must_have_one(user: User) -> bool:
    """Whether the rights of an account want a second factor here, wherever they are held."""
    return settings_of().second_factor and sees_identity(user)


def sees_identity(user: User) -> bool:
    """Whether somebody has, for whatever, one of the rights that are `GUARDED`."""
    held = [(grant.role.name, grant.questionnaire, grant.region) for grant in user.grants]
    return any(reach_of(held, right) for right in GUARDED)


# --- proving --------------------------------------------------------------------------------------


def prove_by_code(user: User, typed: str) -> Factor | None:
    """What a typed code proves, of the app or a recovery code; it is used up. None: nothing."""
    code = "".join(typed.split())
    if totp.is_code(code):
        proof = Factor.APP if _is_of_the_app(user, code) else None
    else:
        proof = Factor.RECOVERY if recovery_codes.use(user, code) else None
    if proof is Factor.RECOVERY:
        audit.record(audit.Action.RECOVERY_CODE_USED, user.username, user_id=user.id)
    db.session.commit()
    return proof


def _is_of_the_app(user: User, code: str) -> bool:
    """Whether the app shows this code about now, and neither it nor a later one was used."""
    secret = opened(_PURPOSE, _owner(user), user.totp_sealed) if user.totp_sealed else None
    counter = totp.matching_counter(secret, code, utc_now()) if secret else None
    if counter is None:
        return False
    first = (
        update(User)
        .where(User.id == user.id, or_(User.totp_counter.is_(None), User.totp_counter < counter))
        .values(totp_counter=counter)
        .returning(User.id)
    )
    return db.session.execute(first).first() is not None


# --- having ---------------------------------------------------------------------------------------


def add_app(user: User, secret: bytes, typed: str) -> list[str] | None:
    """Make an app somebody's, instead of a former one, if the code is one that it shows now.

    The new recovery codes if there were none, else an empty list; None: the code is wrong.
    """
    counter = totp.matching_counter(secret, "".join(typed.split()), utc_now())
    if counter is None:
        return None
    user.totp_sealed = seal(_PURPOSE, _owner(user), secret)
    user.totp_counter = counter
    return note_added(user, Factor.APP)


def note_added(user: User, factor: Factor) -> list[str]:
    """There is one more factor; the recovery codes that come with the first one. Commits."""
    is_first = not has_one(user)
    user.second_factor_at = user.second_factor_at or utc_now()
    codes = recovery_codes.make(user) if is_first else []
    audit.record(audit.Action.FACTOR_ADDED, user.username, {"factor": str(factor)})
    db.session.commit()
    return codes


def new_codes(user: User) -> list[str]:
    """New recovery codes instead of all former ones."""
    codes = recovery_codes.make(user)
    audit.record(audit.Action.RECOVERY_CODES_MADE, user.username)
    db.session.commit()
    return codes


def passkeys(user: User) -> list[Passkey]:
    """Somebody's passkeys, oldest first."""
    return list(db.session.scalars(select(Passkey).filter_by(user_id=user.id).order_by(Passkey.id)))


# --- removing -------------------------------------------------------------------------------------


def remove_app(user: User) -> None:
    """Take the app from an account. Raises `LastFactor` if it needs one and has no other."""
    user.totp_sealed = None
    _note_removed(user, Factor.APP)


def remove_passkey(user: User, number: int) -> bool:
    """Take one of their own passkeys from somebody; whether it was there. Raises `LastFactor`."""
    theirs = delete(Passkey).where(Passkey.id == number, Passkey.user_id == user.id)
    if db.session.execute(theirs.returning(Passkey.id)).first() is None:
        return False
    _note_removed(user, Factor.PASSKEY)
    return True


def _note_removed(user: User, factor: Factor) -> None:
    db.session.flush()
    if user.totp_sealed is None and not db.session.scalar(
        select(exists().where(Passkey.user_id == user.id))
    ):
        if must_have_one(user):
            db.session.rollback()
            raise LastFactor
        _clear(user)
    audit.record(audit.Action.FACTOR_REMOVED, user.username, {"factor": str(factor)})
    db.session.commit()


def forget(name: str) -> None:
    """Take every second factor from somebody who has lost it; their sessions end.

    They sign in with the password alone, and set a new one up if they need one. Raises `UnknownUser`.
    """
    user = known_user(name)
    db.session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    _clear(user)
    user.fs_uniquifier = uuid.uuid4().hex
    audit.record(audit.Action.FACTOR_FORGOTTEN, user.username)
    db.session.commit()


def _clear(user: User) -> None:
    user.totp_sealed = user.totp_counter = user.second_factor_at = None
    recovery_codes.drop(user)


def _owner(user: User) -> str:
    return f"user.totp_sealed:{user.id}"
