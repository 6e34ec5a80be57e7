"""What stands in the header `Authorization`, whatever it is."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import Authorization


def sent_credentials() -> Authorization | None:
    """The credentials of this request; None if there are none, or they cannot be read."""
    try:
        return request.authorization
    except ValueError:  # Werkzeug fails over letters in Basic that no base64 has
        return None
