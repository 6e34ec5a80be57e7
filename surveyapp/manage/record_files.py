"""Files of submissions on the pages: which of them all readers see, and their download."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import IO
from uuid import UUID

from flask import Response, abort, request
from werkzeug.wsgi import wrap_file

from surveyapp.catalogue.service import Edition
from surveyapp.extensions import db
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.definition import ATTACHMENT_TYPES, Valued
from surveyapp.submissions import file_access
from surveyapp.submissions.file_access import FileRecord, Reader
from surveyapp.submissions.models import Submission


def plain_hashes(found: Submission, edition: Edition | None, files: Sequence[FileRecord]) -> set[str]:
    """SHA-256 of the files that only questions name whose answers everybody sees who reads at all."""
    if edition is None:
        return set()
    named = [
        (name, item.sensitive or item.identity)
        for _path, item, name in partition.leaves(edition.definition, found.answers, _is_file)
    ]
    plain = {name for name, _guarded in named} - {name for name, guarded in named if guarded}
    hashes = {file.sha256 for file in files if file.sha256 and file.name in plain}
    # the same bytes may have come under another name too
    return hashes - {file.sha256 for file in files if file.name not in plain}


def _is_file(item: Valued) -> bool:
    return item.type in ATTACHMENT_TYPES


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
