"""The client here signs in, so its requests must not share anything."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts import browser


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in yet."""
    return browser(app)
