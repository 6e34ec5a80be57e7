"""What tests of sentences need: the languages, and neither database nor settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from surveyapp.config import Settings
from surveyapp.i18n import register_i18n


@pytest.fixture(scope="session")
def speaking_app() -> Flask:
    """An application that can do nothing but speak."""
    app = Flask("surveyapp")
    register_i18n(app, Settings.from_environment({}))
    return app


@pytest.fixture
def words(speaking_app: Flask) -> Iterator[Flask]:
    """The sentences of the catalogues."""
    with speaking_app.app_context():
        yield speaking_app
