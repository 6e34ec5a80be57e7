"""What a phone does to seal an item: written after the description, not after the server's code."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def as_json(item: Any) -> bytes:
    return json.dumps(item, ensure_ascii=False).encode()


def seal(key: Mapping[str, str], submission_id: str, content: bytes) -> dict[str, str]:
    """The item `{id, sealed}` for a server's public key (JSON Web Key)."""
    x, y = (int.from_bytes(_bytes(key[name])) for name in ("x", "y"))
    server = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    mine = ec.generate_private_key(ec.SECP256R1())
    point, theirs = _point(mine.public_key()), _point(server)
    secret = mine.exchange(ec.ECDH(), server)
    drawn = HKDF(SHA256(), 32, salt=point + theirs, info=b"surveyapp sealed envelope 1").derive(secret)
    nonce = os.urandom(12)
    rest = AESGCM(drawn).encrypt(nonce, content, submission_id.lower().encode())
    sealed = base64.urlsafe_b64encode(point + nonce + rest).rstrip(b"=").decode()
    return {"id": submission_id, "sealed": sealed}


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
