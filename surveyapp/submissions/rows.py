"""Rows as they are inserted. What points at a person goes into sealed columns only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.assessing import Assessed
from surveyapp.submissions.content import Content
from surveyapp.submissions.digests import digest_as_sent
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.inserting import InsertedRow
from surveyapp.submissions.keys import Keys
from surveyapp.submissions.receipts import new_code
from surveyapp.submissions.sealing import DataKey, Row
from surveyapp.submissions.verdicts import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMaker:
    """Makes the rows of one batch."""

    keys: Keys
    sender: Sender
    received_at: datetime
    demonstration: bool
    #: SHA-256 of those among the batch's attachments that the media store holds
    held_files: frozenset[str]

    def submission(self, found: Assessed) -> InsertedRow:
        """The row of a submission; its content fits its version."""
        envelope, content = found.envelope, cast(Content, found.content)
        return {
            "id": envelope.id,
            "questionnaire": envelope.questionnaire,
            "version": envelope.version,
            "language": envelope.language,
            "channel": envelope.channel,
            "status": "stored",
            "flags": list(found.flags),
            "errors": [stored_error(error) for error in found.errors],
            "synthetic": self._synthetic(envelope),
            "revision": 1,
            "started_at": envelope.started_at,
            "finished_at": envelope.finished_at,
            "utc_offset": envelope.utc_offset,
            "received_at": self.received_at,
            "clock_skew": self._clock_skew(),
            "app": envelope.app,
            "assignment": envelope.assignment,
            "sender_id": self.sender.user_id,
            "breakdowns": content.breakdowns,
            "region": content.breakdowns.get("region"),
            "answers": content.answers,
            "answer_languages": envelope.answer_languages,
            "paradata": envelope.paradata,
            "consent": envelope.consent,
            "answers_commitment": content.commitments.answers,
            "identity_commitment": content.commitments.identity,
            "foreign_commitment": content.commitments.foreign,
            "content_digest": content.digest,
            "receipt_code": new_code(),
            **self._sealed_parts(envelope, content),
        }

    def _sealed_parts(self, envelope: Envelope, content: Content) -> InsertedRow:
        key = DataKey.new(self.keys, Row.of_submission(envelope.id))
        foreign = {"answers": content.foreign, "envelope": envelope.foreign}
        any_foreign = any(foreign.values())
        return {
            "identity_sealed": key.seal_json("identity_sealed", content.identity)
            if content.identity
            else None,
            "foreign_sealed": key.seal_json("foreign_sealed", foreign) if any_foreign else None,
            "data_key": key.wrapped,
            "key_id": key.key_id,
        }

    def digest_as_sent(self, found: Assessed) -> bytes:
        """What tells the copies of quarantined work from other work under the same id."""
        return digest_as_sent(self.keys, found.envelope)

    def quarantined(self, found: Assessed, digest: bytes) -> InsertedRow:
        """The row of work that must wait: the bytes as they came, sealed; `digest`: as sent."""
        envelope = found.envelope
        key = DataKey.new(self.keys, Row.of_quarantined(envelope.id, digest))
        held = envelope.as_bytes()
        return {
            "submission_id": envelope.id,
            "questionnaire": envelope.questionnaire,
            "version": envelope.version if is_storable(envelope.version) else "",
            "language": envelope.language,
            "channel": envelope.channel,
            "reason": found.reason,
            "errors": [stored_error(error) for error in found.why_it_waits],
            "synthetic": self._synthetic(envelope),
            "received_at": self.received_at,
            "sender_id": self.sender.user_id,
            "sealed": key.seal("sealed", held),
            "size": len(held),
            "files": list(dict.fromkeys(file.sha256 for file in envelope.attachments)),
            "data_key": key.wrapped,
            "key_id": key.key_id,
            "content_digest": digest,
            "receipt_code": new_code(),
        }

    def attachments(self, found: Assessed) -> Iterator[InsertedRow]:
        """The rows of the files that an envelope names."""
        for file in found.envelope.attachments:
            yield {
                "submission_id": found.envelope.id,
                "name": file.name,
                "sha256": file.sha256,
                "size": file.size,
                "type": file.type,
                "held_at": self.received_at if file.sha256 in self.held_files else None,
            }

    def events(self, found: Assessed) -> Iterator[InsertedRow]:
        """What others must learn of: disclosures of danger, also in work that waits in quarantine."""
        for disclosure in found.disclosures:
            yield {
                "kind": "disclosure",
                "submission_id": found.envelope.id,
                "payload": {
                    "path": disclosure.path,
                    "level": disclosure.level,
                    "quarantined": found.reason is not None,
                },
                "created_at": self.received_at,
            }

    def _synthetic(self, envelope: Envelope) -> bool:
        return self.demonstration or envelope.synthetic

    def _clock_skew(self) -> int | None:
        if self.sender.device_time is None:
            return None
        return round((self.sender.device_time - self.received_at).total_seconds())


def stored_error(error: AnswerError) -> dict[str, Any]:
    """An error as it is kept: where and which rule, no wording and no answer."""
    return {"path": error.path, "code": error.code, "params": dict(error.params)}
