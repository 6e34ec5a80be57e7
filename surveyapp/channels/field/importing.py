"""The emergency file of a phone, taken in: one JSON object in each line, all of it sealed to our key.

The first line is `{"format": "surveyapp rescue 1", "made_at"}`. Then come, a record's files before it,
`{"id", "sha256", "file"}`, `{"id", "device", "sealed"}` (a finished record, as it would have been sent)
and `{"id", "device", "draft"}` (an interview under way, as the phone kept it: it waits in quarantine).
Taking a file in twice, or after all was sent, does no harm.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from surveyapp.catalogue import service as catalogue
from surveyapp.channels.api.body import SentItem
from surveyapp.channels.api.intake import envelope_of
from surveyapp.extensions import db
from surveyapp.people.models import Device
from surveyapp.questionnaires.interview import Interview
from surveyapp.submissions import kept_files
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.kept_files import Brought
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Channel
from surveyapp.submissions.receive import receive
from surveyapp.submissions.sealed_envelopes import open_sealed
from surveyapp.submissions.verdicts import Sender, Status

FORMAT = "surveyapp rescue 1"
#: what the record of an interview under way says it was filled in with
APP = "rescue/1.0"
#: members of a draft that are those of a record
_SAME = (
    "questionnaire",
    "version",
    "assignment",
    "language",
    "started_at",
    "answer_languages",
    "attachments",
    "consent",
)


class NoRescueFile(ValueError):
    """The file is none of a phone's, or was cut off; `line` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(slots=True)
class Taken:
    """What became of a file's records (by status), of interviews under way, and of what no key opens."""

    records: Counter[str] = field(default_factory=Counter)
    drafts: int = 0
    files: int = 0
    unopened: int = 0


def take_in(lines: Iterable[bytes]) -> Taken:
    """Receive all that a file holds. Raises `NoRescueFile`, `receive.NotStored`."""
    taken, brought = Taken(), list[Brought]()
    for number, line in enumerate(lines, 1):
        found = _read(line, number)
        if number == 1 and found.get("format") != FORMAT:
            raise NoRescueFile(number)
        if "file" in found:
            brought += _file(found, taken)
        elif "sealed" in found or "draft" in found:
            _record(found, brought, taken)
            brought = []
    return taken


def _read(line: bytes, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
        if "id" in found:
            UUID(found["id"])
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise NoRescueFile(number) from None
    if not isinstance(found, dict):
        raise NoRescueFile(number)
    return found


def _file(found: Mapping[str, Any], taken: Taken) -> list[Brought]:
    content = open_sealed(keys_of(), f"{found['id']} {found['sha256']}", found["file"])
    if content is None or hashlib.sha256(content).hexdigest() != found["sha256"]:
        taken.unopened += 1
        return []
    taken.files += 1
    return [kept_files.put([content])]


def _record(found: Mapping[str, Any], brought: list[Brought], taken: Taken) -> None:
    is_draft = "draft" in found
    item = _item_of_draft(found) if is_draft else {"id": found["id"], "sealed": found["sealed"]}
    if item is None:
        taken.unopened += 1
        return
    raw = json.dumps(item, ensure_ascii=False).encode()
    envelope = envelope_of(SentItem(raw, item), Channel.FIELD)
    if not isinstance(envelope, Envelope):
        taken.records[Status.MALFORMED] += 1
        return
    sender = _sender(found.get("device"), to_wait=is_draft)
    [result] = receive([envelope], sender, brought=brought)
    if is_draft:
        taken.drafts += 1
    else:
        taken.records[result.status] += 1


def _sender(number: Any, *, to_wait: bool) -> Sender:
    """The device that the file names, if there is one: whoever takes the file in answers for it.

    What is not finished waits for an administrator, as the work of a revoked device does.
    """
    device = db.session.get(Device, int(number)) if str(number).isdecimal() else None
    if device is None:
        return Sender(is_command=True, revoked=to_wait)
    revoked = to_wait or device.revoked_at is not None
    scope = frozenset(device.questionnaires) if device.questionnaires else None
    return Sender(device_id=device.id, user_id=device.user_id, revoked=revoked, questionnaires=scope)


def _item_of_draft(found: Mapping[str, Any]) -> dict[str, Any] | None:
    """An interview under way as a record: its answers so far, finished when it was changed last."""
    content = open_sealed(keys_of(), str(found["id"]), found["draft"])
    if content is None:
        return None
    packed = content[:2] == b"\x1f\x8b"
    draft = json.loads(gzip.decompress(content) if packed else content)
    item = {name: draft[name] for name in _SAME if draft.get(name) is not None}
    return item | {
        "id": found["id"],
        "finished_at": draft["changed_at"],
        "app": APP,
        "answers": _answers(draft),
    }


def _answers(draft: Mapping[str, Any]) -> dict[str, Any]:
    """Answers so far; of a version that is not here, what the phone kept of them."""
    snapshot = draft.get("snapshot") or {}
    edition = catalogue.edition(draft["questionnaire"], draft["version"])
    if edition is None:
        return dict(snapshot)
    now = datetime.fromisoformat(draft["changed_at"])
    interview = Interview(edition.definition, snapshot, language=draft["language"], now=now)
    return dict(interview.answers())
