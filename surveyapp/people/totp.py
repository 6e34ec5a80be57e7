"""Codes of authenticator apps (TOTP, RFC 6238): the secret, how it is shown, and which code is right.

Six digits of HMAC-SHA-1 every thirty seconds: what every app knows, and some know nothing else.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime

import segno
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from markupsafe import Markup

DIGITS = 6
#: seconds
STEP = 30
#: of HMAC, where its known weaknesses do not matter (RFC 6238)
_HASH = hashes.SHA1()  # noqa: S303
#: steps before and after the server's own that are taken: clocks differ, and typing takes time
_AROUND = 1
#: RFC 4226 asks for 160 bits
_SECRET_BYTES = 20
_GROUP = 4


def new_secret() -> bytes:
    """A secret for one person's app."""
    return secrets.token_bytes(_SECRET_BYTES)


def code_at(secret: bytes, counter: int) -> str:
    """The code of a time step."""
    return HOTP(secret, DIGITS, _HASH).generate(counter).decode("ascii")


def counter_at(now: datetime) -> int:
    """The time step of a moment."""
    return int(now.timestamp()) // STEP


def is_code(typed: str) -> bool:
    """Whether something typed looks like a code of an app."""
    return len(typed) == DIGITS and typed.isascii() and typed.isdecimal()


def matching_counter(secret: bytes, typed: str, now: datetime) -> int | None:
    """The time step whose code was typed; None: of none around now."""
    here = counter_at(now)
    for counter in range(here - _AROUND, here + _AROUND + 1):
        if hmac.compare_digest(code_at(secret, counter).encode(), typed.encode()):
            return counter
    return None


def in_groups(secret: bytes) -> str:
    """The secret as it is typed into an app that cannot scan, in groups of four letters."""
    text = base64.b32encode(secret).decode("ascii")
    return " ".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def address(secret: bytes, name: str, site: str) -> str:
    """The `otpauth://` address that apps know; `site` and `name` are what the app shows."""
    return TOTP(secret, DIGITS, _HASH, STEP).get_provisioning_uri(name, site)


def picture(link: str) -> Markup:
    """The address as a QR code: an inline SVG that looks the same on light and on dark pages."""
    code = segno.make_qr(link, error="m", boost_error=False)
    drawn = code.svg_inline(
        omitsize=True, border=4, light="#fff", dark="#000", svgclass="qr", lineclass=None
    )
    return Markup(drawn)  # noqa: S704  # segno draws squares; nothing of the text is in it
