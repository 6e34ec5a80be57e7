"""The count: what was acknowledged against what is stored, value by value."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from surveyapp.catalogue import service as catalogue
from surveyapp.extensions import db
from surveyapp.questionnaires.partition import join_identity
from surveyapp.submissions import doctor
from surveyapp.submissions.file_access import Reader, open_file
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Attachment, Quarantined, Submission, SubmissionRevision
from surveyapp.submissions.opening import identity_of, quarantined_bytes
from tests.collecting import QUESTIONNAIRE
from tests.faults import wire
from tests.faults.ledger import Entry, Ledger, Word
from tests.faults.records import as_json, as_xml
from tests.faults.scenes import Scene

#: how many findings are shown
_SHOWN = 5


@dataclass(slots=True)
class Count:
    """What a fault did; `lost`, `doubled` and `changed` are to be 0, and `findings` empty."""

    sent: int = 0
    #: states of records that the server gave its word for
    acknowledged: int = 0
    #: revisions and quarantined items that are there
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    changed: int = 0
    #: what `surveyapp doctor` finds
    findings: list[str] = field(default_factory=list)
    #: answers that should have been others
    surprises: list[str] = field(default_factory=list)
    #: answers by status; server errors that are no 503 or 507 are defects
    answers: dict[str, int] = field(default_factory=dict)
    #: errors in the server's log, by kind
    complaints: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, doubled or changed, and no answer was a program's failure."""
        wrong = self.lost + self.doubled + self.changed + self.failures
        return not (wrong or self.findings or self.surprises)

    @property
    def failures(self) -> int:
        """Answers that say the program failed."""
        documented = {"503", "507"}
        return sum(n for what, n in self.answers.items() if what[:1] == "5" and what not in documented)

    def __str__(self) -> str:
        return json.dumps(asdict(self) | {"failures": self.failures}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Stored:
    """One revision, opened."""

    answers: Any
    started_at: datetime | None
    finished_at: datetime | None
    files: dict[str, tuple[str | None, bool]]


@dataclass(frozen=True, slots=True)
class _Contents:
    """All that the database holds."""

    revisions: dict[UUID, list[_Stored]]
    #: how often the same bytes wait
    waiting: Counter[bytes]

    @property
    def size(self) -> int:
        """Revisions and quarantined items."""
        return sum(map(len, self.revisions.values())) + self.waiting.total()


def count(scene: Scene) -> Count:
    """Hold the database against the ledger."""
    ledger = scene.ledger
    with scene.app.app_context():
        contents = _contents()
        found = Count(
            sent=len(ledger.entries),
            acknowledged=sum(bool(entry.words) for entry in ledger.entries.values()),
            stored=contents.size,
            findings=_findings(),
            surprises=ledger.surprises[:_SHOWN],
            answers=dict(ledger.answers),
            complaints=dict(Counter(scene.served.complaints())),
        )
        for entry in ledger.entries.values():
            _judge(found, entry, contents)
        _look_for_strangers(found, ledger, contents)
        db.session.remove()
        db.engine.dispose()
    return found


def _judge(found: Count, entry: Entry, contents: _Contents) -> None:
    """Count one state of a record."""
    record = entry.record
    held = contents.revisions.get(record.id, [])
    same = [stored for stored in held if _same(stored, entry)]
    waits = contents.waiting[_as_kept(entry)]
    if Word.HELD in entry.words and not same:
        _note(found, "changed" if held else "lost", record.id, "not stored as sent")
    if Word.QUARANTINED in entry.words and not waits:
        _note(found, "lost", record.id, "does not wait as sent")
    if max(len(same), waits, *map(len, entry.words.values()), 0) > 1:
        _note(found, "doubled", record.id, f"{len(same)} times, waits {waits} times; {entry.words}")
    if same:
        _judge_files(found, entry, same[0])


def _judge_files(found: Count, entry: Entry, stored: _Stored) -> None:
    for name, photo in entry.files.items():
        sha256, is_held = stored.files.get(name, (None, False))
        opened = open_file(entry.record.id, photo.sha256, Reader(None, sees_all=True))
        if sha256 != photo.sha256 or not is_held or opened is None:
            _note(found, "lost", entry.record.id, "a file is not held")
            continue
        with opened.content as file:
            same = file.read() == photo.content
        if not same:
            _note(found, "changed", entry.record.id, "a file is another")


def _look_for_strangers(found: Count, ledger: Ledger, contents: _Contents) -> None:
    """What nobody sent must not be there, nor another state of what was sent."""
    sent: dict[UUID, list[Entry]] = {}
    for entry in ledger.entries.values():
        sent.setdefault(entry.record.id, []).append(entry)
    for submission_id, revisions in contents.revisions.items():
        if submission_id in ledger.strangers:
            continue
        known = sent.get(submission_id, [])
        for stored in revisions:
            if not any(_same(stored, entry) for entry in known):
                _note(found, "changed", submission_id, "a revision that nobody sent")


def _note(found: Count, what: str, record_id: UUID, why: str) -> None:
    setattr(found, what, getattr(found, what) + 1)
    if len(found.examples) < _SHOWN:
        found.examples.append(f"{record_id}: {why}")


def _same(stored: _Stored, entry: Entry) -> bool:
    record = entry.record
    if stored.answers != record.answers:
        return False
    times = (stored.started_at, stored.finished_at)
    return entry.by_xml or times == (record.started_at, record.finished_at)


def _as_kept(entry: Entry) -> bytes:
    """The bytes that quarantine keeps of a record."""
    return as_xml(entry.record) if entry.by_xml else wire.written(as_json(entry.record))


# --- what is there ----------------------------------------------------------------------------------


def _contents() -> _Contents:
    return _Contents(_revisions(), _waiting())


def _revisions() -> dict[UUID, list[_Stored]]:
    submissions, former = table_of(Submission), table_of(SubmissionRevision)
    files = _files()
    found: dict[UUID, list[_Stored]] = {}
    heads = {row.id: row for row in db.session.execute(select(submissions))}
    for row in heads.values():
        found[row.id] = [_opened(row, row, files)]
    for row in db.session.execute(select(former).order_by(former.c.revision)):
        found[row.submission_id].append(_opened(heads[row.submission_id], row, files))
    return found


def _opened(head: Row[Any], row: Row[Any], files: dict[tuple[UUID, int], Any]) -> _Stored:
    edition = catalogue.edition(QUESTIONNAIRE, row.version)
    assert edition is not None
    sealed = _Sealed(head.id, head.data_key, head.key_id, row.identity_sealed, row.foreign_sealed)
    return _Stored(
        join_identity(edition.definition, row.answers, identity_of(keys_of(), sealed)),
        row.started_at,
        row.finished_at,
        files.get((head.id, row.revision), {}),
    )


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A revision's sealed parts with the key that its submission's row has."""

    id: UUID
    data_key: bytes | None
    key_id: str | None
    identity_sealed: bytes | None
    foreign_sealed: bytes | None


def _files() -> dict[tuple[UUID, int], dict[str, tuple[str | None, bool]]]:
    found: dict[tuple[UUID, int], dict[str, tuple[str | None, bool]]] = {}
    for row in db.session.execute(select(table_of(Attachment))):
        key = (row.submission_id, row.revision)
        found.setdefault(key, {})[row.name] = (row.sha256, row.held_at is not None)
    return found


def _waiting() -> Counter[bytes]:
    rows = db.session.execute(select(table_of(Quarantined)))
    return Counter(quarantined_bytes(keys_of(), row) for row in rows)


def _findings() -> list[str]:
    return [str(finding) for finding in _doctor()]


def _doctor() -> Iterator[Any]:
    for check, _model in doctor.CHECKS.values():
        yield from check(lambda _done: None)
