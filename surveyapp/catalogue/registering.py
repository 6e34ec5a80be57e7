"""`surveyapp questionnaire …` bound to an application."""

from __future__ import annotations

from flask import Flask

from surveyapp.config import Settings
from surveyapp.late_commands import LateGroup

QUESTIONNAIRES = LateGroup(
    "questionnaire",
    "surveyapp.catalogue.cli:questionnaires",
    help="Check, publish, open, close and retire questionnaires.",
)


def register_catalogue(app: Flask, _settings: Settings) -> None:
    """Add the commands."""
    app.cli.add_command(QUESTIONNAIRES)
