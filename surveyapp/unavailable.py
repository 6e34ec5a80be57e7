"""What cannot be served at present: the database fails, or a disk is full. The sender may come again.

Whoever asked gets it in his own format: a page, a problem document, an `OpenRosaResponse`.
"""

from __future__ import annotations

import errno
import logging
from itertools import chain

import psycopg
from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import ServiceUnavailable

from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.logs import route_of

logger = logging.getLogger(__name__)

#: what the kernel says to somebody who wants to write and cannot
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
#: seconds after which it may be tried again
RETRY_AFTER = 30


def register_unavailable(app: Flask, _settings: Settings) -> None:
    """Answer for a database that is not there, stops or is full, and for a disk that is."""
    for kind in (DBAPIError, PoolTimeout):
        app.register_error_handler(kind, _database_fails)
    app.register_error_handler(OSError, _disk_fails)
    app.teardown_appcontext(_end_session)
    app.after_request(_begin_stream)
    _answer_outside_of_views(app)


def _answer_outside_of_views(app: Flask) -> None:
    """Answer the same for what fails where Flask asks no handler: opening a session, after a view.

    What is noted of a device after its request is written then, and a connection can be lost then too.
    """
    otherwise = app.handle_exception

    def handle(error: Exception) -> Response:
        if not is_database_away(error):
            return otherwise(error)
        return app.finalize_request(_database_fails(error), from_error_handler=True)

    app.handle_exception = handle  # type: ignore[method-assign,assignment]  # Flask's own place for it


def _begin_stream(response: Response) -> Response:
    """Have a stream's first piece before the answer begins: after it nobody can be told anything."""
    if not response.is_streamed or response.direct_passthrough:
        return response
    whole = response.response
    pieces = response.iter_encoded()
    response.response = chain([next(pieces, b"")], pieces)
    if hasattr(whole, "close"):
        response.call_on_close(whole.close)
    return response


def is_database_away(error: BaseException) -> bool:
    """Whether the database is not there, has ended the connection, or has no connection to give.

    A connection that was cut, with no word from the server, is a plain `DatabaseError` of the driver's.
    """
    is_lost = isinstance(error, DBAPIError) and (error.connection_invalidated or _is_cut(error.orig))
    return is_lost or isinstance(error, OperationalError | InterfaceError | PoolTimeout)


def _is_cut(error: BaseException | None) -> bool:
    """Whether the driver for PostgreSQL has lost its server: whatever the server says has a code."""
    return type(error) is psycopg.DatabaseError and error.sqlstate is None


def _end_session(_error: BaseException | None) -> None:
    """End the session before Flask-SQLAlchemy does, whose failure would be the whole request's.

    The database took its connection away, and with it whatever was not committed.
    """
    try:
        db.session.remove()
    except SQLAlchemyError as error:
        logger.warning("a session ended without its connection: %s", _kind_of(error))
        db.session.registry.clear()


def _database_fails(error: Exception) -> ResponseReturnValue:
    if not is_database_away(error):
        raise error
    _end_session(error)  # who renders the answer may ask it something
    return _come_again(f"the database fails: {_kind_of(error)}")


def _disk_fails(error: OSError) -> ResponseReturnValue:
    if error.errno not in NO_ROOM:
        raise error
    return _come_again(f"the disk fails: {errno.errorcode[error.errno]}")


def _come_again(why: str) -> ResponseReturnValue:
    # one line, for there will be many
    logger.error("%s %s: %s", request.method, route_of(request), why)
    return current_app.handle_http_exception(ServiceUnavailable(retry_after=RETRY_AFTER))


def _kind_of(error: Exception) -> str:
    """The kind of error, never its words: they may quote what was asked."""
    inner = getattr(error, "orig", None) or error
    code = getattr(inner, "sqlite_errorname", None) or getattr(inner, "sqlstate", None) or ""
    return f"{type(inner).__qualname__} {code}".strip()
