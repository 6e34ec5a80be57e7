"""Known browsers: somebody who has signed in from one is not locked out by what others try.

The cookie holds a random word and a signature over it and the user's name (OWASP, “Device cookies”).
It opens nothing by itself; it only gives this browser a count of attempts of its own.
"""

from __future__ import annotations

import hmac
import secrets

from flask import Response, request

from surveyapp.cookies import came_over_https
from surveyapp.people.keys import keyed_hash

COOKIE = "known_browser"
#: long enough for a yearly survey round; seconds
_LIFETIME = 400 * 24 * 3600


def known_browser(name: str) -> str | None:
    """The browser's own word, if somebody of this name has signed in from it before."""
    word, _dot, signature = request.cookies.get(COOKIE, "").partition(".")
    genuine = hmac.compare_digest(signature.encode(), _signature(word, name).encode())
    return word if genuine else None


def remember_browser(response: Response, name: str) -> Response:
    """Mark the browser as one from which this user has signed in."""
    if known_browser(name) is None:
        word = secrets.token_urlsafe(16)
        response.set_cookie(
            COOKIE,
            f"{word}.{_signature(word, name)}",
            max_age=_LIFETIME,
            path="/manage",
            secure=came_over_https(),
            httponly=True,
            samesite="Strict",
        )
    return response


def _signature(word: str, name: str) -> str:
    return keyed_hash("known browser", word, name).hex()
