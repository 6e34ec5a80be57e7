"""Envelopes that a phone encrypted to the server's key: nobody else can read them while they wait.

`sealed` is Base64 (for addresses, without `=`) of: the phone's one-time public key on P-256 (65 bytes,
uncompressed), a nonce (12 bytes), and the item's JSON, packed with gzip or not, under AES-256-GCM. The
key is HKDF-SHA-256 of the shared secret (ECDH), the salt both public keys one after the other, the
phone's first, `info` the text below; the item's id in lower case is authenticated with it. WebCrypto has
all this.
"""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from surveyapp.submissions.keys import KEY_BYTES, Keys

INFO = b"surveyapp sealed envelope 1"
POINT_BYTES, NONCE_BYTES = 65, 12
#: how many points P-256 has (FIPS 186-5); private keys are from 1 to one less
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def public_key(keys: Keys) -> dict[str, str]:
    """The key that phones encrypt to, as a JSON Web Key (RFC 7517)."""
    point = _point(_private_key(keys).public_key())
    x, y = point[1:33], point[33:]
    return {"kty": "EC", "crv": "P-256", "x": _text(x), "y": _text(y)}


def open_envelope(keys: Keys, submission_id: UUID, sealed: str) -> bytes | None:
    """What is in a sealed envelope, packed or not; None if no key opens it."""
    return open_sealed(keys, str(submission_id), sealed)


def open_sealed(keys: Keys, name: str, sealed: str) -> bytes | None:
    """The same of anything that was sealed under a name."""
    try:
        content = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
        phone = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), content[:POINT_BYTES])
        nonce, rest = content[POINT_BYTES:][:NONCE_BYTES], content[POINT_BYTES + NONCE_BYTES :]
        cipher = AESGCM(_shared_key(_private_key(keys), phone))
        return cipher.decrypt(nonce, rest, name.encode())
    except (ValueError, binascii.Error, InvalidTag):
        return None


def _shared_key(ours: ec.EllipticCurvePrivateKey, phone: ec.EllipticCurvePublicKey) -> bytes:
    secret = ours.exchange(ec.ECDH(), phone)
    salt = _point(phone) + _point(ours.public_key())
    return HKDF(SHA256(), KEY_BYTES, salt=salt, info=INFO).derive(secret)


def _private_key(keys: Keys) -> ec.EllipticCurvePrivateKey:
    """Derived, so that it is in no file of its own; from 512 bits, so that all are equally likely."""
    drawn = keys.derived("sealed envelopes, one") + keys.derived("sealed envelopes, two")
    return ec.derive_private_key(1 + int.from_bytes(drawn) % (_ORDER - 1), ec.SECP256R1())


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _text(number: bytes) -> str:
    return base64.urlsafe_b64encode(number).rstrip(b"=").decode("ascii")
