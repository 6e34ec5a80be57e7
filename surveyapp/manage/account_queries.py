"""Accounts as the pages about people need them; the number of queries does not grow with the rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import lazyload, load_only

from surveyapp.catalogue.models import PublishedVersion
from surveyapp.extensions import db
from surveyapp.manage.presenting import title_of
from surveyapp.manage.queries import PAGE
from surveyapp.people.models import ApiToken, User


def accounts(part_of_name: str, after: int | None) -> tuple[Sequence[User], bool]:
    """A page of accounts by name, with their roles, and whether there are more.

    `after`: the number of the account that the page comes after. Two queries.
    """
    query = select(User).order_by(User.username).limit(PAGE + 1)
    if part_of_name:
        query = query.where(User.username.contains(part_of_name, autoescape=True))
    if after is not None:
        last = select(User.username).where(User.id == after).scalar_subquery()
        query = query.where(User.username > last)
    found = db.session.scalars(query).all()
    return found[:PAGE], len(found) > PAGE


def account(number: int) -> User | None:
    """One account, with its roles."""
    return db.session.get(User, number) if number < 2**31 else None


def tokens_of(user_id: int) -> Sequence[ApiToken]:
    """Somebody's tokens, the newest first; revoked ones are history, which the log keeps."""
    query = select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    alone = query.options(lazyload(ApiToken.user)).order_by(ApiToken.id.desc())
    return db.session.scalars(alone).all()


def titles() -> dict[str, str]:
    """Each questionnaire's id → the title of its newest version, in the reader's language."""
    columns = load_only(
        PublishedVersion.questionnaire_id, PublishedVersion.title, PublishedVersion.default_language
    )
    versions = db.session.scalars(
        select(PublishedVersion).options(columns).order_by(PublishedVersion.serial)
    )
    return {each.questionnaire_id: title_of(each) or each.questionnaire_id for each in versions}
