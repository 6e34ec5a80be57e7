"""Keyed digests: what tells “the same content” from other content, and reveals neither to a stranger.

All are HMAC-SHA-256 under the commitment key. Each covers the submission's id, so that two families
with equal answers, or two children of the same name, have nothing in common in the database.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from surveyapp.submissions.keys import Keys


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value: sorted keys, no blanks, whole numbers without a fraction.

    `2.0` and `2` are the same answer, and PostgreSQL's `jsonb` gives `1e+16` back as a whole number.
    """
    spelt = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return spelt.encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def commitment(keys: Keys, what: str, submission_id: UUID, value: Any) -> bytes:
    """The commitment to one part (`answers`, `identity` …) of a submission; 32 bytes."""
    return _keyed(keys, what, submission_id.bytes, canonical(value))


def content_digest(
    keys: Keys,
    submission_id: UUID,
    questionnaire: str,
    version: str,
    parts: Iterable[bytes | None],
    attachments: Iterable[tuple[str, str]],
) -> bytes:
    """Digest of “the same content”: questionnaire, version, commitments, attachments; 32 bytes.

    `parts` are the commitments to the answers, the identity and what nobody knows, in this order;
    `attachments` are names with the SHA-256 of their bytes, in any order.
    """
    return _keyed(
        keys,
        "content",
        submission_id.bytes,
        questionnaire.encode(),
        version.encode(),
        *(part or b"" for part in parts),
        canonical(sorted(attachments)),
    )


def _keyed(keys: Keys, domain: str, *parts: bytes) -> bytes:
    """HMAC over the parts; the domain, and where one part ends, are part of it."""
    code = hmac.new(keys.commitment, digestmod=hashlib.sha256)
    for part in (domain.encode(), *parts):
        code.update(len(part).to_bytes(8))
        code.update(part)
    return code.digest()
