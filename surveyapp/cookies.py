"""Cookies are marked Secure exactly when the request came over https."""

from __future__ import annotations

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface

from surveyapp.config import Settings
from surveyapp.wiring import settings_of


def came_over_https() -> bool:
    """Whether this request came over https.

    By `PUBLIC_URL` where it is set; else by the connection itself, which `TRUSTED_PROXIES` reverse
    proxies may describe in `X-Forwarded-Proto`.
    """
    return is_https(settings_of(), is_secure=request.is_secure)


def is_https(settings: Settings, *, is_secure: bool) -> bool:
    """The same of a request whose connection is (or is said to be) secure, or not."""
    return settings.public_url.startswith("https:") if settings.public_url else is_secure


class SessionUnderHttps(SecureCookieSessionInterface):
    """Flask's signed session cookie, marked Secure by the request instead of by a fixed setting."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether to mark this response's cookie Secure."""
        return came_over_https()


def register_cookies(app: Flask, _settings: Settings) -> None:
    """Use it for the session."""
    app.config.update(SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax")
    app.session_interface = SessionUnderHttps()
