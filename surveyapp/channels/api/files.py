"""`/api/v1/submissions/{id}/attachments`: the files of submissions, as downloads."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, request
from flask_smorest import Blueprint
from werkzeug.wsgi import wrap_file

from surveyapp.channels.api import lookup, problems, schemas
from surveyapp.channels.api.callers import SUBMITTER, holder
from surveyapp.channels.api.views import PROBLEM
from surveyapp.files.kinds import UNKNOWN
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.submissions import file_access
from surveyapp.submissions.file_access import OpenedFile, Reader

blueprint = Blueprint(
    "files", __name__, url_prefix="/api/v1/submissions", description="The files of submissions"
)
#: kinds that are said; whatever else it is, no program shall make anything of it by itself
_SAID = re.compile(r"(image/(jpeg|png|gif|webp|heic|avif)|audio/.+|video/.+|application/pdf)")


@blueprint.errorhandler(FileNotFoundError)
def _of_lost_file(_error: FileNotFoundError) -> Response:
    """It was let go between the look and the reading."""
    return problems.problem(HTTPStatus.NOT_FOUND)


@blueprint.errorhandler(OSError)
def _of_silent_store(_error: OSError) -> Response:
    retry = {"Retry-After": str(problems.RETRY_AFTER)}
    return problems.problem(HTTPStatus.SERVICE_UNAVAILABLE, headers=retry)


@blueprint.get("/<uuid:submission_id>/attachments")
@allow(SUBMITTER)
@blueprint.response(200, schemas.FilesSchema)
@blueprint.alt_response(404, description="Not held, or somebody else's", **PROBLEM)
def attachments(submission_id: UUID) -> dict[str, Any]:
    """The files of a submission; a name is empty where it may point at a person."""
    found = file_access.files_of(submission_id, _reader())
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return {"attachments": [asdict(file) for file in found]}


@blueprint.get("/<uuid:submission_id>/attachments/<sha256>")
@allow(SUBMITTER)
@blueprint.doc(
    responses={
        "200": {"description": "The file, without the places in its metadata", "content": {UNKNOWN: {}}},
        "206": {"description": "A part of it (`Range`)"},
        "304": {"description": "Unchanged since the `ETag` sent in `If-None-Match`"},
    }
)
@blueprint.alt_response(404, description="Not held, or somebody else's", **PROBLEM)
@blueprint.alt_response(416, description="No such part", **PROBLEM)
@blueprint.alt_response(503, description="The store does not answer", **PROBLEM)
def attachment(submission_id: UUID, sha256: str) -> Response:
    """One file, by the SHA-256 that it was sent with; its sender and administrators get it."""
    opened = file_access.open_file(submission_id, sha256.lower(), _reader())
    if opened is None:
        abort(HTTPStatus.NOT_FOUND)
    return _download(opened)


def _reader() -> Reader:
    read, identity, sensitive = (
        lookup.reach(holder(), right)
        for right in (Right.READ, Right.READ_IDENTITY, Right.READ_SENSITIVE)
    )
    return Reader(holder().user_id, holder().device_id, read, identity, sensitive)


def _download(opened: OpenedFile) -> Response:
    kind = opened.kind if _SAID.fullmatch(opened.kind) else UNKNOWN
    body = wrap_file(request.environ, opened.content, buffer_size=64 * 1024)
    response = Response(body, content_type=kind, direct_passthrough=True)
    response.call_on_close(opened.content.close)
    response.content_length = opened.size
    response.headers.set("Content-Disposition", "attachment", filename=opened.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(hashlib.sha256(opened.address.encode()).hexdigest())
    response.make_conditional(request, accept_ranges=True, complete_length=opened.size)
    return response
