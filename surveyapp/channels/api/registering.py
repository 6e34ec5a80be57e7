"""The API bound to an application; its description is at `/api/v1/openapi.json`, without a page."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from surveyapp.channels.api import feeds, files, problems
from surveyapp.channels.api.schemas import ProblemSchema
from surveyapp.channels.api.uploading import blueprint as uploads
from surveyapp.channels.api.views import blueprint
from surveyapp.config import Settings
from surveyapp.people.access import ANYONE, declare

CONFIGURATION = {
    "API_TITLE": "surveyapp",
    "API_VERSION": "1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
}
DESCRIPTION = {
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "security": [{"token": []}],
    "info": {"description": "Send filled questionnaires and look up what became of them."},
}


class OurApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """Errors stay with the application: flask-smorest would answer those of pages in JSON too."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        return None


def register_api(app: Flask, _settings: Settings) -> None:
    """Serve the API."""
    app.config.update(CONFIGURATION)
    api = OurApi(app, spec_kwargs=DESCRIPTION)
    api.register_blueprint(blueprint)
    api.register_blueprint(uploads)
    api.register_blueprint(feeds.blueprint)
    api.register_blueprint(files.blueprint)
    declare(app, "api-docs.openapi_json", ANYONE)
    app.register_error_handler(HTTPException, _by_address)


def _by_address(error: HTTPException) -> Response | HTTPException:
    """What no route below `/api/` serves has no blueprint to ask: it is told by its path."""
    return problems.of_http_exception(error) if request.path.startswith(problems.PREFIX) else error
