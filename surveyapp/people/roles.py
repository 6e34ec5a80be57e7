"""The rule of pages behind the sign-in: who is signed in, and which right a page wants."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeAlias

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask_login import current_user
from flask_security.utils import logout_user

from surveyapp.forgery import csrf
from surveyapp.people import factors, second_step, sessions
from surveyapp.people.access import AccessRule
from surveyapp.people.rights import Reach, Right, reach_of
from surveyapp.people.sessions import SESSION_HOURS

#: whether a reach covers what an argument of an address names
Covering: TypeAlias = Callable[[Reach, Any], bool]
_EXTENSION = "surveyapp-covering"


def signed_in() -> AccessRule:
    """Somebody with an account, whatever the roles.

    Whoever is not signed in is led to the sign-in page; whoever must have a second factor and has none,
    to where one is set up. Whatever the page changes must come with its CSRF token: the session's cookie
    alone proves nothing.
    """
    return AccessRule("signed in", _check_session)


def setting_up(*, lately: bool = False) -> AccessRule:
    """As `signed_in`, but open to those who must set up a second factor first.

    `lately`: whoever gave the password longer ago than `second_step.FRESH` is asked for it once more.
    """

    def check() -> None:
        _check_sign_in()
        if lately and not second_step.is_fresh():
            page = _came_for() or url_for("factors.overview")
            abort(redirect(url_for("second_step.confirm", next=page), HTTPStatus.SEE_OTHER))

    return AccessRule("signed in, a second factor or not", check)


def needs(right: Right) -> AccessRule:
    """Somebody who is signed in (as `signed_in`) and has a right; others get 403.

    Of a page about one thing (`covering`), the right must reach that thing.
    """

    def check() -> None:
        _check_session()
        reach = my_reach(right)
        if not reach or not _covers_all(reach):
            abort(403)

    return AccessRule(f"right to {right}", check)


def covering(app: Flask, argument: str, covers: Covering) -> None:
    """Say what an argument of addresses names: `needs` asks `covers` of every page that has it."""
    app.extensions.setdefault(_EXTENSION, {})[argument] = covers


def my_reach(right: Right) -> Reach:
    """Where the signed-in person has a right; nowhere for anybody else."""
    if not has_session():
        return Reach()
    held = [(grant.role.name, grant.questionnaire, grant.region) for grant in current_user.grants]
    return reach_of(held, right)


def has_session() -> bool:
    """Whether the request carries a session that is still good; one that is too old, or has
    not seen the second factor, is ended."""
    if not current_user.is_authenticated:
        return False
    young = time.time() - session.get("fs_paa", 0.0) <= SESSION_HOURS.total_seconds()
    # a session from before the second factor was set up: it has not seen it
    if young and (not factors.has_one(current_user) or second_step.proof(current_user)):
        return True
    sessions.forget()
    logout_user()
    return False


def _check_session() -> None:
    _check_sign_in()
    if second_step.is_due(current_user):
        abort(redirect(url_for("factors.overview"), HTTPStatus.SEE_OTHER))


def _check_sign_in() -> None:
    if not has_session():
        abort(redirect(url_for("security.login", next=_came_for())))
    csrf.protect()


def _covers_all(reach: Reach) -> bool:
    known: dict[str, Covering] = current_app.extensions.get(_EXTENSION, {})
    arguments = (request.view_args or {}).items()
    return all(known[name](reach, value) for name, value in arguments if name in known)


def _came_for() -> str | None:
    """The page to return to after signing in; a form that was sent cannot be sent again."""
    return request.path if request.method == "GET" else None
