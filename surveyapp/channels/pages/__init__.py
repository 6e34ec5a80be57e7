"""The HTML pages for families, adolescents and field staff; they work without scripts."""

from __future__ import annotations

from flask import Flask

from surveyapp.config import Settings


def register_pages(app: Flask, settings: Settings) -> None:
    """Serve them."""
    from surveyapp.channels.pages import (  # noqa: F401  # they add their routes
        arrived,
        asking,
        interviews,
        paper,
        pictures,
        trial_steps,
        trials,
        views,
        whole,
    )
    from surveyapp.channels.pages.browser import tell_for_nobody
    from surveyapp.channels.pages.help_lines import help_text, register_help_lines
    from surveyapp.channels.pages.routes import blueprint, is_in_questionnaire

    register_help_lines(app, settings)
    app.add_template_global(help_text)
    app.add_template_global(is_in_questionnaire)
    app.after_request(tell_for_nobody)
    app.register_blueprint(blueprint)
    app.register_blueprint(paper.blueprint)
