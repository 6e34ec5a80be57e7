"""The rate limiter: how often an address may ask. Apart from `extensions`, which an export needs too."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.errors import ConfigurationError

from surveyapp.config import BadSetting, Settings

limiter = Limiter(key_func=get_remote_address)


def register_limits(app: Flask, _settings: Settings) -> None:
    """Bind it. Raises `BadSetting`."""
    try:
        limiter.init_app(app)
    except ConfigurationError as error:
        raise BadSetting(f"LIMITS_URL: {error}") from None
