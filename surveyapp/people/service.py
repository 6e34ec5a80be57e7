"""Accounts: adding people, their passwords, taking their access away. The service commits."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask import current_app
from flask_security.changeable import admin_change_password
from flask_security.utils import hash_password
from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.errors import BadName, BadPassword, LastAdministrator, NameTaken, UnknownUser
from surveyapp.people.models import ALL, AccountLink, ApiToken, Device, Grant, Role, SignIn, User
from surveyapp.people.passwords import made_up_password
from surveyapp.people.rights import OF_ROLE, Right, RoleName, roles_with

#: letters of any script, digits, and the signs that names of accounts usually have
_NAME = re.compile(r"[^\W_][\w.@-]{0,62}[^\W_]")
FIRST_ADMINISTRATOR = "administrator"
#: of the first account, which is alone: who answers for the data may give the second one away
FIRST_ROLES = (RoleName.ADMINISTRATOR, RoleName.DATA_STEWARD)


@dataclass(frozen=True, slots=True)
class NewPassword:
    """Whose password it is, and the password itself: shown once, kept nowhere."""

    name: str
    password: str


def canonical_name(name: str) -> str:
    """A user name as it is kept: NFC, in lower case, without spaces around it."""
    return unicodedata.normalize("NFC", name).strip().lower()


def is_name(name: str) -> bool:
    """Whether an account may have this name."""
    return _NAME.fullmatch(canonical_name(name)) is not None


def find_user(name: str) -> User | None:
    """The account of this name, active or not."""
    if not is_name(name):
        return None
    return db.session.scalars(select(User).filter_by(username=canonical_name(name))).one_or_none()


def users() -> list[User]:
    """Every account by name, with roles and tokens."""
    query = select(User).options(selectinload(User.tokens)).order_by(User.username)
    return list(db.session.scalars(query))


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    """The names of some accounts by their ids, in one query."""
    query = select(User.id, User.username).where(User.id.in_(user_ids))
    return {row[0]: row[1] for row in db.session.execute(query)}


def add_user(name: str, roles: Sequence[RoleName], password: str | None = None) -> str:
    """Make an account and return its name; without a password, nobody can sign in by one. Commits.

    Raises `BadName`, `BadPassword` and `NameTaken`.
    """
    user = begin_user(name, [Grant(role=role_named(role)) for role in roles], password)
    db.session.commit()
    return user.username


def begin_user(name: str, grants: list[Grant], password: str | None = None) -> User:
    """The same with any grants, flushed; the caller commits."""
    known = canonical_name(name)
    if not is_name(known):
        raise BadName(name)
    user = User(username=known, fs_uniquifier=uuid.uuid4().hex)
    if password is not None:
        user.password = hash_password(accepted(password, user))
    user.grants = grants
    db.session.add(user)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise NameTaken(known) from None
    audit.record(audit.Action.USER_ADDED, known, _granted(grants))
    return user


def _granted(grants: list[Grant]) -> dict[str, audit.Detail]:
    """What somebody begins with, for the log."""
    details: dict[str, audit.Detail] = {"roles": [grant.role.name for grant in grants]}
    for key in ("questionnaire", "region"):
        if named := sorted({getattr(grant, key) for grant in grants} - {ALL}):
            details[key] = named
    return details


def set_password(name: str, password: str | None = None) -> NewPassword:
    """Give somebody a new password (without one: made up); their sessions end.

    Raises `UnknownUser` and `BadPassword`.
    """
    user = known_user(name)
    chosen = accepted(password or made_up_password(), user)
    admin_change_password(user, chosen, notify=False)
    db.session.commit()
    return NewPassword(user.username, chosen)


def deactivate(name: str) -> None:
    """Take somebody's access away: no sign-in, sessions ended, tokens, links and devices revoked.

    Raises `UnknownUser` and `LastAdministrator`.
    """
    user = known_user(name)
    user.active = False
    if any(Right.PEOPLE in OF_ROLE[grant.role.name] for grant in user.grants):
        keep_somebody_for_people()
    user.collect_password_sealed = None
    for held in (Device, ApiToken):
        theirs = update(held).where(held.user_id == user.id, held.revoked_at.is_(None))
        db.session.execute(theirs.values(revoked_at=utc_now()))
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    unused = (AccountLink.user_id == user.id, AccountLink.used_at.is_(None))
    db.session.execute(delete(AccountLink).where(*unused))
    user.fs_uniquifier = uuid.uuid4().hex
    audit.record(audit.Action.USER_DEACTIVATED, user.username)
    db.session.commit()


def activate(name: str) -> None:
    """Give somebody their account back, with the roles and the password they had; commits.

    Tokens and devices stay revoked. Raises `UnknownUser`.
    """
    user = known_user(name)
    if not user.active:
        user.active = True
        audit.record(audit.Action.USER_ACTIVATED, user.username)
    db.session.commit()


def ensure_first_administrator() -> tuple[str, str] | None:
    """Make the first account of an installation; None when there are accounts already.

    Two servers that start at once make one: the name is unique.
    """
    if db.session.scalar(select(exists().where(User.id.is_not(None)))):
        return None
    password = made_up_password()
    try:
        return add_user(FIRST_ADMINISTRATOR, FIRST_ROLES, password), password
    except NameTaken:
        return None


def known_user(name: str) -> User:
    """The account of this name. Raises `UnknownUser`."""
    user = find_user(name)
    if user is None:
        raise UnknownUser(name)
    return user


def accepted(password: str, user: User) -> str:
    """The password, normalised. Raises `BadPassword` with the reasons in the reader's language."""
    util = current_app.extensions["security"].password_util
    problems, normalised = util.validate(password, False, user=user)
    if problems:
        raise BadPassword(*problems)
    return str(normalised)


def keep_somebody_for_people() -> None:
    """Refuse a change, rolled back, after which nobody could give anybody rights: `LastAdministrator`.

    Two changes at once are judged one after the other: both lock the roles that give this right.
    """
    giving = roles_with(Right.PEOPLE)
    db.session.execute(select(Role.id).where(Role.name.in_(giving)).with_for_update())
    db.session.flush()
    query = (
        select(User.id)
        .join(Grant, Grant.user_id == User.id)
        .join(Role, Role.id == Grant.role_id)
        .where(User.active.is_(True), Role.name.in_(giving))
        .where(Grant.questionnaire == ALL, Grant.region == ALL)
    )
    if db.session.scalars(query).first() is None:
        db.session.rollback()
        raise LastAdministrator


def role_named(name: RoleName) -> Role:
    """The role's row; insert first, so that two who need it at once share it."""
    try:
        with db.session.begin_nested():
            db.session.execute(insert(Role).values(name=str(name)))
    except IntegrityError:
        pass  # it is there
    return db.session.scalars(select(Role).filter_by(name=str(name))).one()
