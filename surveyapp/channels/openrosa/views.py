"""`/openrosa/<key>/…` for devices and `/openrosa/…` for people: one set of views for both."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, abort, g, request
from sqlalchemy import select
from sqlalchemy.orm import selectinload, undefer

from surveyapp.catalogue.models import PublishedVersion
from surveyapp.channels.openrosa import intake, offering, replies
from surveyapp.channels.openrosa.addresses import base_of_request
from surveyapp.channels.openrosa.callers import FETCHING, LOOKING, SENDING, caller, note_contact
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.people.access import allow

blueprint = Blueprint("openrosa", __name__)
blueprint.after_request(replies.with_headers)
blueprint.after_request(note_contact)


@blueprint.url_value_preprocessor
def _take_key(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.openrosa_key = (values or {}).pop("key", None)


@blueprint.get("/formList")
@allow(FETCHING)
def form_list() -> Response:
    """The forms that the caller may fill in."""
    found = offering.form_list(caller().language, caller().scope, request.args.get("formID"))
    return _document(found)


@blueprint.get("/forms/<int:serial>/form.xml")
@allow(FETCHING)
def form(serial: int) -> Response:
    """The XForm of a version, byte for byte as it was published."""
    version = _version(serial, undefer(PublishedVersion.xform))
    return _revalidated(replies.xml(version.xform), version.hash)


@blueprint.get("/forms/<int:serial>/manifest")
@allow(FETCHING)
def manifest(serial: int) -> Response:
    """The files that a form needs."""
    return _document(offering.manifest(_version(serial, selectinload(PublishedVersion.media))))


@blueprint.get("/forms/<int:serial>/media/<name>")
@allow(FETCHING)
def media(serial: int, name: str) -> Response:
    """One of these files."""
    version = _version(serial, selectinload(PublishedVersion.media))
    found = next((file for file in version.media if file.name == name), None)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    response = Response(media_store().read(found.sha256), content_type=offering.type_of(name))
    response.headers["Content-Disposition"] = "attachment"
    return _revalidated(response, found.sha256)


@blueprint.route("/submission", methods=["GET", "HEAD"])
@allow(SENDING)
def before_submission() -> Response:
    """Whether and how much may be sent: the answer is in the headers."""
    return replies.xml(b"", HTTPStatus.NO_CONTENT)


@blueprint.post("/submission")
@allow(SENDING)
def submission() -> Response:
    """Take one record, or a part of its files with it."""
    return intake.take(request, caller())


@blueprint.route("/<path:_rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@allow(LOOKING)
def nothing(_rest: str) -> Response:
    """Every other address of this channel, so that its answers are the channel's too."""
    abort(HTTPStatus.NOT_FOUND)


def _version(serial: int, loaded: Any) -> PublishedVersion:
    """A version within the caller's scope, retired or not: a download may be under way."""
    if serial >= 2**31:
        abort(HTTPStatus.NOT_FOUND)
    query = select(PublishedVersion).filter_by(serial=serial).options(loaded)
    version = db.session.scalars(query).one_or_none()
    scope = caller().scope
    if version is None or (scope is not None and version.questionnaire_id not in scope):
        abort(HTTPStatus.NOT_FOUND)
    return version


def _document(found: offering.Document) -> Response:
    return _revalidated(replies.xml(found.at(base_of_request(g.openrosa_key))), found.etag)


def _revalidated(response: Response, etag: str) -> Response:
    response.headers["Cache-Control"] = replies.REVALIDATED
    response.set_etag(etag)
    response.make_conditional(request)
    return response
