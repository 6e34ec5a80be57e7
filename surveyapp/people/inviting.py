"""Inviting somebody: an account without a password, and the link by which they choose one."""

from __future__ import annotations

from collections.abc import Sequence

from surveyapp.extensions import db
from surveyapp.people import links
from surveyapp.people.granting import new_grant
from surveyapp.people.rights import Place, RoleName
from surveyapp.people.service import begin_user


def invite(name: str, roles: Sequence[RoleName], place: Place, made_by: int | None) -> links.NewLink:
    """Make the account, its roles for one place, and its link, or nothing; commits.

    Raises `BadName`, `BadGrant` and `NameTaken`.
    """
    user = begin_user(name, [new_grant(role, place) for role in roles])
    made = links.add_link(user, made_by)
    db.session.commit()
    return made
