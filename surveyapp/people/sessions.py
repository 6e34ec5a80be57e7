"""The session cookie's signature: its key comes from the key file."""

from __future__ import annotations

import logging

from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from surveyapp.cookies import SessionUnderHttps
from surveyapp.people.keys import key_for

logger = logging.getLogger("surveyapp.sessions")


class KeyFileSessions(SessionUnderHttps):
    """Signed cookies, with a key that is read when the first session is opened.

    Building the application touches no key file (`surveyapp --help` works anywhere), and there is no
    default key that could be left in place. Flask-WTF signs with the application's key, which is why it
    is set there.
    """

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Flask's own, once the application has its key; None while the key cannot be had.

        Flask then gives a session that cannot be written: what needs one fails, what needs none
        (`/healthz`, `/readyz`) still answers.
        """
        if not app.secret_key:
            try:
                app.secret_key = key_for("session", app)
            except Exception:  # database gone, key file missing: `/readyz` must be able to say so
                logger.exception("no key for sessions")
                return None
        return super().get_signing_serializer(app)
