"""`/api/v1/uploads`: files by tus 1.0 (creation, checksum, termination, expiration), told by SHA-256."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import IO, Any, cast
from uuid import UUID

from flask import Response, request, url_for
from flask_smorest import Blueprint
from werkzeug.exceptions import BadRequest, MethodNotAllowed
from werkzeug.http import http_date

from surveyapp.channels.api import problems
from surveyapp.channels.api.callers import SENDER, holder, limited_by_start
from surveyapp.channels.api.views import PROBLEM
from surveyapp.people.access import ANYONE, allow
from surveyapp.people.ceiling import may_bring_file
from surveyapp.submissions import uploads
from surveyapp.submissions.uploads import Owner, Progress, UploadError
from surveyapp.wiring import settings_of

blueprint = Blueprint(
    "uploads", __name__, url_prefix="/api/v1/uploads", description="Sending files (tus 1.0)"
)

PROTOCOL = "1.0.0"
EXTENSIONS = "creation,checksum,termination,expiration"
BODY_TYPE = "application/offset+octet-stream"
STATUSES: dict[type[UploadError], int] = {
    uploads.UnknownUpload: HTTPStatus.NOT_FOUND,
    uploads.WrongOffset: HTTPStatus.CONFLICT,
    uploads.WrongChecksum: problems.CHECKSUM_MISMATCH,
    uploads.UploadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    uploads.TooManyUploads: HTTPStatus.TOO_MANY_REQUESTS,
}
View = Callable[..., Response]


def _header(
    name: str, description: str, schema: dict[str, Any], *, required: bool = True
) -> dict[str, Any]:
    """A header of tus, as the description tells of it."""
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": schema,
    }


_BYTES: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}
_VERSION = _header("Tus-Resumable", "version of the protocol", {"type": "string", "enum": [PROTOCOL]})
_LENGTH = _header("Upload-Length", "bytes of the file", _BYTES)
_METADATA = _header(
    "Upload-Metadata",
    "`sha256` and, in Base64, the 64 hexadecimal digits of the file's digest",
    {"type": "string", "pattern": "^sha256 [A-Za-z0-9+/]{86}==$"},
)
_OFFSET = _header("Upload-Offset", "at which byte the body begins", _BYTES)
_CHECKSUM = _header(
    "Upload-Checksum",
    "kind and, in Base64, digest of the body",
    {"type": "string", "pattern": "^(sha256 [A-Za-z0-9+/]{43}=|sha1 [A-Za-z0-9+/]{27}=)$"},
    required=False,
)


class BadHeader(Exception):
    """A header that tus wants is missing or wrong; `code`: which, in `problems.DETAILS`."""

    def __init__(self, code: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(code)
        self.code, self.status = code, status


@blueprint.errorhandler(UploadError)
def _of_upload_error(error: UploadError) -> Response:
    status = STATUSES[type(error)]
    retry = {"Retry-After": str(problems.RETRY_AFTER)} if status == HTTPStatus.TOO_MANY_REQUESTS else {}
    return problems.problem(status, headers=retry)


@blueprint.errorhandler(BadHeader)
def _of_bad_header(error: BadHeader) -> Response:
    return problems.problem(error.status, error.code)


@blueprint.errorhandler(OSError)
def _of_full_disk(_error: OSError) -> Response:
    """What was acknowledged before stays; the client sends the rest again."""
    retry = {"Retry-After": str(problems.RETRY_AFTER)}
    return problems.problem(HTTPStatus.INSUFFICIENT_STORAGE, headers=retry)


@blueprint.after_request
def _say_protocol(response: Response) -> Response:
    response.headers["Tus-Resumable"] = PROTOCOL
    return response


def _speaks_tus(view: View) -> View:
    @wraps(view)
    def checked(*arguments: Any, **named: Any) -> Response:
        if request.headers.get("Tus-Resumable") != PROTOCOL:
            versions = {"Tus-Version": PROTOCOL}
            return problems.problem(HTTPStatus.PRECONDITION_FAILED, headers=versions)
        return view(*arguments, **named)

    return checked


@blueprint.route("", methods=["OPTIONS"], endpoint="options")
@allow(ANYONE)
@blueprint.doc(
    responses={"204": {"description": "In headers: version, extensions, largest file"}}, security=[]
)
def options() -> Response:
    """What of tus is spoken here."""
    return Response(
        status=HTTPStatus.NO_CONTENT,
        headers={
            "Tus-Version": PROTOCOL,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(settings_of().max_upload_bytes),
            "Tus-Checksum-Algorithm": ",".join(uploads.CHECKSUMS),
        },
    )


@blueprint.post("")
@allow(SENDER)
@limited_by_start
@blueprint.doc(
    parameters=[_VERSION, _LENGTH, _METADATA],
    responses={"201": {"description": "Begun; whole already if the file is held"}},
)
@blueprint.alt_response(400, description="A header is missing", **PROBLEM)
@blueprint.alt_response(412, description="Not tus 1.0.0", **PROBLEM)
@blueprint.alt_response(413, description="Too large", **PROBLEM)
@blueprint.alt_response(429, description="Too many under way", **PROBLEM)
@blueprint.alt_response(460, description="Wrong digest of a file without bytes", **PROBLEM)
@_speaks_tus
def create() -> Response:
    """Begin an upload: `Upload-Length`, and `Upload-Metadata` with `sha256`.

    When the file is held already, or has no bytes, `Upload-Offset` equals the length and nothing is
    to be sent.
    """
    length = _whole("Upload-Length", "upload_length")
    sha256 = _sha256()
    if holder().is_anybody and not may_bring_file():
        raise uploads.TooManyUploads
    begun = uploads.create(sha256, length, _owner())
    response = _progress(begun, HTTPStatus.CREATED)
    response.headers["Location"] = url_for("uploads.head", upload_id=begun.id)
    return response


@blueprint.route("/<uuid:upload_id>", methods=["HEAD"], endpoint="head")
@allow(SENDER)
@blueprint.doc(
    parameters=[_VERSION], responses={"200": {"description": "`Upload-Offset`: how much is here"}}
)
@blueprint.alt_response(404, description="Unknown, over, or somebody else's")
@blueprint.alt_response(412, description="Not tus 1.0.0")
@_speaks_tus
def head(upload_id: UUID) -> Response:
    """How far an upload is."""
    return _progress(uploads.progress(upload_id, _owner()), HTTPStatus.OK)


@blueprint.patch("/<uuid:upload_id>")
@allow(SENDER)
@limited_by_start
@blueprint.doc(
    parameters=[_VERSION, _OFFSET, _CHECKSUM],
    requestBody={
        "required": True,
        "content": {BODY_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    },
    responses={"204": {"description": "`Upload-Offset`: how much is here now"}},
)
@blueprint.alt_response(400, description="A header is missing", **PROBLEM)
@blueprint.alt_response(412, description="Not tus 1.0.0", **PROBLEM)
@blueprint.alt_response(413, description="More bytes than were announced", **PROBLEM)
@blueprint.alt_response(415, description="Another type of content", **PROBLEM)
@blueprint.alt_response(404, description="Unknown, over, or somebody else's", **PROBLEM)
@blueprint.alt_response(409, description="Another offset", **PROBLEM)
@blueprint.alt_response(429, description="Too much by one start token; see Retry-After", **PROBLEM)
@blueprint.alt_response(460, description="Wrong checksum", **PROBLEM)
@blueprint.alt_response(507, description="The disk is full; send it again later", **PROBLEM)
@_speaks_tus
def append(upload_id: UUID) -> Response:
    """Send bytes from an offset on; what came before the connection broke is kept."""
    return _append(upload_id)


def _append(upload_id: UUID) -> Response:
    if request.mimetype != BODY_TYPE:
        raise BadHeader("upload_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    offset, checksum = _whole("Upload-Offset", "upload_offset"), _checksum()
    request.max_content_length = settings_of().max_upload_bytes
    source = cast(IO[bytes], _Body(request.stream))
    done = uploads.append(upload_id, _owner(), offset, source, checksum)
    return _progress(done, HTTPStatus.NO_CONTENT)


@blueprint.delete("/<uuid:upload_id>")
@allow(SENDER)
@blueprint.doc(parameters=[_VERSION], responses={"204": {"description": "Given up"}})
@blueprint.alt_response(412, description="Not tus 1.0.0", **PROBLEM)
@blueprint.alt_response(404, description="Unknown, over, or somebody else's", **PROBLEM)
@_speaks_tus
def terminate(upload_id: UUID) -> Response:
    """Give an upload up."""
    return _terminate(upload_id)


def _terminate(upload_id: UUID) -> Response:
    uploads.terminate(upload_id, _owner())
    return Response(status=HTTPStatus.NO_CONTENT)


#: what a network may know nothing of, so that tus lets clients ask for it by POST
_OVERRIDDEN: dict[str, Callable[[UUID], Response]] = {"PATCH": _append, "DELETE": _terminate}
_OVERRIDE = _header(
    "X-HTTP-Method-Override", "the method meant", {"type": "string", "enum": list(_OVERRIDDEN)}
)


@blueprint.post("/<uuid:upload_id>", endpoint="override")
@allow(SENDER)
@limited_by_start
@blueprint.doc(
    parameters=[
        _VERSION,
        _OVERRIDE,
        _OFFSET | {"required": False},
        _CHECKSUM,
    ],
    requestBody={"content": {BODY_TYPE: {"schema": {"type": "string", "format": "binary"}}}},
    responses={"204": {"description": "As of the method meant"}},
)
@blueprint.alt_response(400, description="A header is missing", **PROBLEM)
@blueprint.alt_response(404, description="Unknown, over, or somebody else's", **PROBLEM)
@blueprint.alt_response(405, description="No method named, or another", **PROBLEM)
@blueprint.alt_response(409, description="Another offset", **PROBLEM)
@blueprint.alt_response(412, description="Not tus 1.0.0", **PROBLEM)
@blueprint.alt_response(413, description="More bytes than were announced", **PROBLEM)
@blueprint.alt_response(415, description="Another type of content", **PROBLEM)
@blueprint.alt_response(429, description="Too much by one start token; see Retry-After", **PROBLEM)
@blueprint.alt_response(460, description="Wrong checksum", **PROBLEM)
@blueprint.alt_response(507, description="The disk is full; send it again later", **PROBLEM)
@_speaks_tus
def override(upload_id: UUID) -> Response:
    """What `X-HTTP-Method-Override` names, where a network lets no `PATCH` or `DELETE` pass."""
    meant = _OVERRIDDEN.get(request.headers.get("X-HTTP-Method-Override", "").upper())
    if meant is None:
        raise MethodNotAllowed(valid_methods=["HEAD", *_OVERRIDDEN])
    return meant(upload_id)


class _Body:
    """A request's body; a connection that broke is an EOFError, as `uploads.append` wants it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except BadRequest:  # werkzeug's ClientDisconnected
            raise EOFError from None


def _owner() -> Owner:
    start = holder().start
    return Owner(holder().user_id, holder().device_id, start.number if start else None)


def _progress(found: Progress, status: int) -> Response:
    response = Response(status=status)
    response.headers["Upload-Offset"] = str(found.offset)
    response.headers["Upload-Length"] = str(found.size)
    response.headers["Upload-Expires"] = http_date(found.expires_at)
    return response


def _whole(header: str, code: str) -> int:
    value = request.headers.get(header, "")
    if not re.fullmatch("[0-9]{1,15}", value):
        raise BadHeader(code)
    return int(value)


def _sha256() -> str:
    pairs = (pair.split() for pair in request.headers.get("Upload-Metadata", "").split(","))
    given = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
    sha256 = _from_base64(given.get("sha256", ""), "upload_metadata").decode("ascii", "replace")
    if not re.fullmatch("[0-9a-fA-F]{64}", sha256):
        raise BadHeader("upload_metadata")
    return sha256.lower()


def _checksum() -> tuple[str, bytes] | None:
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    kind, _, digest = header.partition(" ")
    if kind not in uploads.CHECKSUMS:
        raise BadHeader("upload_checksum")
    return kind, _from_base64(digest, "upload_checksum")


def _from_base64(text: str, code: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadHeader(code) from None
