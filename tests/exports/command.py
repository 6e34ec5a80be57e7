"""`surveyapp export` as it runs: by an application that can do nothing else."""

from __future__ import annotations

from click.testing import Result
from flask import Flask

from surveyapp import create_app
from surveyapp.extensions import db
from surveyapp.wiring import EXPORTING, settings_of


def run(app: Flask, *arguments: object) -> Result:
    """What the command says, with the settings of another application."""
    exporting = create_app(settings_of(app), EXPORTING)
    try:
        return exporting.test_cli_runner().invoke(args=["export", *map(str, arguments)])
    finally:
        with exporting.app_context():
            for engine in db.engines.values():
                engine.dispose()
