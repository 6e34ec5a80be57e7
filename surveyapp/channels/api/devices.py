"""`/api/v1`: how a phone becomes a device, and what a device must know."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, ValidationError

from surveyapp.channels.api import problems, schemas
from surveyapp.channels.api.views import JSON_TYPE, PROBLEM
from surveyapp.people import enrolments
from surveyapp.people.access import ANYONE, allow
from surveyapp.people.attempts import TooManyAttempts, callers_place
from surveyapp.people.enrolments import BadCode, Redeemed

blueprint = Blueprint("devices", __name__, url_prefix="/api/v1", description="Devices")

#: bytes of a request with a code
LONGEST_BODY = 4096
STATUSES: dict[type[BadCode], int] = {
    BadCode: HTTPStatus.NOT_FOUND,
    enrolments.UsedCode: HTTPStatus.GONE,
    enrolments.ExpiredCode: HTTPStatus.GONE,
    enrolments.RevokedCode: HTTPStatus.FORBIDDEN,
}
_enrolment = schemas.EnrolmentSchema(unknown=EXCLUDE)


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
