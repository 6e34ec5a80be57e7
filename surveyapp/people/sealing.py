"""Secrets that must be known again (unlike passwords, which are only compared): sealed in the database.

AES-256-GCM under the key of a purpose, which is in no database; each is bound to whose it is, so that a
row copied onto another account opens nothing.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from surveyapp.people.keys import key_for

_NONCE_BYTES = 12


def seal(purpose: str, owner: str, secret: bytes) -> bytes:
    """The secret, sealed for an owner."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key_for(purpose)).encrypt(nonce, secret, owner.encode())


def opened(purpose: str, owner: str, sealed: bytes) -> bytes | None:
    """The secret; None if it was sealed under other keys, for somebody else, or is damaged."""
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(key_for(purpose)).decrypt(nonce, rest, owner.encode())
    except (InvalidTag, ValueError):
        return None
