"""The API bound to an application; its description is at `/api/v1/openapi.json`, without a page."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from surveyapp.channels.api import devices, exports, feeds, files, odata, problems, starts
from surveyapp.channels.api.callers import note_contact
from surveyapp.channels.api.refusals import Refusals
from surveyapp.channels.api.schemas import ProblemSchema
from surveyapp.channels.api.uploading import blueprint as uploads
from surveyapp.channels.api.views import blueprint
from surveyapp.config import Settings
from surveyapp.people import contacts
from surveyapp.people.access import ANYONE, declare

CONFIGURATION = {
    "API_TITLE": "surveyapp",
    "API_VERSION": "1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
}
DESCRIPTION = {
    "components": {
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        "parameters": {
            "device": {
                "name": contacts.HEADER,
                "in": "header",
                "description": "What a device tells of itself (a dictionary of RFC 9651)",
                "schema": {"type": "string"},
                "example": 'app="field/1.0", unsent=12, oldest-unsent=86400, '
                "free-storage=1234567890, battery=64, time=@1764152103",
            }
        },
    },
    "security": [{"token": []}],
    "info": {"description": "Send filled questionnaires and look up what became of them."},
}


#: what has addresses of its own
PARTS = (
    blueprint,
    uploads,
    files.blueprint,
    feeds.blueprint,
    devices.blueprint,
    starts.blueprint,
    exports.blueprint,
    odata.blueprint,
)
for _part in PARTS:
    _part.after_request(note_contact)


class OurApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """Errors stay with the application: flask-smorest would answer those of pages in JSON too."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        return None


def register_api(app: Flask, _settings: Settings) -> None:
    """Serve the API."""
    app.config.update(CONFIGURATION)
    api = OurApi(app, spec_kwargs=DESCRIPTION | {"extra_plugins": [Refusals()]})
    for part in PARTS:
        api.register_blueprint(part)
    declare(app, "api-docs.openapi_json", ANYONE)
    app.register_error_handler(HTTPException, _by_address)


def _by_address(error: HTTPException) -> Response | HTTPException:
    """What no route below `/api/` serves has no blueprint to ask: it is told by its path."""
    return problems.of_http_exception(error) if request.path.startswith(problems.PREFIX) else error
