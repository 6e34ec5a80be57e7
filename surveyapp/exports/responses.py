"""An export as what a server answers with: bytes as they are made, or a file that lies ready."""

from __future__ import annotations

import base64
import re

from flask import Response, request
from werkzeug.wsgi import wrap_file

from surveyapp.exports.fetching import OpenedExport
from surveyapp.exports.service import Export

#: bytes that are in memory at once
PIECE = 64 * 1024
_GOES_ON = re.compile(r"bytes=0*[1-9][0-9]*-")


def streamed(made: Export) -> Response:
    """The bytes while they are made: nobody knows how many, and a part of them cannot be asked for."""
    response = Response(made, content_type=made.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=made.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def as_file(opened: OpenedExport) -> Response:
    """A finished file, whole or the part that the request asks for."""
    body = wrap_file(request.environ, opened.content, buffer_size=PIECE)
    response = Response(body, content_type=opened.media_type, direct_passthrough=True)
    response.call_on_close(opened.content.close)
    response.content_length = opened.size
    response.headers.set("Content-Disposition", "attachment", filename=opened.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    # beside the tag, so that whoever has the file can tell that it is whole
    response.headers["Repr-Digest"] = f"sha-256=:{_base64(opened.sha256)}:"
    response.set_etag(opened.sha256)
    response.make_conditional(request, accept_ranges=True, complete_length=opened.size)
    return response


def goes_on() -> bool:
    """Whether the request goes on with a download that broke off, rather than beginning one."""
    return bool(_GOES_ON.match(request.headers.get("Range", "")))


def _base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode("ascii")
