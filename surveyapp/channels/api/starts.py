"""`POST /api/v1/starts`: how somebody without an account sends from their own phone.

Whole schools share one address, so what comes is counted by start token; the address is only a high
ceiling. Past either the answer is 429, and the work stays on the phone.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import abort, request
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, ValidationError

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.service import Edition
from surveyapp.channels.api import problems, schemas
from surveyapp.channels.api.body import UnreadableBody
from surveyapp.channels.api.views import JSON_TYPE, PROBLEM
from surveyapp.extensions import db
from surveyapp.limiting import limiter
from surveyapp.people import starts
from surveyapp.people.access import ANYONE, allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.sealed_envelopes import public_key

blueprint = Blueprint("starts", __name__, url_prefix="/api/v1", description="Sending without an account")
blueprint.register_error_handler(UnreadableBody, problems.of_unreadable_body)

#: tokens for one address
BEGINNINGS = "600 per minute"
LONGEST_BODY = 4096
_schema = schemas.StartSchema(unknown=EXCLUDE)


@blueprint.post("/starts")
@allow(ANYONE)
@limiter.limit(BEGINNINGS)
@blueprint.doc(
    security=[],
    requestBody={"required": True, "content": {JSON_TYPE: {"schema": schemas.StartSchema}}},
)
@blueprint.response(200, schemas.StartedSchema)
@blueprint.alt_response(400, description="No questionnaire", **PROBLEM)
@blueprint.alt_response(404, description="No such questionnaire", **PROBLEM)
@blueprint.alt_response(413, description="Too much", **PROBLEM)
@blueprint.alt_response(415, description="Another type of content", **PROBLEM)
@blueprint.alt_response(429, description="Too many from one address; see Retry-After", **PROBLEM)
def begin() -> dict[str, Any]:
    """Give a token that records of one questionnaire may be sent by, and the key to encrypt them to."""
    if not request.is_json:  # a form of another site's page cannot say that it is
        raise UnreadableBody("content_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    found = _edition(_given())
    token = starts.make(found.entry.id, _user_id(found.entry.id))
    return {"token": token, "sealing_key": public_key(keys_of())}


def _given() -> str:
    request.max_content_length = LONGEST_BODY
    try:
        given = _schema.load(json.loads(request.get_data(cache=False)))
    except (ValueError, RecursionError, ValidationError):
        raise UnreadableBody("start") from None
    return str(given["questionnaire"])


def _edition(questionnaire: str) -> Edition:
    """Also one that was closed or is the staff's since: the verdict judges what was finished."""
    found = catalogue.current(questionnaire) if is_storable(questionnaire) else None
    return found or abort(HTTPStatus.NOT_FOUND)


def _user_id(questionnaire: str) -> int | None:
    """Who is signed in and may fill in this questionnaire when it is the staff's."""
    mine = my_reach(Right.COLLECT).touches(questionnaire)
    user_id: int | None = current_user.id if mine else None
    db.session.rollback()  # nothing was changed, and nothing must stay locked
    return user_id
