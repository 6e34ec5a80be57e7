"""What a sign-in, a sign-out and a new password do to the rows of sessions, and what is told then."""

from __future__ import annotations

from flask import Flask, flash
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import user_logged_out
from flask_security.core import Security
from flask_security.signals import password_changed, user_authenticated

from surveyapp.database import utc_now
from surveyapp.i18n import LANGUAGES, current_language
from surveyapp.people import links, sessions
from surveyapp.people.models import User
from surveyapp.wiring import settings_of

#: sign-ins of the program itself, after somebody chose a password
_CHOSEN = ({"change"}, {"link"})


def bind_sessions(app: Flask, security: Security) -> None:
    """Let each sign-in, by whatever means, make a row, and each request ask for it."""
    security.login_manager.user_loader(sessions.load_user)
    user_authenticated.connect(_begin, app)
    user_logged_out.connect(_end, app)
    password_changed.connect(_end_others, app)


def _begin(_app: Flask, user: User, authn_via: list[str] | None = None, **_more: object) -> None:
    """Whoever signed in commits."""
    sessions.begin(user)
    if set(authn_via or ()) not in _CHOSEN:
        _tell_of_reset(user)


def _tell_of_reset(user: User) -> None:
    """At each sign-in for a while, not once: whoever used the link would else be the one to be told."""
    reset = links.last_reset(user.id)
    if reset is None or utc_now() - reset.at > links.TOLD:
        return
    with force_locale(user.language if user.language in LANGUAGES else current_language()):
        _flash(reset)


def _flash(reset: links.Reset) -> None:
    told = {
        "name": reset.by or _("somebody at the server"),
        "time": f"{reset.at.astimezone(settings_of().timezone):%Y-%m-%d %H:%M}",
    }
    if reset.used:
        flash(_("Your password was reset on %(time)s by a link. Made by: %(name)s", **told), "error")
    else:
        flash(
            _(
                "A link to reset your password was made on %(time)s and is not used yet. "
                "Made by: %(name)s",
                **told,
            ),
            "error",
        )


def _end(_app: Flask, **_more: object) -> None:
    sessions.sign_out()


def _end_others(_app: Flask, user: User, **_more: object) -> None:
    """Whoever changed the password commits."""
    sessions.end_all(user.id, but_present=True)
    links.forget_unused(user.id)
