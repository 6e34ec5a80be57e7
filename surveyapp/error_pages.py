"""What a person sees when something went wrong: in their language, with what can be done."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException, TooManyRequests

from surveyapp.config import Settings
from surveyapp.i18n import LANGUAGES

#: status → heading, advice
WORDS: dict[int, tuple[LazyString, LazyString]] = {
    400: (
        _l("This could not be understood"),
        _l("Please go back and try again. Nothing that was saved before is lost."),
    ),
    403: (
        _l("This page is not open to you"),
        _l("It may need an account, or it was opened from another site."),
    ),
    404: (
        _l("There is no such page"),
        _l("The address may be mistyped, or the survey may be closed."),
    ),
    405: (
        _l("This could not be understood"),
        _l("Please go back and try again. Nothing that was saved before is lost."),
    ),
    413: (
        _l("That was too large"),
        _l("Please go back and choose a smaller file. Nothing that was saved before is lost."),
    ),
    429: (
        _l("Too many attempts"),
        _l("Please wait a little and try again. Nothing that was saved before is lost."),
    ),
    500: (
        _l("Something went wrong on our side"),
        _l("Please go back and try again in a few minutes. Nothing that was saved before is lost."),
    ),
    503: (
        _l("Something went wrong on our side"),
        _l("Please go back and try again in a few minutes. Nothing that was saved before is lost."),
    ),
}
#: other advice for whoever works here
WORDS_OF_STAFF: dict[int, LazyString] = {
    403: _l("Your roles do not allow it. An administrator can give you one that does."),
    404: _l("The address may be mistyped, or what was here is gone."),
}
STAFF = "/manage"
#: these speak to programs, in their own formats
MACHINES = ("/api/", "/openrosa/", "/healthz", "/readyz", "/static/")


def register_error_pages(app: Flask, _settings: Settings) -> None:
    """Answer errors with a page, except where a program asked."""
    for status in WORDS:
        app.register_error_handler(status, show_error)


def show_error(error: HTTPException) -> ResponseReturnValue:
    """The page of an error; its own headers (`Retry-After`, `Allow`) stay."""
    if request.path.startswith(MACHINES):
        return _for_machines(error)
    _speak_the_language_of_the_address()
    status = error.code or 500
    response = make_response(_page(status, _waiting_time(error)), status)
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _page(status: int, wait: str) -> str:
    heading, advice = WORDS[status]
    is_staff = f"{request.path}/".startswith(f"{STAFF}/")
    if is_staff and status < 500:
        advice = WORDS_OF_STAFF.get(status, advice)
        return render_template("security/refused.html", title=heading, advice=advice, wait=wait)
    home = STAFF if is_staff else None
    return render_template("error.html", heading=heading, advice=advice, wait=wait, home=home)


def _for_machines(error: HTTPException) -> ResponseReturnValue:
    """As the one handler for all other errors answers it: Flask asks handlers of a status first."""
    handler = current_app.error_handler_spec[None][None].get(HTTPException)
    return cast(ResponseReturnValue, current_app.ensure_sync(handler)(error) if handler else error)


def _speak_the_language_of_the_address() -> None:
    first = request.path.split("/", 2)[1]
    if first in LANGUAGES:
        g.language = first


def _waiting_time(error: HTTPException) -> str:
    if not isinstance(error, TooManyRequests) or not isinstance(error.retry_after, int):
        return ""
    return str(_("Minutes to wait: %(minutes)s", minutes=-(-error.retry_after // 60)))
