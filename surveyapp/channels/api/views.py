"""`/api/v1`: submissions in batches, their receipts, and the questionnaires to fill."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from flask import Response, abort, jsonify, request, url_for
from flask_smorest import Blueprint

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import PublishedVersion
from surveyapp.catalogue.service import Edition
from surveyapp.channels.api import intake, lookup, problems, schemas
from surveyapp.channels.api.body import UnreadableBody
from surveyapp.channels.api.callers import SENDER, SUBMITTER, holder, limited_by_start
from surveyapp.channels.api.definitions import definition_json
from surveyapp.people.access import allow
from surveyapp.people.tokens import TokenHolder
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.receive import NotStored

blueprint = Blueprint("api", __name__, url_prefix="/api/v1", description="Sending and looking up")
blueprint.register_error_handler(UnreadableBody, problems.of_unreadable_body)
blueprint.register_error_handler(NotStored, problems.of_not_stored)

JSON_TYPE = "application/json"
XFORM_TYPES = ("application/xml", "text/xml")
#: a version never changes; a token's holder alone may keep it
IMMUTABLE = "private, max-age=31536000, immutable"
PROBLEM: dict[str, Any] = {
    "schema": schemas.ProblemSchema,
    "content_type": "application/problem+json",
}


@blueprint.post("/submissions")
@allow(SENDER)
@limited_by_start
@blueprint.doc(
    parameters=["device"],  # described in `registering`
    requestBody={
        "required": True,
        "description": "May be packed with gzip (`Content-Encoding`).",
        "content": {JSON_TYPE: {"schema": schemas.BatchSchema}},
    },
)
@blueprint.response(200, schemas.BatchResultSchema)
@blueprint.alt_response(400, description="Not a batch", **PROBLEM)
@blueprint.alt_response(401, description="No good token", **PROBLEM)
@blueprint.alt_response(403, description="Not allowed, or a device that was revoked", **PROBLEM)
@blueprint.alt_response(413, description="Too much", **PROBLEM)
@blueprint.alt_response(415, description="Another type of content", **PROBLEM)
@blueprint.alt_response(429, description="Too much by one start token; see Retry-After", **PROBLEM)
@blueprint.alt_response(503, description="Nothing was stored; send it again", **PROBLEM)
def submit() -> Response:
    """Send filled questionnaires.

    Each is judged by itself, and the answer has one verdict for each. Sending one again does no harm:
    the answer is then `duplicate`, with the same receipt.
    """
    if request.mimetype and not request.is_json:
        raise UnreadableBody("content_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    # as it is: to be written by its schema cost a twelfth of all that a batch of fifty costs
    return jsonify(intake.take(request, holder()))


@blueprint.get("/submissions/<uuid:submission_id>")
@allow(SUBMITTER)
@blueprint.response(200, schemas.SubmissionSchema)
@blueprint.alt_response(404, description="Not held, or somebody else's", **PROBLEM)
def submission(submission_id: UUID) -> dict[str, Any]:
    """What is held under an id; only its sender and administrators are told."""
    return lookup.held_under(submission_id, holder()) or abort(HTTPStatus.NOT_FOUND)


@blueprint.get("/submissions/<uuid:submission_id>/missing")
@allow(SENDER)
@blueprint.response(200, schemas.MissingSchema)
@blueprint.alt_response(404, description="Not held, or somebody else's", **PROBLEM)
def missing(submission_id: UUID) -> dict[str, Any]:
    """Which files are still to come; when none is, `complete` says so, signed."""
    return lookup.missing_of(submission_id, holder()) or abort(HTTPStatus.NOT_FOUND)


@blueprint.get("/questionnaires")
@allow(SUBMITTER)
@blueprint.response(200, schemas.OffersSchema)
def questionnaires() -> dict[str, Any]:
    """The questionnaires that may be filled now, each in its current version."""
    return {"questionnaires": offers(holder())}


@blueprint.get("/questionnaires/<questionnaire_id>/versions/<version>", endpoint="version")
@allow(SUBMITTER)
@blueprint.doc(
    responses={
        "200": {
            "description": "The definition as JSON, or (by `Accept`) the XForm it was made of",
            "content": {JSON_TYPE: {}, XFORM_TYPES[0]: {}},
        },
        "304": {"description": "Unchanged since the `ETag` sent in `If-None-Match`"},
    }
)
@blueprint.alt_response(404, description="Not published", **PROBLEM)
@blueprint.alt_response(406, description="Offered in no form that is asked for", **PROBLEM)
def published_version(questionnaire_id: str, version: str) -> Response:
    """One published version, retired or not; it never changes."""
    named = is_storable(questionnaire_id) and is_storable(version)  # else PostgreSQL refuses to look
    found = catalogue.edition(questionnaire_id, version) if named else None
    if found is None or not _is_within_scope(found.entry.id, holder()):
        abort(HTTPStatus.NOT_FOUND)
    wanted = _wanted_type()
    response = _as_json(found) if wanted == JSON_TYPE else _as_xform(found.version, wanted)
    response.headers["Cache-Control"] = IMMUTABLE
    response.vary.add("Accept")
    return cast(Response, response.make_conditional(request))


def _wanted_type() -> str:
    """JSON, unless the caller asks for the XForm."""
    if not request.accept_mimetypes:
        return JSON_TYPE
    wanted = request.accept_mimetypes.best_match([JSON_TYPE, *XFORM_TYPES])
    return wanted or abort(HTTPStatus.NOT_ACCEPTABLE)


def _as_json(found: Edition) -> Response:
    response = jsonify(definition_json(found.definition))
    response.set_etag(f"{found.version.hash}-json")
    return response


def _as_xform(version: PublishedVersion, content_type: str) -> Response:
    response = Response(version.xform, content_type=f"{content_type}; charset=utf-8")
    response.set_etag(f"{version.hash}-xform")
    return response


def offers(caller: TokenHolder) -> list[dict[str, Any]]:
    """The questionnaires that the caller may fill in now."""
    versions = catalogue.open_versions()
    return [_offer(one) for one in versions if _is_within_scope(one.questionnaire_id, caller)]


def _is_within_scope(questionnaire_id: str, caller: TokenHolder) -> bool:
    return caller.questionnaires is None or questionnaire_id in caller.questionnaires


def _offer(version: PublishedVersion) -> dict[str, Any]:
    return {
        "id": version.questionnaire_id,
        "version": version.version,
        "title": version.title,
        "languages": version.languages,
        "default_language": version.default_language,
        "access": version.entry.access,
        "hash": version.hash,
        "url": url_for(
            "api.version", questionnaire_id=version.questionnaire_id, version=version.version
        ),
    }
