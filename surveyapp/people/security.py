"""Flask-Security as this product wants it: names instead of e-mail, sessions only, nothing it needs not.

What is switched off matters as much as what is on: no registration, no recovery by e-mail, no tokens of
its own (they would be accepted in the address), no JSON, no files, no “remember me”.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Request, Response, abort, after_this_request, request, session
from flask_login.utils import _user_context_processor
from flask_security.core import Security, UserMixin
from flask_security.datastore import SQLAlchemyUserDatastore
from flask_security.signals import password_changed, user_authenticated

from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.forgery import csrf
from surveyapp.people import audit
from surveyapp.people.access import ANYONE, AccessRule, declare
from surveyapp.people.browsers import remember_browser
from surveyapp.people.models import Role, User
from surveyapp.people.passwords import MIN_LENGTH, OurPasswordUtil
from surveyapp.people.roles import signed_in
from surveyapp.people.second_step import SecondStep, proof
from surveyapp.people.service import canonical_name
from surveyapp.people.session_signals import bind_sessions
from surveyapp.people.sessions import KeyFileSessions
from surveyapp.people.sign_in import NewPasswordForm, SignInForm
from surveyapp.resources import resource_folder

CONFIGURATION: dict[str, Any] = {
    "SECURITY_URL_PREFIX": "/manage",
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_CHANGE_URL": "/password",
    "SECURITY_FRESHNESS": timedelta(minutes=-1),  # no page that asks for the password once more
    "SECURITY_POST_LOGIN_VIEW": "/manage",
    "SECURITY_POST_CHANGE_VIEW": "/manage",
    "SECURITY_POST_LOGOUT_VIEW": "/manage/sign-in",
    "SECURITY_CHANGEABLE": True,
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_LOGOUT_CSRF": True,
    "SECURITY_API_ENABLED_METHODS": ["session"],
    "SECURITY_STATIC_FOLDER": None,
    # it would write `no-store=True`, which is no directive; `security_headers` writes the right one
    "SECURITY_CACHE_CONTROL": None,
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"username": {"mapper": canonical_name}}],
    "SECURITY_JOIN_USER_ROLES": False,  # they come with one query of their own (models)
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
    "SECURITY_PASSWORD_LENGTH_MIN": MIN_LENGTH,
    "SECURITY_PASSWORD_NORMALIZE_FORM": "NFC",
    # the pages of the public ask for no session and so have no token; ours ask in `roles.signed_in`
    "WTF_CSRF_CHECK_DEFAULT": False,
    # a token lasts as long as the session: a form left open over lunch is not lost
    "WTF_CSRF_TIME_LIMIT": None,
    # our Referrer-Policy sends no referrer, and without one this check refuses every form under https
    "WTF_CSRF_SSL_STRICT": False,
}


def register_security(app: Flask, settings: Settings) -> None:
    """Bind sessions, CSRF protection and Flask-Security; declare the rules of its routes.

    Flask-Security keeps an application's configuration in itself, so each application has its own.
    """
    app.session_interface = KeyFileSessions()
    app.config.update(CONFIGURATION)
    app.config["SECURITY_I18N_DIRNAME"] = [str(resource_folder("translations")), "builtin"]
    app.config["SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS"] = {
        "argon2__memory_cost": settings.password_memory,
        "argon2__rounds": settings.password_rounds,
        "argon2__parallelism": 1,
    }
    if not issubclass(User, UserMixin):
        raise RuntimeError("a process that began without sign-in cannot serve pages")
    csrf.init_app(app)
    security = Security(
        app,
        SQLAlchemyUserDatastore(db, User, Role),
        login_form=SignInForm,
        change_password_form=NewPasswordForm,
        password_util_cls=OurPasswordUtil,
    )
    security.two_factor_plugins = SecondStep()
    _sessions_only(app, security)
    bind_sessions(app, security)
    _declare_rules(app)
    user_authenticated.connect(_note_sign_in, app)
    password_changed.connect(_note_password_change, app)


def _sessions_only(app: Flask, security: Security) -> None:
    """Neither Flask-Security's own tokens nor its JSON answers; and no session where none is asked for.

    Flask-Login and Flask-Principal would read the session for every request and every template, public
    pages included, and so make each of them `Vary: Cookie`. Our rules read it where they need it.
    """
    security.login_manager.request_loader(_nobody)
    security.want_json(_never_json)
    security.principal.identity_loaders.clear()
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)
    app.template_context_processors[None].remove(_user_context_processor)


def _nobody(_request: Request) -> None:
    return None


def _never_json(_request: Request) -> bool:
    return False


def _declare_rules(app: Flask) -> None:
    declare(app, "security.login", _with_form(ANYONE))
    declare(app, "security.logout", _with_form(ANYONE))
    declare(app, "security.change_password", _with_form(signed_in()))


def _with_form(rule: AccessRule) -> AccessRule:
    """The rule, for forms only: Flask-Security takes JSON too, and fails on JSON that is no object."""

    def check() -> None:
        if request.is_json:
            abort(415)
        rule.check()

    return AccessRule(f"{rule.name}, with a form", check)


def _note_sign_in(_app: Flask, user: User, authn_via: list[str], **_more: object) -> None:
    """The view commits. A change of password signs in anew too, which is no sign-in of a person."""
    if authn_via == ["change"]:
        return
    factor = proof(user)
    details: dict[str, audit.Detail] = {"factor": factor} if factor else {}
    audit.record(audit.Action.SIGNED_IN, user.username, details, user_id=user.id)
    session.pop("csrf_token", None)
    if user.language and "language" not in session:
        session["language"] = user.language

    @after_this_request
    def mark(response: Response) -> Response:
        return remember_browser(response, user.username)


def _note_password_change(_app: Flask, user: User, **_more: object) -> None:
    audit.record(audit.Action.PASSWORD_CHANGED, user.username)
