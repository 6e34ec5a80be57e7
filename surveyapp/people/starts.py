"""Start tokens: what somebody without an account sends by, from their own phone.

A token is signed, not stored: it names one questionnaire, who was signed in (if anybody), and a number
drawn at random by which is counted what comes with it. A phone asks for one when it first sends, so that
an interview may be begun and finished without a network.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from datetime import timedelta

from surveyapp.people.keys import keyed_hash

PREFIX = "start_"
LIFE = timedelta(days=2)
_PURPOSE = "start token"
#: longer than any of ours
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Start:
    """What a token says. `number` tells tokens apart."""

    questionnaire: str
    user_id: int | None
    number: str


def make(questionnaire: str, user_id: int | None) -> str:
    """A token to send for a questionnaire by."""
    content = [questionnaire, user_id, secrets.token_hex(8), int(time.time())]
    text = _text(json.dumps(content, ensure_ascii=False).encode())
    return f"{PREFIX}{text}.{_signature(text)}"


def read(token: str) -> Start | None:
    """What a token says; None if it is not one of ours, or too old."""
    text, _, signature = token.removeprefix(PREFIX).partition(".")
    if not token.startswith(PREFIX) or len(token) > _LONGEST or not token.isascii():
        return None
    if not hmac.compare_digest(signature, _signature(text)):
        return None
    try:
        questionnaire, user_id, number, made = json.loads(_bytes(text))
    except (ValueError, binascii.Error):  # signed by another edition
        return None
    age = time.time() - made
    return Start(questionnaire, user_id, number) if age <= LIFE.total_seconds() else None


def _signature(text: str) -> str:
    return _text(keyed_hash(_PURPOSE, text)[:18])


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
