"""Keyed digests: what tells “the same content” from other content, and reveals neither to a stranger.

All are HMAC-SHA-256 under the commitment key. Each covers the submission's id, so that two families
with equal answers, or two children of the same name, have nothing in common in the database.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.canonical import canonical
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.keys import Keys


class Commitments(NamedTuple):
    """Commitments to the parts of a submission; 32 bytes each, None where there is no such part.

    They are stored, so that the content's digest can be verified even when a part was erased.
    """

    answers: bytes
    identity: bytes | None
    foreign: bytes | None

    @classmethod
    def to(
        cls,
        keys: Keys,
        submission_id: UUID,
        answers: Answers,
        identity: Mapping[str, Any],
        foreign: Mapping[str, Any],
    ) -> Commitments:
        """Commit to each part; identity and foreign ones are node path → value."""

        def commitment(what: str, part: Mapping[str, Any]) -> bytes:
            return keyed(keys, what, submission_id.bytes, canonical(part))

        return cls(
            commitment("answers", answers),
            commitment("identity", identity) if identity else None,
            commitment("foreign", foreign) if foreign else None,
        )


def content_digest(keys: Keys, envelope: Envelope, commitments: Iterable[bytes | None]) -> bytes:
    """Digest of “the same content”: questionnaire, version, commitments to its parts, attachments.

    Not of times, paradata, language, channel or code (design: verdicts); nor of attachments that follow
    apart, of which only the names are known.
    """
    announced = () if envelope.files_follow else envelope.attachments
    files = sorted((file.name, file.sha256) for file in announced)
    return keyed(
        keys,
        "content",
        envelope.id.bytes,
        envelope.questionnaire.encode(),
        envelope.version.encode("utf-8", "surrogatepass"),
        *(part or b"" for part in commitments),
        canonical(files),
    )


def digest_as_sent(keys: Keys, envelope: Envelope) -> bytes:
    """Digest of content that nobody could make sense of: what quarantine tells copies by.

    Not in canonical spelling: texts that are not storable take unbounded time to normalise.
    """
    sent = json.dumps([envelope.answers, envelope.sealed], sort_keys=True).encode("ascii")
    return content_digest(keys, envelope, [keyed(keys, "as sent", sent)])


def stored_name(keys: Keys, submission_id: UUID, name: str) -> str:
    """What stands for the name of a file that may point at a person; no file is called so."""
    return "/" + keyed(keys, "file name", submission_id.bytes, name.encode()).hex()[:32]


def keyed(keys: Keys, domain: str, *parts: bytes) -> bytes:
    """Keyed digest (32 bytes) over the parts; the domain, and where one part ends, are part of it."""
    all_parts = (domain.encode(), *parts)
    told = b"".join(piece for part in all_parts for piece in (len(part).to_bytes(8), part))
    return hmac.digest(keys.commitment, told, "sha256")
