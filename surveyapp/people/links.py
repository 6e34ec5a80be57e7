"""One-time links: by one somebody chooses a password, for a new account or in place of one forgotten.

Looking at a link changes nothing, so that a messenger's preview does not use it up. Whoever brings it
and a password that is good enough has the account. There is one link for an account at a time, it is
shown once, and what is kept of it is a keyed hash.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask_security.utils import hash_password
from sqlalchemy import delete, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit, sessions
from surveyapp.people.attempts import Limit, claim
from surveyapp.people.errors import BadLink, Deactivated, NotForOneself
from surveyapp.people.keys import keyed_hash
from surveyapp.people.models import AccountLink, User
from surveyapp.people.service import accepted, known_user

LIFE = timedelta(hours=72)
#: how long it is told that somebody else had a password reset
TOLD = timedelta(days=14)
#: links are not guessed; what is limited is trying. A whole office may share its address
TRYING = Limit("account link: address", 60, timedelta(minutes=15))
#: longer than any of ours
_LONGEST = 100


class Purpose(StrEnum):
    """What a link is for."""

    #: nobody has been in the account yet
    INVITATION = "invitation"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class NewLink:
    """Whose link it is, and the word in it: shown once, kept nowhere."""

    name: str
    purpose: Purpose
    word: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Reset:
    """That somebody's password was reset, or may be."""

    #: who made the link; None: on the command line
    by: str | None
    #: when it was used, else made
    at: datetime
    used: bool


def make(name: str, *, made_by: int | None = None) -> NewLink:
    """Make a link for somebody, in place of one that was not used; commits.

    `made_by`: the account that asks for it; None on the command line. Raises `UnknownUser`,
    `Deactivated`, and `NotForOneself`: one's own password is changed by showing the one before.
    """
    user = known_user(name)
    if user.id == made_by:
        raise NotForOneself
    if not user.active:
        raise Deactivated(user.username)
    made = add_link(user, made_by)
    db.session.commit()
    return made


def add_link(user: User, made_by: int | None) -> NewLink:
    """The same for an account that is there or just made; the caller commits."""
    # somebody who signs in by other means than a password must be told too
    purpose = Purpose.RESET if user.password or user.seen_at else Purpose.INVITATION
    word = secrets.token_urlsafe(32)
    expires_at = utc_now() + LIFE
    forget_unused(user.id)
    db.session.add(
        AccountLink(
            user_id=user.id,
            purpose=purpose,
            token_hash=_hash(word),
            made_by=made_by,
            expires_at=expires_at,
        )
    )
    roles = sorted({grant.role.name for grant in user.grants})
    details: dict[str, audit.Detail] = {"link": str(purpose), "roles": roles}
    audit.record(audit.Action.LINK_MADE, user.username, details)
    return NewLink(user.username, purpose, word, expires_at)


def forget_unused(user_id: int) -> None:
    """Let the link of an account be good no more; the caller commits."""
    theirs = (AccountLink.user_id == user_id, AccountLink.used_at.is_(None))
    db.session.execute(delete(AccountLink).where(*theirs))


def look_at(word: str, place: str) -> str:
    """Whose link it is, by name; nothing is used up. Commits.

    Raises `BadLink` and `attempts.TooManyAttempts`; `place` is where attempts are counted.
    """
    attempt = claim([(TRYING, place)])
    name = _find(word).username
    db.session.rollback()  # on SQLite a reading transaction cannot always begin to write
    attempt.forgive()
    return name


def use(word: str, password: str, place: str) -> User:
    """Give the account this password and use the link up: former sessions end. Commits.

    Raises `BadLink`, `BadPassword` (the link stays good) and `attempts.TooManyAttempts`.
    """
    attempt = claim([(TRYING, place)])
    user = _find(word)
    attempt.forgive()
    chosen = hash_password(accepted(password, user))
    _use_up(word)
    user.password = chosen
    user.fs_uniquifier = uuid.uuid4().hex
    sessions.end_all(user.id)
    audit.record(audit.Action.LINK_USED, user.username, user_id=user.id)
    db.session.commit()
    return user


def waiting_link(user_id: int) -> AccountLink | None:
    """The link of an account that is still good, if there is one."""
    query = select(AccountLink).where(AccountLink.user_id == user_id, AccountLink.used_at.is_(None))
    return db.session.scalars(query.where(AccountLink.expires_at > utc_now())).one_or_none()


def last_reset(user_id: int) -> Reset | None:
    """The last time that a link to reset somebody's password was made, if it may matter to them.

    One that was never used and is over does not.
    """
    matters = AccountLink.used_at.is_not(None) | (AccountLink.expires_at > utc_now())
    query = (
        select(AccountLink.used_at, AccountLink.made_at, User.username)
        .outerjoin(User, User.id == AccountLink.made_by)
        .where(AccountLink.user_id == user_id, AccountLink.purpose == Purpose.RESET, matters)
        .order_by(AccountLink.id.desc())
        .limit(1)
    )
    row = db.session.execute(query).one_or_none()
    return row and Reset(row.username, row.used_at or row.made_at, row.used_at is not None)


def clean(now: datetime) -> int:
    """Delete links that were never used and are over; how many. Used ones tell of a reset. Commits."""
    over = (AccountLink.used_at.is_(None), AccountLink.expires_at < now)
    gone = db.session.execute(delete(AccountLink).where(*over).returning(AccountLink.id)).all()
    db.session.commit()
    return len(gone)


def _find(word: str) -> User:
    """Whose link it is. Looked up by its keyed hash, so that nothing of it can be told by the time."""
    if not word.isascii() or len(word) > _LONGEST:
        raise BadLink
    query = (
        select(User)
        .join(AccountLink, AccountLink.user_id == User.id)
        .where(AccountLink.token_hash == _hash(word), AccountLink.used_at.is_(None))
        .where(AccountLink.expires_at > utc_now(), User.active.is_(True))
    )
    found = db.session.scalars(query).one_or_none()
    if found is None:
        db.session.rollback()
        raise BadLink
    return found


def _use_up(word: str) -> None:
    """Of any number that bring one link at once, one gets through. Raises `BadLink`."""
    unused = (AccountLink.token_hash == _hash(word), AccountLink.used_at.is_(None))
    statement = update(AccountLink).where(*unused).values(used_at=utc_now())
    if db.session.execute(statement.returning(AccountLink.id)).one_or_none() is None:
        db.session.rollback()
        raise BadLink


def _hash(word: str) -> bytes:
    return keyed_hash("account link", word)
