"""The secrets that people need, handed in from outside.

`people` imports none of its neighbours (design §3), but the keys live with the sealing of submissions.
So the wiring hands in a source: a function from a purpose (`session`, `invitation` …) to 32 bytes that
are in no database. It is asked when a secret is first needed, never while the application is built.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import TypeAlias, cast

from flask import Flask, current_app

KeySource: TypeAlias = Callable[[str], bytes]
_EXTENSION = "surveyapp-people-keys"


def provide_keys(app: Flask, source: KeySource) -> None:
    """Say where the secrets come from; the same purpose must always yield the same bytes."""
    app.extensions[_EXTENSION] = source


def key_for(purpose: str, app: Flask | None = None) -> bytes:
    """The secret of a purpose. Raises `KeyError` when the wiring provided no source."""
    return cast(KeySource, (app or current_app).extensions[_EXTENSION])(purpose)


def keyed_hash(purpose: str, *parts: str) -> bytes:
    """HMAC-SHA-256 over the parts under the purpose's key; where one part ends is part of it."""
    encoded = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in parts)
    return hmac.new(key_for(purpose), encoded, hashlib.sha256).digest()
