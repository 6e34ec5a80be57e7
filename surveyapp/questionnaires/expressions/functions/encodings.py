"""Functions that encode, digest and identify."""

from __future__ import annotations

import base64
import binascii
import hashlib
import string
import uuid
from collections.abc import Callable

from surveyapp.questionnaires.expressions.context import Context
from surveyapp.questionnaires.expressions.conversions import Function, Value, to_index, to_string
from surveyapp.questionnaires.expressions.errors import EvaluationError

_ALGORITHMS = frozenset({"md5", "sha1", "sha256", "sha384", "sha512"})
_ENCODINGS: dict[str, Callable[[bytes], str]] = {
    "base64": lambda octets: base64.b64encode(octets).decode(),
    "hex": bytes.hex,
}
_GUID_CHARACTERS = string.digits + string.ascii_uppercase
#: No identifier needs to be longer.
_LONGEST_GUID = 1000


def digest(text: Value, algorithm: Value, encoding: Value = "base64") -> str:
    """A digest of the text's UTF-8 octets, in base64 or hex.

    Raises:
        EvaluationError: `digest`, no such algorithm or encoding.
    """
    name = to_string(algorithm).lower().replace("-", "")
    encode = _ENCODINGS.get(to_string(encoding).lower())
    if name not in _ALGORITHMS or encode is None:
        raise EvaluationError("digest", name=to_string(algorithm if encode else encoding))
    octets = to_string(text).encode(errors="replace")
    return encode(hashlib.new(name, octets, usedforsecurity=False).digest())


def base64_decode(text: Value) -> str:
    """The UTF-8 text that is encoded; `''` for what is no base64."""
    try:
        octets = base64.b64decode(to_string(text).encode())
    except (binascii.Error, UnicodeEncodeError):
        return ""
    return octets.decode(errors="replace")


def identifier(context: Context, *length: Value) -> str:
    """A random UUID; with a length, so many random digits and capital letters."""
    if not length:
        return str(uuid.uuid4())
    count = max(0, min(to_index(length[0]), _LONGEST_GUID))
    places = (int(context.scope.random() * len(_GUID_CHARACTERS)) for _ in range(count))
    return "".join(_GUID_CHARACTERS[place] for place in places)


def random(context: Context) -> float:
    """A random number from 0 to below 1."""
    return context.scope.random()


ENCODINGS: dict[str, Function] = {"base64-decode": base64_decode, "digest": digest}
CHANCE_IN_CONTEXT: dict[str, Function] = {"random": random, "uuid": identifier}
