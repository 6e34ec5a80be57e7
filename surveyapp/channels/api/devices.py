"""`/api/v1`: how a phone becomes a device, and what a device must know."""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from typing import Any, cast

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, ValidationError

from surveyapp.catalogue import service as catalogue
from surveyapp.channels.api import problems, schemas
from surveyapp.channels.api.callers import TOLD, holder, sender_of
from surveyapp.channels.api.feeds import of_bad_cursor, of_other_epoch
from surveyapp.channels.api.views import JSON_TYPE, PROBLEM, offers
from surveyapp.people import enrolments
from surveyapp.people.access import ANYONE, allow
from surveyapp.people.attempts import TooManyAttempts, callers_place
from surveyapp.people.devices import GRACE
from surveyapp.people.enrolments import BadCode, Redeemed
from surveyapp.people.tokens import TokenHolder
from surveyapp.submissions.changes import BadCursor, OtherEpoch
from surveyapp.submissions.inbox import inbox_of
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.sealed_envelopes import public_key
from surveyapp.wiring import settings_of

blueprint = Blueprint("devices", __name__, url_prefix="/api/v1", description="Devices")

#: bytes of a request with a code
LONGEST_BODY = 4096
STATUSES: dict[type[BadCode], int] = {
    BadCode: HTTPStatus.NOT_FOUND,
    enrolments.UsedCode: HTTPStatus.GONE,
    enrolments.ExpiredCode: HTTPStatus.GONE,
    enrolments.RevokedCode: HTTPStatus.FORBIDDEN,
}
#: submissions that are told at once
MOST = 200
_TOLD_SETTINGS = (
    "demonstration",
    "operator",
    "operator_contact",
    "max_batch",
    "max_request_bytes",
    "max_attachments",
    "max_upload_bytes",
)
_inbox_schema = schemas.InboxSchema()
_enrolment = schemas.EnrolmentSchema(unknown=EXCLUDE)


blueprint.register_error_handler(BadCursor, of_bad_cursor)
blueprint.register_error_handler(OtherEpoch, of_other_epoch)


class BadEnrolment(ValueError):
    """The request holds no code."""


@blueprint.errorhandler(BadEnrolment)
def _of_bad_enrolment(_error: BadEnrolment) -> Response:
    return problems.problem(HTTPStatus.BAD_REQUEST, "enrolment")


@blueprint.errorhandler(BadCode)
def _of_bad_code(error: BadCode) -> Response:
    return problems.problem(STATUSES[type(error)], error.reason)


@blueprint.errorhandler(TooManyAttempts)
def _of_too_many(error: TooManyAttempts) -> Response:
    retry = {"Retry-After": str(error.retry_after)}
    return problems.problem(HTTPStatus.TOO_MANY_REQUESTS, headers=retry)


@blueprint.post("/enrolments/redeem")
@allow(ANYONE)
@blueprint.doc(
    security=[],
    requestBody={
        "required": True,
        "content": {JSON_TYPE: {"schema": schemas.EnrolmentSchema}},
    },
)
@blueprint.response(200, schemas.RedeemedSchema)
@blueprint.alt_response(400, description="No code", **PROBLEM)
@blueprint.alt_response(403, description="The device was revoked", **PROBLEM)
@blueprint.alt_response(404, description="Not a code", **PROBLEM)
@blueprint.alt_response(410, description="Used, or out of date", **PROBLEM)
@blueprint.alt_response(413, description="Too much", **PROBLEM)
@blueprint.alt_response(429, description="Too many codes that are not good; see Retry-After", **PROBLEM)
def redeem() -> dict[str, Any]:
    """Give a device's token for a one-time code.

    A phone that does not get the answer asks again with the same `retry_key`.
    """
    given = _given()
    code, retry_key = given["code"], given.get("retry_key")
    return _told(enrolments.redeem(code, retry_key, place=callers_place()))


@blueprint.get("/inbox")
@allow(TOLD)
@blueprint.doc(
    parameters=[
        {
            "name": "since",
            "in": "query",
            "description": "the last answer's `cursor`: then what changed since; without it, what is "
            "returned to the caller now and the visits that are open",
            "schema": {"type": "string"},
        },
        "device",  # described in `registering`
    ],
    responses={"304": {"description": "Unchanged since the `ETag` sent in `If-None-Match`"}},
)
@blueprint.response(200, schemas.InboxSchema)
@blueprint.alt_response(400, description="Not a cursor", **PROBLEM)
@blueprint.alt_response(403, description="Revoked, and too long ago", **PROBLEM)
@blueprint.alt_response(410, description="A cursor of before a restore: start again", **PROBLEM)
def inbox() -> Response:
    """What a device must know: what was returned and why, whom to visit, what it may fill in.

    A device that was revoked is told so, and how long it may still send what it holds; nothing else.
    """
    told = _inbox_of_revoked() if holder().is_revoked else _inbox()
    body = json.dumps(_inbox_schema.dump(told), ensure_ascii=False).encode()
    response = Response(body, content_type=JSON_TYPE)
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    return cast(Response, response.make_conditional(request))


def _inbox() -> dict[str, Any]:
    caller = holder()
    found = inbox_of(sender_of(caller), request.args.get("since"), limit=MOST)
    return {
        "device": _device(caller),
        "settings": _settings(),
        "questionnaires": offers(caller),
        "retired": [
            {"questionnaire": version.questionnaire_id, "version": version.version}
            for version in catalogue.retired_versions()
            if caller.questionnaires is None or version.questionnaire_id in caller.questionnaires
        ],
        "submissions": found.told,
        "assignments": found.assignments,
        "cursor": str(found.cursor),
        "more": found.more,
    }


def _inbox_of_revoked() -> dict[str, Any]:
    return {
        "device": _device(holder()),
        "settings": _settings(),
        "questionnaires": [],
        "retired": [],
        "submissions": [],
        "assignments": [],
        "cursor": None,
        "more": False,
    }


def _device(caller: TokenHolder) -> dict[str, Any] | None:
    device = caller.device
    if device is None:
        return None
    return {
        "id": device.device_id,
        "name": device.name,
        "language": device.language,
        "questionnaires": sorted(device.questionnaires) if device.questionnaires else None,
        "revoked_at": device.revoked_at,
        "may_send_until": device.revoked_at + GRACE if device.revoked_at else None,
    }


def _settings() -> dict[str, Any]:
    """What a device must keep to, by the names that the settings have; and the key to encrypt to."""
    settings = settings_of()
    told = {name: getattr(settings, name) for name in _TOLD_SETTINGS}
    return told | {"sealing_key": public_key(keys_of())}


def _given() -> dict[str, Any]:
    request.max_content_length = LONGEST_BODY
    try:
        given: dict[str, Any] = _enrolment.load(json.loads(request.get_data(cache=False)))
    except (ValueError, RecursionError, ValidationError):
        raise BadEnrolment from None
    return given


def _told(redeemed: Redeemed) -> dict[str, Any]:
    device = {
        "id": redeemed.device_id,
        "name": redeemed.name,
        "language": redeemed.language,
        "questionnaires": redeemed.questionnaires,
    }
    return {"token": redeemed.token, "device": device}
