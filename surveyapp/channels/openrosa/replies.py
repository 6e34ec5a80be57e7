"""Answers as OpenRosa clients want them: headers on every reply, short words for the person.

ODK Collect takes only 201 and 202 for success and shows the message of everything else. One text it
puts into its own language, so that one is sent as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from xml.sax.saxutils import escape

from flask import Response
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from surveyapp.database import utc_now
from surveyapp.i18n import current_language
from surveyapp.submissions.verdicts import Result, Status
from surveyapp.wiring import settings_of

XML_TYPE = "text/xml; charset=utf-8"
#: ODK Collect shows its own translation of exactly this
SUCCESS = "full submission upload was successful!"
#: kept by the client, but asked about each time: a form may be replaced, a device revoked
REVALIDATED = "private, no-cache"
#: seconds after which what could not be stored may come again
RETRY_AFTER = 30
_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")

HELD_FOR_DECISION = _l("Received. The office will look at this record; nothing is lost.")
MESSAGES: Mapping[str, LazyString] = {
    "multipart": _l("The record could not be read. Please send it again."),
    "no_xml": _l("The record's XML is missing. Please send it again."),
    "not_xml": _l("The record is not valid XML."),
    "doctype": _l("The record has declarations that are not allowed."),
    "no_form": _l("The record does not say which form it belongs to."),
    "too_large": _l("The record is too large to be sent."),
    "too_deep": _l("The record is nested too deeply."),
    "too_many": _l("The record has too many parts."),
    "too_long": _l("An answer in the record is too long."),
}
#: what is told where nothing is known but the status
STATUSES: Mapping[int, LazyString] = {
    HTTPStatus.UNAUTHORIZED: _l("Please check the user name and the password."),
    HTTPStatus.FORBIDDEN: _l("This device may no longer work here. Please call the office."),
    HTTPStatus.NOT_FOUND: _l("There is nothing at this address. Please check the server's address."),
    HTTPStatus.METHOD_NOT_ALLOWED: _l("This address does not take such requests"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _l("The record is too large to be sent."),
    HTTPStatus.TOO_MANY_REQUESTS: _l("Too many requests. Please wait and try again"),
    HTTPStatus.INTERNAL_SERVER_ERROR: _l("Something went wrong on our side. Please try again later."),
    HTTPStatus.SERVICE_UNAVAILABLE: _l(
        "Nothing can be stored at the moment. Please send it again later"
    ),
}
NOT_UNDERSTOOD = _l("The request cannot be understood")


def with_headers(response: Response) -> Response:
    """What stands on every reply of this channel."""
    headers = headers_of(current_language(), settings_of().max_openrosa_bytes)
    for name, value in headers.items():
        response.headers[name] = value
    response.date = utc_now()
    return response


def headers_of(language: str, most_bytes: int) -> dict[str, str]:
    """These headers, but for the date; `most_bytes`: how large a post may be."""
    return {
        "X-OpenRosa-Version": "1.0",
        "X-OpenRosa-Accept-Content-Length": str(most_bytes),
        "Content-Language": language,
    }


def xml(content: bytes, status: int = HTTPStatus.OK) -> Response:
    """A document."""
    return Response(content, status, content_type=XML_TYPE)


def message(status: int, text: object, nature: str = "error") -> Response:
    """An `OpenRosaResponse` that a person is shown."""
    return xml(body_of(text, nature), status)


def body_of(text: object, nature: str) -> bytes:
    """The document of an `OpenRosaResponse`."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OpenRosaResponse xmlns="http://openrosa.org/http/response" items="0">'
        f'<message nature="{nature}">{escape(str(text))}</message></OpenRosaResponse>'
    ).encode()


def of_result(result: Result) -> Response:
    """What became of a record."""
    if result.status is Status.QUARANTINED:
        return message(HTTPStatus.ACCEPTED, HELD_FOR_DECISION, "submit_success")
    if result.held:
        return message(HTTPStatus.CREATED, SUCCESS, "submit_success")
    return refusal(result.errors[0].code if result.errors else "multipart")


def refusal(code: str) -> Response:
    """Work that cannot be read, or is over a limit: nothing of it is held."""
    over = code in {"too_large", "too_long", "too_many", "too_deep"}
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if over else HTTPStatus.BAD_REQUEST
    return message(status, MESSAGES.get(code, NOT_UNDERSTOOD))


def of_http_exception(error: HTTPException) -> Response | HTTPException:
    """Any refusal of Flask's, Werkzeug's or our own; one that brings a response keeps it."""
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error
    response = message(error.code, STATUSES.get(error.code, NOT_UNDERSTOOD))
    for name, value in error.get_headers():
        if name in _KEPT_HEADERS:
            response.headers.add(name, value)
    return response


def not_stored() -> Response:
    """The database takes nothing at present; the record stays on the phone."""
    response = message(HTTPStatus.SERVICE_UNAVAILABLE, STATUSES[HTTPStatus.SERVICE_UNAVAILABLE])
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response
