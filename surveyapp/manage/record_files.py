"""Files of submissions on the pages: their download."""

from __future__ import annotations

from http import HTTPStatus
from typing import IO
from uuid import UUID

from flask import Response, abort, request
from werkzeug.wsgi import wrap_file

from surveyapp.extensions import db
from surveyapp.submissions import file_access
from surveyapp.submissions.file_access import Reader


def download(submission_id: UUID, sha256: str, reader: Reader) -> Response:
    """A file of a submission, to be kept by the browser; 404: none that this reader may read."""
    db.session.rollback()  # on SQLite an open look would be in the way of what is written down
    opened = file_access.open_file(submission_id, sha256.lower(), reader)
    if opened is None:
        abort(HTTPStatus.NOT_FOUND)
    return as_download(opened.content, opened.size, opened.name)


def as_download(content: IO[bytes], size: int, name: str) -> Response:
    """Bytes as they are, under a name; they are closed once they are sent."""
    response = Response(
        wrap_file(request.environ, content, buffer_size=64 * 1024),
        content_type="application/octet-stream",
        direct_passthrough=True,
    )
    response.call_on_close(content.close)
    response.content_length = size
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
