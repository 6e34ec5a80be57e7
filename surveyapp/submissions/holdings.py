"""What the server holds, as its rows say: all that a receipt is made of, and what copies are told by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from types import SimpleNamespace
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, Row, exists, select

from surveyapp.submissions import kept_files
from surveyapp.submissions.content import Content
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.inserting import InsertedRow, table_of
from surveyapp.submissions.models import (
    Attachment,
    Instance,
    Quarantined,
    State,
    Submission,
    SubmissionRevision,
)

#: code of the error that says: the answers name a file that was not announced, so nobody knows which
UNANNOUNCED = "unannounced"
QuarantineKey: TypeAlias = tuple[UUID, bytes]
#: questionnaire, version and the commitments to the answers' parts: equal for equal answers
Parts: TypeAlias = tuple[str, str, bytes, bytes | None, bytes | None]

_RECEIPT_COLUMNS = ("revision", "content_digest", "received_at", "receipt_code", "errors")
_PART_COLUMNS = ("version", "answers_commitment", "identity_commitment", "foreign_commitment")


@dataclass(frozen=True, slots=True)
class Held:
    """One revision of a submission, or quarantined work (`revision` None)."""

    submission_id: UUID
    revision: int | None
    content_digest: bytes
    received_at: datetime
    receipt_code: str
    #: SHA-256 (hex) of the attachments that are not here yet, as far as they are known
    missing: tuple[str, ...] = ()
    #: names of attachments that are not here yet
    missing_names: tuple[str, ...] = ()
    #: whether every file that the answers name is known, so that it can be here at all
    announced: bool = True
    #: None: quarantined work
    parts: Parts | None = None
    #: name → SHA-256 of the files that the answers name; None: it is not known yet
    files: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether every attachment is here too."""
        return self.announced and not self.missing and not self.missing_names

    def has(self, envelope: Envelope, content: Content) -> bool:
        """Whether these are the same answers with the same files.

        Files that follow apart may be any; a file of which only the name is known may be any, too.
        """
        if self.parts != parts_of(envelope, content):
            return False
        sent = {content.stored_name(file.name): file.sha256 for file in envelope.attachments}
        if any(self.files.get(name) not in {None, sha256} for name, sha256 in sent.items()):
            return False
        return envelope.files_follow or {n for n, sha256 in self.files.items() if sha256} <= set(
            sent
        ) <= set(self.files)

    def lacks_any_of(self, envelope: Envelope, content: Content) -> bool:
        """Whether an envelope names a file with its hash that is not known here."""
        return any(
            self.files.get(content.stored_name(file.name)) is None for file in envelope.attachments
        )


def parts_of(envelope: Envelope, content: Content) -> Parts:
    """What an envelope's content is told by."""
    return (envelope.questionnaire, envelope.version, *content.commitments)


@dataclass(frozen=True, slots=True)
class History:
    """What is held of one submission: its current revision, and the former ones, oldest first."""

    current: Held
    state: State
    former: Sequence[Held] = ()
    #: whether its id is a later revision's, too (`instances.TwoRoles`)
    is_instance: bool = False

    def of_revision(self, number: int) -> Held:
        """The revision of this number, which exists."""
        return next(held for held in (self.current, *self.former) if held.revision == number)

    def copy_of(self, envelope: Envelope, content: Content) -> Held | None:
        """The revision that an envelope is another copy of; None: its content is new here.

        A copy of an edit is the revision that the edit made; an edit that changes nothing is its base.
        Otherwise it is the first of this content: an answer may have been changed and changed back.
        """
        same = {
            held.revision: held for held in (*self.former, self.current) if held.has(envelope, content)
        }
        base = envelope.base_revision or 0
        return same.get(base + 1) or same.get(base) or next(iter(same.values()), None)


def held_submissions(connection: Connection, ids: Collection[UUID]) -> dict[UUID, History]:
    """What is held of submissions, by id; those that are not stored are left out."""
    if not ids:
        return {}
    table = table_of(Submission)
    columns = [table.c[name] for name in (*_RECEIPT_COLUMNS, *_PART_COLUMNS)]
    is_instance = exists().where(table_of(Instance).c.id == table.c.id).label("is_instance")
    known = (table.c.id.label("submission_id"), table.c.questionnaire, table.c.status, is_instance)
    rows = connection.execute(select(*known, *columns).where(table.c.id.in_(ids))).all()
    files = _files(connection, [row.submission_id for row in rows])
    edited = {row.submission_id: row.questionnaire for row in rows if row.revision > 1}
    former = _former(connection, edited, files)
    return {
        row.submission_id: History(
            _held(row, row.questionnaire, files),
            State(row.status),
            former.get(row.submission_id, ()),
            row.is_instance,
        )
        for row in rows
    }


def held_as_inserted(row: InsertedRow, files: Iterable[InsertedRow]) -> Held:
    """What is held of a submission that was just inserted, as `held_submissions` would read it."""
    named = sorted((file for file in files if file["named"]), key=itemgetter("name"))
    read = {
        **row,
        "submission_id": row["id"],
        "received_at": row["received_at"].astimezone(UTC),
    }
    mine = {(row["id"], row["revision"]): [SimpleNamespace(**file) for file in named]}
    return _held(SimpleNamespace(**read), row["questionnaire"], mine)


def _former(
    connection: Connection, edited: Mapping[UUID, str], files: _Files
) -> dict[UUID, Sequence[Held]]:
    """The former revisions of submissions that were edited, oldest first."""
    if not edited:
        return {}
    table = table_of(SubmissionRevision)
    columns = [table.c[name] for name in ("submission_id", *_RECEIPT_COLUMNS, *_PART_COLUMNS)]
    rows = connection.execute(
        select(*columns)
        .where(table.c.submission_id.in_(edited))
        .order_by(table.c.submission_id, table.c.revision)
    )
    former: dict[UUID, list[Held]] = {}
    for row in rows:
        held = _held(row, edited[row.submission_id], files)
        former.setdefault(row.submission_id, []).append(held)
    return dict(former)


def _held(row: Any, questionnaire: str, files: _Files) -> Held:
    mine = files.get((row.submission_id, row.revision), ())
    waited_for = [file for file in mine if file.held_at is None]
    return Held(
        row.submission_id,
        row.revision,
        row.content_digest,
        row.received_at,
        row.receipt_code,
        missing=tuple(dict.fromkeys(file.sha256 for file in waited_for if file.sha256)),
        missing_names=tuple(file.name for file in waited_for),
        announced=not any(error["code"] == UNANNOUNCED for error in row.errors),
        parts=(
            questionnaire,
            row.version,
            row.answers_commitment,
            row.identity_commitment,
            row.foreign_commitment,
        ),
        files={file.name: file.sha256 for file in mine},
    )


#: (submission, revision) → its files, by name, as rows
_Files: TypeAlias = Mapping[tuple[UUID, int], Sequence[Any]]


def _files(connection: Connection, ids: Iterable[UUID]) -> _Files:
    """The files that the answers of submissions name, of every revision."""
    table = table_of(Attachment)
    columns = (table.c.submission_id, table.c.revision, table.c.name, table.c.sha256, table.c.held_at)
    rows = connection.execute(
        select(*columns)
        .where(table.c.submission_id.in_(ids), table.c.named)
        .order_by(table.c.submission_id, table.c.revision, table.c.name)
    )
    files: dict[tuple[UUID, int], list[Row[*tuple[Any, ...]]]] = {}
    for row in rows:
        files.setdefault((row.submission_id, row.revision), []).append(row)
    return files


def held_quarantined(connection: Connection, ids: Collection[UUID]) -> dict[QuarantineKey, Held]:
    """What is held of quarantined work under these ids, by id and digest as it was sent.

    What was erased waits for no file.
    """
    if not ids:
        return {}
    table = table_of(Quarantined)
    columns = (
        table.c.submission_id,
        table.c.content_digest,
        table.c.received_at,
        table.c.receipt_code,
        table.c.files,
        table.c.sender_id,
        table.c.device_id,
        table.c.data_key.is_not(None).label("is_open"),
    )
    rows = connection.execute(
        select(*columns).where(table.c.submission_id.in_(ids)).order_by(table.c.serial)
    ).all()
    wanted = {_owner(row): frozenset[str]() for row in rows}
    for row in rows:
        wanted[_owner(row)] |= {*row.files}
    held = kept_files.held_by_owner(connection, wanted)
    return {
        (row.submission_id, row.content_digest): Held(
            row.submission_id,
            None,
            row.content_digest,
            row.received_at,
            row.receipt_code,
            tuple(s for s in row.files if row.is_open and (_owner(row), s) not in held),
        )
        for row in rows
    }


def _owner(row: Row[*tuple[Any, ...]]) -> str:
    return kept_files.owner_of(row.sender_id, row.device_id)
