"""Reads to its end what a refused request still sends.

A server that answers before it has read the whole body and then closes makes the proxy in front of it
see a broken connection: the phone would get “502” instead of “too large”, in nobody's language.
"""

from __future__ import annotations

import socket
from contextlib import suppress

from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import BadRequest

from surveyapp.config import Settings

_CHUNK = 64 * 1024
#: seconds without a byte after which nobody is sending any more
_SILENCE = 2.0
#: how many times the largest request is read and thrown away before the connection is given up
_PATIENCE = 4


def register_draining(app: Flask, settings: Settings) -> None:
    """Drain the body of every request that ends in an error; an unreadable body is one too."""
    app.register_error_handler(ParseException, _unreadable)

    @app.after_request
    def drain(response: Response) -> Response:
        if response.status_code >= 400 and request.method not in {"GET", "HEAD", "OPTIONS"}:
            _throw_away(settings.max_request_bytes * _PATIENCE)
        return response


def _unreadable(_error: ParseException) -> ResponseReturnValue:
    """A body in pieces (`Transfer-Encoding: chunked`) that are not as long as they say."""
    return current_app.handle_http_exception(BadRequest())


def _throw_away(most: int) -> None:
    """Read what is still sent; from somebody who has gone, hang up, so that gunicorn does not linger."""
    if not request.environ.get("wsgi.input_terminated"):
        return  # a server whose stream does not end with the body: reading on would wait for ever
    stream, line = request.environ["wsgi.input"], request.environ.get("gunicorn.socket")
    left = most
    try:
        if line:
            line.settimeout(_SILENCE)
        while left > 0 and (chunk := stream.read(min(_CHUNK, left))):
            left -= len(chunk)
    except ParseException:
        return  # its pieces do not say how long they are
    except OSError:
        with suppress(OSError):
            _hang_up(line)


def _hang_up(line: socket.socket | None) -> None:
    if line:
        line.shutdown(socket.SHUT_RD)
