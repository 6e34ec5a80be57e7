"""Between the password and being signed in: whoever has a second factor is asked for it.

Flask-Security's sign-in asks its `TfPlugin` whether to go on; ours leads to `/manage/sign-in/second`.
Until the factor is given nobody is signed in: the session only names who gave the right password, and
when. A session of somebody with a second factor carries the proof that it was given, or it is none.
"""

from __future__ import annotations

import time
from typing import Any

from flask import redirect, request, session, url_for
from flask_security.core import UserMixin
from flask_security.tf_plugin import TfPlugin
from flask_security.utils import login_user, validate_redirect_url
from sqlalchemy import select
from werkzeug.wrappers import Response

from surveyapp.extensions import db
from surveyapp.people.factors import Factor, has_one, must_have_one
from surveyapp.people.models import User

#: seconds that the second step may take
WITHIN = 600
#: seconds for which a password that was given is enough to change what guards the account
FRESH = 600
#: signed in by a one-time link, instead of a password
LINK = "link"
_HALF = "half_signed_in"
_PROOF = "second_factor"
_CONFIRMED = "confirmed_at"


class SecondStep(TfPlugin):
    """What Flask-Security asks after each first factor."""

    def tf_enter(
        self,
        user: UserMixin,
        remember_me: bool | None,
        primary_authn_via: str,
        next_loc: str | None,
    ) -> Response | None:
        """The way to the second step; None: there is none, and the sign-in is done."""
        if not isinstance(user, User):
            return None
        begin(confirmed_at=time.time())
        # a form of ours names its page itself; Flask-Security's sign-in asks the address for it
        page = next_loc if primary_authn_via == LINK else _page_to_go_to()
        return lead_on(user, primary_authn_via, page)


def begin(*, confirmed_at: float) -> None:
    """Somebody has shown a first factor, at this time: what the session knew of others is forgotten."""
    for key in (_HALF, _PROOF):
        session.pop(key, None)
    session[_CONFIRMED] = min(confirmed_at, time.time())


def lead_on(user: User, via: str, page: str | None) -> Response | None:
    """The way to the second step; None: there is none, and the sign-in is done."""
    if not has_one(user):
        return None
    session[_HALF] = {"user": user.fs_uniquifier, "at": time.time(), "via": via, "next": page}
    return redirect(url_for("second_step.ask"))


def _page_to_go_to() -> str | None:
    """The page that was asked for before the sign-in, if it is one of ours."""
    asked = request.form.get("next") or request.args.get("next") or ""
    return asked if asked and validate_redirect_url(asked) else None


def half_signed_in() -> User | None:
    """Who gave the right password in this session a moment ago, and is not signed in yet."""
    half: dict[str, Any] | None = session.get(_HALF)
    if half is None or not 0 <= time.time() - half["at"] <= WITHIN:
        return None
    query = select(User).where(User.fs_uniquifier == half["user"], User.active.is_(True))
    return db.session.scalars(query).one_or_none()


def complete(user: User, factor: Factor) -> str:
    """Sign somebody in who gave the second factor too; the address to go on to. Commits."""
    half = session.pop(_HALF)
    prove(user, factor)
    login_user(user, remember=False, authn_via=[half["via"], str(factor)])
    db.session.commit()
    return str(half["next"] or "/manage")


def prove(user: User, factor: Factor) -> None:
    """This session has seen a second factor of this person."""
    session[_PROOF] = {"user": user.id, "by": str(factor)}


def proof(user: User) -> str | None:
    """By what the second factor was given in this session; None: it was not."""
    kept: dict[str, Any] = session.get(_PROOF, {})
    return str(kept["by"]) if kept.get("user") == user.id else None


def is_due(user: User) -> bool:
    """Whether somebody must set up a second factor before anything else."""
    return not has_one(user) and must_have_one(user) and proof(user) is None


def confirm() -> None:
    """The password was given once more in this session."""
    session[_CONFIRMED] = time.time()


def is_fresh() -> bool:
    """Whether the first factor was shown a moment ago: at the sign-in, or when asked once more.

    Of single sign-on it counts when they signed in there, not when they were led back here.
    """
    return bool(time.time() - session.get(_CONFIRMED, 0.0) <= FRESH)
