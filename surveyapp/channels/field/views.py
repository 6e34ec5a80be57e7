"""Addresses of the field staff's program."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any, cast

from flask import Blueprint, Response, g, jsonify, make_response, request

from surveyapp.assets import FOR_EVER, joined_worker
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.service import Edition
from surveyapp.channels.field.app import Made, app_addresses, app_files, app_page, manifest
from surveyapp.channels.field.keeping import offline
from surveyapp.channels.pages.phrases import titled
from surveyapp.channels.pages.routes import LANG
from surveyapp.i18n import LANGUAGES, current_language
from surveyapp.people.access import ANYONE, allow
from surveyapp.people.tokens import Scope, TokenHolder, bearer

blueprint = Blueprint("field", __name__)

MEMBER = bearer(Scope.SUBMIT)


@blueprint.get("/field")
@allow(ANYONE)
def front() -> Response:
    """The program, in the language that the browser asks for."""
    response = make_response(app_page(current_language()).text)
    response.vary.add("Accept-Language")
    return response


@blueprint.get(f"{LANG}/field")
@allow(ANYONE)
def app(lang: str) -> Response:
    """The program; under its mark it may be kept."""
    return _marked(app_page(lang), "text/html")


@blueprint.get(f"{LANG}/launcher/manifest.json")
@allow(ANYONE)
def launcher(lang: str) -> Response:
    """What a launcher shows when the program is installed."""
    return _marked(manifest(lang), "application/manifest+json")


def _marked(made: Made, kind: str) -> Response:
    response = Response(made.text, mimetype=kind)
    if request.args.get("v") == made.mark:
        response.headers["Cache-Control"] = FOR_EVER
    return response


@blueprint.get("/sw.js")
@allow(ANYONE)
def worker() -> Response:
    """The service worker: it changes whenever something changes that a phone keeps of the program."""
    kept: dict[str, Any] = {"pages": app_addresses(), "files": app_files()}
    told = json.dumps(kept, sort_keys=True)
    edition = hashlib.sha256(told.encode()).hexdigest()[:10]
    body = f"self.PROGRAM={json.dumps(kept | {'edition': edition})};{joined_worker().body}"
    return Response(body, mimetype="text/javascript")


@blueprint.get("/field/questionnaires")
@allow(MEMBER)
def questionnaires() -> Response:
    """The questionnaires that the caller may fill in now, each with what a phone keeps of it."""
    return jsonify({"questionnaires": [_told(each) for each in _editions()]})


def _editions() -> list[Edition]:
    within = cast(TokenHolder, g.sender).questionnaires
    open_ones = (catalogue.current(each.questionnaire_id) for each in catalogue.open_versions())
    return [each for each in open_ones if each and (within is None or each.entry.id in within)]


def _told(edition: Edition) -> dict[str, Any]:
    definition = edition.definition
    return {
        "id": definition.id,
        "version": definition.version,
        "titles": {each: titled(definition, each).title.text for each in LANGUAGES},
        **asdict(offline(edition)),
    }
