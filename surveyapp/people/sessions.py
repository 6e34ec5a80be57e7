"""The session cookie: signed with a key from the key file, `Secure` exactly when it came over https."""

from __future__ import annotations

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from surveyapp.people.keys import key_for


class KeyFileSessions(SecureCookieSessionInterface):
    """Flask's signed cookies, with a key that is read when the first session is opened.

    Building the application touches no key file (`surveyapp --help` works anywhere), and there is no
    default key that could be left in place. Flask-WTF signs with the application's key, which is why it
    is set there.
    """

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if not app.secret_key:
            app.secret_key = key_for("session", app)
        return super().get_signing_serializer(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        return bool(app.config["SESSION_COOKIE_SECURE"]) or request.is_secure
