"""What tests of sentences need: the languages, and neither database nor settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from surveyapp.i18n import speaking_app


@pytest.fixture(scope="session")
def words_alone() -> Flask:
    """An application that can do nothing but speak."""
    return speaking_app()


@pytest.fixture
def words(words_alone: Flask) -> Iterator[Flask]:
    """The sentences of the catalogues."""
    with words_alone.app_context():
        yield words_alone
