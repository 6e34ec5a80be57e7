"""The field staff's program at `/field`: its page, its worker, and what a phone keeps of it."""

from __future__ import annotations

from flask import Flask

from surveyapp.config import Settings


def register_field(app: Flask, _settings: Settings) -> None:
    """Serve it, and add `surveyapp import`."""
    from surveyapp.channels.field.commands import import_command
    from surveyapp.channels.field.views import blueprint

    app.register_blueprint(blueprint)
    app.cli.add_command(import_command)
