"""The envelope: one filled questionnaire as it was sent, whichever channel it came by.

A channel reads its own wire format into a mapping as the JSON API has it (design: contract), and
`load_envelope` makes the envelope of it. Only the envelope is checked here; its answers are judged by
their version's own schema. A field that nobody knows is kept: a newer phone may send more than we know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from marshmallow import ValidationError

from surveyapp.catalogue.definitions import Published
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.submissions.envelope_schema import EnvelopeSchema, FileSchema, SealedEnvelopeSchema
from surveyapp.submissions.models import Channel

RawBytes: TypeAlias = bytes
_FILE_FIELDS = frozenset(FileSchema().fields)
_KNOWN_FIELDS = frozenset(EnvelopeSchema().fields) | frozenset(SealedEnvelopeSchema().fields)
_envelopes = EnvelopeSchema()
_sealed_envelopes = SealedEnvelopeSchema()


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that a submission names: its SHA-256 in hex, its size in bytes and its media type."""

    name: str
    sha256: str
    size: int
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One filled questionnaire as sent. Times are aware and stand in the device's own offset."""

    id: UUID
    questionnaire: str
    version: str
    language: str
    answers: Mapping[str, Any] = field(repr=False)
    channel: Channel
    started_at: datetime | None = None
    finished_at: datetime | None = None
    #: the revision that this one is an edit of; 0: of one that is not here
    base_revision: int | None = None
    #: the client's own id of this revision, where that is another than the submission's
    instance: UUID | None = None
    #: the client's id of the revision that this one is an edit of (OpenRosa); see `instances`
    deprecates: UUID | None = None
    app: str | None = None
    assignment: str | None = None
    #: the code of an invitation; cut out before anything is stored
    invitation: str | None = field(default=None, repr=False)
    answer_languages: Mapping[str, Any] = field(default_factory=dict)
    paradata: Mapping[str, Any] = field(default_factory=dict)
    consent: Mapping[str, Any] | None = None
    attachments: tuple[NamedFile, ...] = ()
    #: why the answers cannot be read as their version's at all (OpenRosa); `raw` has them as they came
    misfit: AnswerError | None = None
    #: encrypted on the phone to the server's key; such an envelope says nothing else but its id
    sealed: str | None = field(default=None, repr=False)
    #: fields of the envelope that nobody knows, by path
    foreign: Mapping[str, Any] = field(default_factory=dict, repr=False)
    #: the bytes as they came; None: as `as_item` writes them
    raw: RawBytes | None = field(default=None, repr=False)
    #: the version and who may answer it, where the channel had to know to read the answers
    published: Published | None = field(default=None, repr=False, compare=False)
    #: the answers are what the version's own reader made of elements: known ones, of their types
    is_checked: bool = field(default=False, compare=False)
    #: not about real people (a demonstration, `surveyapp demo`)
    synthetic: bool = False

    @property
    def files_follow(self) -> bool:
        """Whether files come apart from what names them, in any order (OpenRosa).

        `attachments` are then those that came along now.
        """
        return self.channel is Channel.OPENROSA

    @property
    def utc_offset(self) -> int | None:
        """The device's offset from UTC when the interview ended (or began), in minutes."""
        moment = self.finished_at or self.started_at
        offset = moment.utcoffset() if moment else None
        return int(offset.total_seconds() // 60) if offset is not None else None

    @property
    def begun_at(self) -> datetime | None:
        """When the interview began, as far as the device told; it ended later than it began."""
        return self.started_at or self.finished_at

    def as_bytes(self) -> RawBytes:
        """What quarantine keeps: the bytes as they came, without an invitation's code."""
        return self.raw if self.raw is not None else json.dumps(as_item(self)).encode("ascii")

    def without_code(self, answers: Mapping[str, Any]) -> Envelope:
        """The same envelope without the invitation's code; `answers` are the answers without it."""
        return replace(self, invitation=None, answers=answers, raw=None)


class BadEnvelope(ValueError):
    """Not an envelope: nothing of it can be kept. `errors` say where and why."""

    def __init__(self, errors: tuple[AnswerError, ...]) -> None:
        super().__init__(", ".join(f"{error.path}: {error.code}" for error in errors))
        self.errors = errors


def load_envelope(item: object, channel: Channel, raw: RawBytes | None = None) -> Envelope:
    """Read one item as the JSON API has it. Raises `BadEnvelope` with the path of each bad field."""
    only_sealed = isinstance(item, Mapping) and "sealed" in item and "answers" not in item
    schema = _sealed_envelopes if only_sealed else _envelopes
    try:
        loaded: dict[str, Any] = schema.load(item)  # type: ignore[arg-type]  # it checks the type
    except ValidationError as refused:
        raise BadEnvelope(tuple(_errors(refused.messages))) from None
    foreign = {name: loaded.pop(name) for name in loaded.keys() - _KNOWN_FIELDS}
    files = loaded.pop("attachments", None) or []
    given = {name: value for name, value in loaded.items() if value is not None}
    if "invitation" in given:
        raw = None  # the bytes as they came hold the code
    return Envelope(
        channel=channel,
        raw=raw,
        attachments=tuple(NamedFile(**{name: file[name] for name in _FILE_FIELDS}) for file in files),
        foreign=foreign | dict(_foreign_in(files)),
        **_BLANK | given,
    )


#: what a sealed envelope does not tell
_BLANK: dict[str, Any] = {"questionnaire": "", "version": "", "language": "", "answers": {}}


def _foreign_in(files: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for position, file in enumerate(files, 1):
        for name in file.keys() - _FILE_FIELDS:
            yield f"attachments[{position}]/{name}", file[name]


def _errors(messages: Any, path: str = "") -> Iterator[AnswerError]:
    """The errors in Marshmallow's tree: names and 0-based positions down to lists of defects."""
    if isinstance(messages, dict):
        for step, below in messages.items():
            yield from _errors(below, _step(path, step))
    else:
        for defect in messages:
            yield AnswerError(path, defect.code, defect.params)


def _step(path: str, step: str | int) -> str:
    if isinstance(step, int):
        return f"{path}[{step + 1}]"
    if step == "_schema":
        return path
    return f"{path}/{step}" if path else step


def as_item(envelope: Envelope) -> dict[str, Any]:
    """The envelope as `load_envelope` reads it, without an invitation's code."""
    if envelope.sealed is not None:
        return {"id": str(envelope.id), "sealed": envelope.sealed, **envelope.foreign}
    return {
        "id": str(envelope.id),
        "questionnaire": envelope.questionnaire,
        "version": envelope.version,
        "language": envelope.language,
        "started_at": _written(envelope.started_at),
        "finished_at": _written(envelope.finished_at),
        "base_revision": envelope.base_revision,
        "app": envelope.app,
        "assignment": envelope.assignment,
        "invitation": None,
        "answers": envelope.answers,
        "answer_languages": envelope.answer_languages,
        "paradata": envelope.paradata,
        "consent": envelope.consent,
        "attachments": [
            {"name": file.name, "sha256": file.sha256, "size": file.size, "type": file.type}
            for file in envelope.attachments
        ],
        **envelope.foreign,
    }


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
