"""The address that a client is given, with its key in it."""

from __future__ import annotations

from flask import request

from surveyapp.config import Settings
from surveyapp.wiring import settings_of

PREFIX = "/openrosa"


def base_of_request(key: str | None) -> str:
    """The base of the addresses in an answer: as the client knows this server."""
    host = settings_of().public_url or request.host_url.rstrip("/")
    return below(host, key)


def base_outside_requests(settings: Settings, key: str | None) -> str:
    """The base to hand out where no request says how this server is reached."""
    return below(settings.public_url or f"http://{settings.host}:{settings.port}", key)


def below(host: str, key: str | None) -> str:
    """The base on a host: of a device with its key, without one of people."""
    return f"{host}{PREFIX}/{key}" if key else f"{host}{PREFIX}"
