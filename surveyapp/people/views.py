"""What every page under /manage needs: its language, and what it says when something is refused."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, Flask, abort, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from surveyapp.config import Settings
from surveyapp.error_pages import show_error
from surveyapp.extensions import db
from surveyapp.forgery import csrf
from surveyapp.i18n import LANGUAGES
from surveyapp.people.access import AccessRule, allow
from surveyapp.people.attempts import TooManyAttempts

blueprint = Blueprint("people", __name__)
WITH_TOKEN = AccessRule("anyone, with a CSRF token", csrf.protect)


@blueprint.post("/manage/language")
@allow(WITH_TOKEN)
def choose_language() -> ResponseReturnValue:
    """Speak another language from now on: for this session, and for this person's next ones."""
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(HTTPStatus.BAD_REQUEST)
    session["language"] = language
    if current_user.is_authenticated:
        current_user.language = language
        db.session.commit()
    return redirect(own_page(request.form.get("page", "")), HTTPStatus.SEE_OTHER)


def own_page(address: str) -> str:
    """The page to return to; whatever is not plainly one of /manage leads to /manage itself."""
    parts = urlsplit(address)
    plain = address.isascii() and address.isprintable() and "\\" not in address
    ours = parts.path == "/manage" or parts.path.startswith("/manage/")
    return address if plain and ours and not (parts.scheme or parts.netloc) else "/manage"


def refused(
    status: HTTPStatus, title: str, advice: str, headers: dict[str, str] | None = None
) -> ResponseReturnValue:
    """A page that says what was refused and what to do next."""
    page = render_template("security/refused.html", title=title, advice=advice)
    return page, status, headers or {}


def _bad_token(error: CSRFError) -> ResponseReturnValue:
    if not _behind_sign_in():
        return show_error(error)
    return refused(
        HTTPStatus.BAD_REQUEST,
        _("This form is out of date"),
        _("Nothing was changed. Open the page again and send the form once more."),
    )


def _too_many(error: TooManyAttempts) -> ResponseReturnValue:
    if not _behind_sign_in():
        return show_error(error)
    return refused(
        HTTPStatus.TOO_MANY_REQUESTS,
        _("Too many attempts"),
        _("For safety, wait %(minutes)s min and try again.", minutes=error.minutes),
        {"Retry-After": str(error.retry_after)},
    )


def _behind_sign_in() -> bool:
    return request.path.startswith("/manage")


def register_people(app: Flask, _settings: Settings) -> None:
    """Serve the language switch; say in the reader's language what was refused."""
    app.register_blueprint(blueprint)
    app.register_error_handler(CSRFError, _bad_token)
    app.register_error_handler(TooManyAttempts, _too_many)
