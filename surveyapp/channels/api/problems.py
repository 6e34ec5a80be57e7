"""Errors of the API as problem documents (RFC 9457), in the caller's language."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, request
from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from surveyapp.channels.api.body import UnreadableBody
from surveyapp.i18n import DEFAULT_LANGUAGE, LANGUAGES
from surveyapp.submissions.receive import NotStored

logger = logging.getLogger(__name__)

PREFIX = "/api/"
#: seconds after which a batch that could not be stored may come again
RETRY_AFTER = 30

#: tus 1.0, checksum extension; no registered status
CHECKSUM_MISMATCH = 460

TITLES: Mapping[int, LazyString] = {
    HTTPStatus.BAD_REQUEST: _l("The request cannot be understood"),
    HTTPStatus.UNAUTHORIZED: _l("An access token is needed"),
    HTTPStatus.FORBIDDEN: _l("You are not allowed to do this"),
    HTTPStatus.NOT_FOUND: _l("There is nothing at this address"),
    HTTPStatus.METHOD_NOT_ALLOWED: _l("This address does not take such requests"),
    HTTPStatus.NOT_ACCEPTABLE: _l("This is not offered in the form you ask for"),
    HTTPStatus.GONE: _l("What you refer to is not here any more"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _l("This is too much for one request"),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: _l("This kind of content is not understood here"),
    HTTPStatus.CONFLICT: _l("The upload is at another byte; ask for its offset"),
    HTTPStatus.PRECONDITION_FAILED: _l("This version of the upload protocol is not spoken here"),
    HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE: _l("The file has no such part"),
    CHECKSUM_MISMATCH: _l("The bytes that came are not those that were announced"),
    HTTPStatus.INSUFFICIENT_STORAGE: _l(
        "Nothing can be stored at the moment. Please send it again later"
    ),
    HTTPStatus.TOO_MANY_REQUESTS: _l("Too many requests. Please wait and try again"),
    HTTPStatus.INTERNAL_SERVER_ERROR: _l("Something went wrong on our side"),
    HTTPStatus.SERVICE_UNAVAILABLE: _l(
        "Nothing can be stored at the moment. Please send it again later"
    ),
}
#: what is wrong with a body as a whole → what to tell
DETAILS: Mapping[str, LazyString] = {
    "utf-8": _l("The body must be text in UTF-8"),
    "json": _l("The body must be valid JSON: one object"),
    "submissions": _l("The object must have a list named “submissions”"),
    "device_time": _l("“device_time” must be a date and a time with an offset from UTC"),
    "gzip": _l("The body is not a whole gzip file"),
    "content_encoding": _l("The body may be packed with gzip, or not at all"),
    "upload_length": _l("“Upload-Length” must say how many bytes the file has"),
    "upload_metadata": _l("“Upload-Metadata” must have “sha256”: 64 hexadecimal digits in Base64"),
    "upload_offset": _l("“Upload-Offset” must say at which byte the body begins"),
    "upload_checksum": _l("“Upload-Checksum” must be sha256 or sha1, and the digest in Base64"),
    "upload_type": _l("The body must be of type application/offset+octet-stream"),
    "content_type": _l("The body must be of type application/json"),
    "cursor": _l("“since” must be a cursor that this server gave out"),
    "prepared_only": _l(
        "This format is prepared as a file: POST to /api/v1/questionnaires/…/export-jobs instead"
    ),
    "limit": _l("“limit” must be a whole number from 1 to 1000"),
    "other_epoch": _l("The database was restored since; start again without “since”"),
    "start": _l("“questionnaire” must name a questionnaire"),
    "enrolment": _l("“code” must be the code as it was printed; “retry_key”, 16 to 128 signs"),
    "code_unknown": _l("This code is not known here. Please check each letter."),
    "code_used": _l("This code has been used. Please ask the office for another one."),
    "code_expired": _l("This code is out of date. Please ask the office for another one."),
    "device_revoked": _l("This device may no longer work here. Please call the office."),
    "quota": _l("This device was taken out of service and has sent all that is still taken from it"),
    "too_large": _l("The body is too large; send fewer submissions at once"),
    "too_many": _l("There are too many submissions in one request; send fewer at once"),
}


def caller_language() -> str:
    """The language that the caller asks for."""
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT_LANGUAGE


def problem(status: int, code: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """A problem document; `code` names the detail, for programs, and its sentence is for people."""
    language = caller_language()
    with force_locale(language):
        title = TITLES.get(status)
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": str(title) if title else HTTPStatus(status).phrase,
            "status": int(status),
        }
        if code is not None:
            document |= {"detail": str(DETAILS[code]), "code": code}
    response = Response(
        json.dumps(document, ensure_ascii=False), status, content_type="application/problem+json"
    )
    response.headers["Content-Language"] = language
    response.headers.update(headers or {})
    return response


def of_parameters(errors: Mapping[str, Any], status: int = HTTPStatus.BAD_REQUEST) -> Response:
    """What is wrong with the parameters of an address: `parameters` names each, with a sentence."""
    language = caller_language()
    with force_locale(language):
        said = [{"name": name, "detail": str(sentence)} for name, sentence in errors.items()]
        document = {
            "type": "about:blank",
            "title": str(TITLES[status]),
            "status": int(status),
            "detail": "; ".join(f"{one['name']}: {one['detail']}" for one in said),
            "code": "parameters",
            "parameters": said,
        }
    response = Response(
        json.dumps(document, ensure_ascii=False), status, content_type="application/problem+json"
    )
    response.headers["Content-Language"] = language
    return response


def of_http_exception(error: HTTPException) -> Response | HTTPException:
    """Any refusal of Flask's or Werkzeug's; those that bring a response of their own keep it."""
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    kept = {"Allow", "Retry-After", "WWW-Authenticate"}
    headers = {name: value for name, value in error.get_headers() if name in kept}
    code = "too_large" if error.code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else None
    return problem(error.code, code, headers)


def of_unreadable_body(error: UnreadableBody) -> Response:
    """A body that is not a batch."""
    return problem(error.status, error.code)


def of_not_stored(_error: NotStored) -> Response:
    """A database that takes nothing at present: nothing of the batch is held."""
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": str(RETRY_AFTER)})
