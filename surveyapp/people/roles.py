"""Roles, what each may do, and the access rule of pages behind the sign-in."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from flask import abort, redirect, request, session, url_for
from flask_login import current_user
from flask_security.utils import logout_user

from surveyapp.extensions import csrf
from surveyapp.people.access import AccessRule


class RoleName(StrEnum):
    """Who somebody is in the field work."""

    ADMINISTRATOR = "administrator"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    ANALYST = "analyst"
    DATA_STEWARD = "data_steward"
    SAFEGUARDING_OFFICER = "safeguarding_officer"
    INTERVIEWER = "interviewer"


#: role → the roles whose pages it opens; least privilege: nobody inherits anything by default
OPENS: Mapping[str, frozenset[str]] = {
    role: frozenset(RoleName) if role is RoleName.ADMINISTRATOR else frozenset({role})
    for role in RoleName
}
#: a working day; afterwards the password is asked for again, however busy the session was
SESSION_HOURS = timedelta(hours=12)


def signed_in(role: RoleName | None = None) -> AccessRule:
    """Somebody with an account and this role (without one: any account).

    Whoever is not signed in is led to the sign-in page; another role gets 403. Whatever the page
    changes must come with its CSRF token: the session's cookie alone proves nothing.
    """

    def check() -> None:
        if not has_session():
            abort(redirect(url_for("security.login", next=_came_for())))
        if role is not None and not may_act_as(role):
            abort(403)
        csrf.protect()

    return AccessRule(f"signed in as {role}" if role else "signed in", check)


def may_act_as(role: RoleName) -> bool:
    """Whether the signed-in person may open the pages of a role."""
    return any(role in OPENS.get(held.name, frozenset()) for held in current_user.roles)


def has_session() -> bool:
    """Whether the request carries a session that is still good; one that is too old is ended."""
    if not current_user.is_authenticated:
        return False
    if time.time() - session.get("fs_paa", 0.0) <= SESSION_HOURS.total_seconds():
        return True
    logout_user()
    return False


def _came_for() -> str | None:
    """The page to return to after signing in; a form that was sent cannot be sent again."""
    return request.path if request.method == "GET" else None
