"""surveyapp: survey collection for child well-being in Kazakhstan."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from surveyapp.config import Settings


def create_app(settings: Settings | None = None, concerns: Sequence[str] | None = None) -> Flask:
    """Build the application from its settings (default: the environment's).

    `concerns`: only these of `wiring.CONCERNS`. Raises `config.BadSetting` when one of the
    settings cannot be used. Touches neither the database nor the keys.
    """
    from surveyapp import wiring

    chosen = settings or Settings.from_environment()
    app = Flask(__name__, static_url_path="/static")
    for register in wiring.concerns(concerns or wiring.CONCERNS):
        register(app, chosen)
    return app
