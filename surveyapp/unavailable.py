"""What cannot be served at present: the database does not answer. The sender is told to come again.

Whoever asked gets it in his own format: a page, a problem document, an `OpenRosaResponse`.
"""

from __future__ import annotations

import logging

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import ServiceUnavailable

from surveyapp.config import Settings
from surveyapp.logs import route_of

logger = logging.getLogger(__name__)

#: seconds after which it may be tried again
RETRY_AFTER = 30


def register_unavailable(app: Flask, _settings: Settings) -> None:
    """Answer for a database that is not there, stops, is full, or has no connection left."""
    for kind in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(kind, _come_again)


def _come_again(error: Exception) -> ResponseReturnValue:
    # one line, for there will be many
    logger.error("%s %s: the database fails: %s", request.method, route_of(request), _kind_of(error))
    return current_app.handle_http_exception(ServiceUnavailable(retry_after=RETRY_AFTER))


def _kind_of(error: Exception) -> str:
    """The kind of error, never its words: they may quote what was asked."""
    inner = getattr(error, "orig", None) or error
    code = getattr(inner, "sqlite_errorname", None) or getattr(inner, "sqlstate", None) or ""
    return f"{type(inner).__qualname__} {code}".strip()
