"""The channel bound to an application: for devices below their key, for people without one."""

from __future__ import annotations

from flask import Flask
from werkzeug.exceptions import HTTPException

from surveyapp.channels.openrosa import replies
from surveyapp.channels.openrosa.addresses import PREFIX
from surveyapp.channels.openrosa.commands import register_commands
from surveyapp.channels.openrosa.trial_views import blueprint as trial_blueprint
from surveyapp.channels.openrosa.views import blueprint
from surveyapp.config import Settings
from surveyapp.error_pages import WORDS

# the application's pages are asked for a status before a blueprint is asked for all errors
for _blueprint in (blueprint, trial_blueprint):
    for _status in WORDS:
        _blueprint.register_error_handler(_status, replies.of_http_exception)
    _blueprint.register_error_handler(HTTPException, replies.of_http_exception)


def register_openrosa(app: Flask, _settings: Settings) -> None:
    """Serve OpenRosa clients and add their commands."""
    app.register_blueprint(blueprint, url_prefix=PREFIX, name="openrosa_people")
    app.register_blueprint(blueprint, url_prefix=f"{PREFIX}/<key>", name="openrosa")
    app.register_blueprint(trial_blueprint, url_prefix=f"{PREFIX}/test/<key>")
    register_commands(app)
