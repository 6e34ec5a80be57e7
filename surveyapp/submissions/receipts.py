"""Receipts: the server's signed word that it holds a submission, and the short code people keep.

A receipt is a compact JWS (RFC 7515) signed with Ed25519 (RFC 8037), made from the stored row alone.
Ed25519 signs without random numbers, so every copy, at any time, on any server, is the same bytes.
`complete` is a second such word: the server also holds every attachment, and the phone may delete.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from surveyapp.submissions.holdings import Held
from surveyapp.submissions.keys import Keys

#: 32 letters and digits: without I, O, 0 and 1, which are mistaken for one another
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
GROUPS = 3
GROUP_LENGTH = 4  # twelve letters of five random bits: 60 bits
_LETTER = dict(zip("АВЕКМНРСТХУ", "ABEKMHPCTXY", strict=True))
"""Cyrillic capitals that look like Latin ones: what a Kazakh or Russian keyboard types."""


def receipt(keys: Keys, held: Held) -> str:
    """The signed word that the server holds the answers."""
    return _signed(keys, "received", held)


def complete(keys: Keys, held: Held) -> str | None:
    """The signed word that it also holds every attachment they name; None while it does not."""
    return _signed(keys, "complete", held) if held.whole else None


def verified(keys: Keys, token: str) -> dict[str, Any] | None:
    """What a receipt or a `complete` says; None if this installation did not sign it."""
    try:
        signed, _dot, signature = token.rpartition(".")
        _public(keys).verify(_decoded(signature), signed.encode("ascii"))
        claims: dict[str, Any] = json.loads(_decoded(signed.partition(".")[2]))
    except (InvalidSignature, ValueError):
        return None
    return claims


def _signed(keys: Keys, word: str, held: Held) -> str:
    claims = {
        "word": word,
        "id": str(held.submission_id),
        "revision": held.revision,
        "content": held.content_digest.hex(),
        "received_at": held.received_at.isoformat(timespec="microseconds"),
    }
    key, header = _signing(keys.receipt)
    signed = f"{header}.{_encoded(_spelt(claims))}"
    return f"{signed}.{_encoded(key.sign(signed.encode('ascii')))}"


@lru_cache(maxsize=4)
def _signing(secret: bytes) -> tuple[Ed25519PrivateKey, str]:
    """The key that signs, and the header of all that it signs."""
    key = Ed25519PrivateKey.from_private_bytes(secret)
    return key, _encoded(_spelt({"alg": "EdDSA", "kid": _key_id(key.public_key())}))


def _spelt(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _public(keys: Keys) -> Ed25519PublicKey:
    return keys.signing_key().public_key()


def _key_id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


# --- the code for people ----------------------------------------------------------------------------


def new_code() -> str:
    """A random receipt code, grouped for reading: `K7PM-2XQA-9DTW`."""
    drawn = secrets.token_bytes(GROUPS * GROUP_LENGTH)
    letters = [ALPHABET[byte % len(ALPHABET)] for byte in drawn]  # 32 letters: each as likely
    return _grouped("".join(letters))


def read_code(typed: str) -> str | None:
    """A receipt code as it is stored, however it was typed; None if it cannot be one."""
    letters = [_LETTER.get(letter, letter) for letter in typed.upper() if letter.isalnum()]
    if len(letters) != GROUPS * GROUP_LENGTH or not set(letters) <= set(ALPHABET):
        return None
    return _grouped("".join(letters))


def _grouped(letters: str) -> str:
    starts = range(0, len(letters), GROUP_LENGTH)
    return "-".join(letters[start : start + GROUP_LENGTH] for start in starts)
