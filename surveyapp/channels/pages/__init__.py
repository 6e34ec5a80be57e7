"""The HTML pages for families, adolescents and field staff; they work without scripts."""

from __future__ import annotations

from flask import Flask

from surveyapp.config import Settings


def register_pages(app: Flask, settings: Settings) -> None:
    """Serve them."""
    from surveyapp.channels.pages import interviews, views  # noqa: F401  # they add their routes
    from surveyapp.channels.pages.help_lines import register_help_lines
    from surveyapp.channels.pages.routes import blueprint

    register_help_lines(app, settings)
    app.register_blueprint(blueprint)
