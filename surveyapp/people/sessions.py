"""The session cookie's signature: its key comes from the key file."""

from __future__ import annotations

from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from surveyapp.cookies import SessionUnderHttps
from surveyapp.people.keys import key_for


class KeyFileSessions(SessionUnderHttps):
    """Signed cookies, with a key that is read when the first session is opened.

    Building the application touches no key file (`surveyapp --help` works anywhere), and there is no
    default key that could be left in place. Flask-WTF signs with the application's key, which is why it
    is set there.
    """

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Flask's own, once the application has its key."""
        if not app.secret_key:
            app.secret_key = key_for("session", app)
        return super().get_signing_serializer(app)
