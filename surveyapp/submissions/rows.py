"""Rows as they are inserted. What points at a person goes into sealed columns only."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions import chains
from surveyapp.submissions.assessing import Assessed
from surveyapp.submissions.content import Content
from surveyapp.submissions.digests import digest_as_sent
from surveyapp.submissions.envelope import Envelope, NamedFile
from surveyapp.submissions.inserting import InsertedRow
from surveyapp.submissions.kept_files import Held
from surveyapp.submissions.keys import Keys
from surveyapp.submissions.models import Cause, State
from surveyapp.submissions.receipts import new_code
from surveyapp.submissions.sealing import DataKey, Row
from surveyapp.submissions.verdicts import Sender

#: the column in which the name of a file is sealed
NAME_COLUMN = "name_sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMaker:
    """Makes the rows of one batch."""

    keys: Keys
    sender: Sender
    received_at: datetime
    demonstration: bool
    #: those among the batch's attachments that have come
    held_files: Held = field(default_factory=dict)
    #: the data keys of the submissions whose rows were made
    data_keys: dict[UUID, DataKey] = field(default_factory=dict, repr=False)

    def submission(self, found: Assessed, cause: Cause = Cause.SENT) -> InsertedRow:
        """The row of a new submission; its content fits its version."""
        envelope = found.envelope
        key = DataKey.new(self.keys, Row.of_submission(envelope.id))
        self.data_keys[envelope.id] = key
        first = self._revision(found, key) | {"revision": 1, "cause": cause}
        return first | {
            "id": envelope.id,
            "questionnaire": envelope.questionnaire,
            "first_received_at": self.received_at,
            "data_key": key.wrapped,
            "key_id": key.key_id,
            "chain": chains.link(self.keys, chains.BEGINNING, envelope.id, first),
        }

    def named_by(self, found: Assessed) -> InsertedRow:
        """Of a new submission's row what tells the assignment that it does."""
        envelope = found.envelope
        return {
            "id": envelope.id,
            "questionnaire": envelope.questionnaire,
            "assignment": envelope.assignment,
            "sender_id": self.sender.user_id,
            "device_id": self.sender.device_id,
            "received_at": self.received_at,
        }

    def revision(
        self, found: Assessed, key: DataKey, before: bytes, number: int, cause: Cause
    ) -> InsertedRow:
        """The columns that a further revision changes in its submission's row.

        `key` is the submission's, `before` the link of the revision before it.
        """
        self.data_keys[found.envelope.id] = key
        columns = self._revision(found, key) | {"revision": number, "cause": cause}
        link = chains.link(self.keys, before, found.envelope.id, columns)
        return columns | {"chain": link}

    def _revision(self, found: Assessed, key: DataKey) -> InsertedRow:
        envelope, content = found.envelope, cast(Content, found.content)
        return {
            "version": envelope.version,
            "language": envelope.language,
            "channel": envelope.channel,
            "status": State.STORED,
            "flags": list(found.flags),
            "errors": [stored_error(error) for error in found.errors],
            "synthetic": self._synthetic(envelope),
            "started_at": envelope.started_at,
            "finished_at": envelope.finished_at,
            "utc_offset": envelope.utc_offset,
            "received_at": self.received_at,
            "clock_skew": self._clock_skew(),
            "app": envelope.app,
            "assignment": envelope.assignment,
            "sender_id": self.sender.user_id,
            "device_id": self.sender.device_id,
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
            **self._sealed_parts(envelope, content, key),
        }

    def _sealed_parts(self, envelope: Envelope, content: Content, key: DataKey) -> InsertedRow:
        foreign = {"answers": content.foreign, "envelope": envelope.foreign}
        any_foreign = any(foreign.values())
        return {
            "identity_sealed": key.seal_json("identity_sealed", content.identity)
            if content.identity
            else None,
            "foreign_sealed": key.seal_json("foreign_sealed", foreign) if any_foreign else None,
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
            "device_id": self.sender.device_id,
            "sealed": key.seal("sealed", held),
            "size": len(held),
            "files": list(dict.fromkeys(file.sha256 for file in envelope.attachments)),
            "brought": [brought_file(key, file) for file in envelope.attachments]
            if envelope.files_follow
            else [],
            "data_key": key.wrapped,
            "key_id": key.key_id,
            "content_digest": digest,
            "receipt_code": new_code(),
        }

    def attachments(self, found: Assessed, revision: int = 1) -> Iterator[InsertedRow]:
        """The rows of the files that an envelope brings or names, for one of its revisions.

        A name that is sealed needs the submission's key among `data_keys`.
        """
        envelope, content = found.envelope, cast(Content, found.content)
        brought = {file.name for file in envelope.attachments}
        for file in envelope.attachments:
            is_named = file.name in content.file_uses or not envelope.files_follow
            row = self._attachment(envelope.id, revision, content, file.name)
            yield row | self._file(file) | {"named": is_named}
        if envelope.files_follow:
            for name in content.file_names - brought:
                yield self._attachment(envelope.id, revision, content, name)

    def _attachment(
        self, submission_id: UUID, revision: int, content: Content, name: str
    ) -> InsertedRow:
        """A file of which nothing but its name is known."""
        use, stored = content.file_uses.get(name), content.stored_name(name)
        key = self.data_keys.get(submission_id) if stored != name else None
        return {
            "submission_id": submission_id,
            "revision": revision,
            "name": stored,
            "name_sealed": key.seal_json(NAME_COLUMN, name) if key else None,
            "named": True,
            "sha256": None,
            "size": None,
            "type": None,
            "held_at": None,
            "address": None,
            "sealed": False,
            "wanted": use.wanted if use else None,
            "keeps_place": bool(use and use.keeps_place),
            "kind": None,
            "fault": None,
        }

    def _file(self, file: NamedFile) -> InsertedRow:
        held = self.held_files.get(file.sha256)
        return {
            "sha256": file.sha256,
            "size": held.size if held else file.size,
            "type": file.type,
            "held_at": self.received_at if held else None,
            "address": held.address if held else None,
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


def brought_file(key: DataKey, file: NamedFile) -> dict[str, Any]:
    """What quarantine keeps of a file that came along: its name is sealed as the rest is."""
    name = base64.b64encode(key.seal_json("brought", file.name)).decode("ascii")
    return {"name_sealed": name, "sha256": file.sha256, "size": file.size, "type": file.type}


def named_file(key: DataKey, kept: Mapping[str, Any]) -> NamedFile:
    """The file that `brought_file` made this of; an older edition kept the name as it was."""
    name = kept.get("name")
    if name is None:
        name = key.open_json("brought", base64.b64decode(kept["name_sealed"]))
    return NamedFile(name, kept["sha256"], kept["size"], kept["type"])
