"""Accounts at a provider of single sign-on, and who of our people they are.

An account there is known by (issuer, subject) alone, which the provider promises to give to nobody else.
A name or an e-mail address links nothing: both can be chosen, and change hands.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.errors import BadOutsideAccount, OutsideAccountTaken
from surveyapp.people.models import OutsideAccount, User

#: OpenID Connect Core 2: a subject has 255 letters at most
LONGEST = 255


def person_of(issuer: str, subject: str) -> User | None:
    """The active person whom the provider means."""
    if not _can_be_kept(subject):
        return None
    query = (
        select(User)
        .join(OutsideAccount, OutsideAccount.user_id == User.id)
        .where(OutsideAccount.issuer == issuer, OutsideAccount.subject == subject)
        .where(User.active.is_(True))
    )
    return db.session.scalars(query).one_or_none()


def accounts_of(user: User) -> list[OutsideAccount]:
    """The accounts elsewhere that are linked with somebody, oldest first."""
    query = select(OutsideAccount).filter_by(user_id=user.id).order_by(OutsideAccount.id)
    return list(db.session.scalars(query))


def link(user: User, issuer: str, subject: str) -> None:
    """From now on this account there is this person. Commits.

    Raises `BadOutsideAccount`, and `OutsideAccountTaken` when it is linked already, with whomever.
    """
    if not _can_be_kept(subject):
        raise BadOutsideAccount
    db.session.add(OutsideAccount(user_id=user.id, issuer=issuer, subject=subject))
    audit.record(audit.Action.OUTSIDE_LINKED, user.username)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise OutsideAccountTaken from None


def unlink(user: User) -> int:
    """Nobody comes in as this person by single sign-on any more; how many links there were. Commits."""
    theirs = delete(OutsideAccount).where(OutsideAccount.user_id == user.id)
    number = len(db.session.execute(theirs.returning(OutsideAccount.id)).all())
    if number:
        audit.record(audit.Action.OUTSIDE_UNLINKED, user.username)
    db.session.commit()
    return number


def _can_be_kept(subject: str) -> bool:
    return 0 < len(subject) <= LONGEST and subject.isprintable()
