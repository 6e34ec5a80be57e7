"""Reading the files of submissions: who may, in one place; what points at a person is audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.service import Edition
from surveyapp.extensions import db
from surveyapp.files.kinds import UNKNOWN
from surveyapp.media_store import media_store
from surveyapp.people import audit
from surveyapp.people.rights import Reach
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.definition import ATTACHMENT_TYPES, Valued
from surveyapp.submissions import file_sealing, kept_files, opening
from surveyapp.submissions.collectors import last_sent_by
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import Keys, keys_of
from surveyapp.submissions.models import Attachment, State, Submission
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.submissions.verdicts import Sender


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: somebody with an account, or a device."""

    user_id: int | None
    device_id: int | None = None
    #: where it may read what others have sent
    read: Reach = Reach()
    #: where it may see who is meant in what others have sent
    identity: Reach = Reach()
    #: where it may read sensitive answers of others; None: whoever asks has looked after that
    sensitive: Reach | None = None
    #: whether it reads what was deleted or blocked: it may bring this very submission back
    restores: bool = False


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What is known of a file; `name` is empty where it may point at a person."""

    sha256: str | None
    name: str
    revisions: tuple[int, ...]
    size: int | None
    #: as it was sent, and told by its content
    type: str | None
    kind: str | None
    fault: str | None
    is_held: bool
    is_named: bool


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file to be read; whoever gets it closes it."""

    content: IO[bytes]
    #: of its bytes as they are read
    size: int
    name: str
    kind: str
    #: tells these bytes from others
    address: str


def files_of(submission_id: UUID, reader: Reader) -> list[FileRecord] | None:
    """The files of a submission, of all revisions; None if it is not here, or not the reader's."""
    with db.engine.connect().execution_options(reads=True) as connection:
        if _readable(connection, submission_id, reader) is None:
            return None
        rows = _rows(connection, submission_id)
    together: dict[tuple[str, str | None], list[Row[Any]]] = {}
    for row in rows:
        together.setdefault((row.name, row.sha256), []).append(row)
    return [_record(same) for same in together.values()]


def _record(same: list[Row[Any]]) -> FileRecord:
    last = same[-1]
    return FileRecord(
        sha256=last.sha256,
        name="" if last.name_sealed or last.name.startswith("/") else last.name,
        revisions=tuple(row.revision for row in same),
        size=last.size,
        type=last.type,
        kind=last.kind,
        fault=last.fault,
        is_held=last.address is not None,
        is_named=last.named,
    )


def open_file(submission_id: UUID, sha256: str, reader: Reader) -> OpenedFile | None:
    """A file of a submission, by the SHA-256 it was sent with; None: none that this reader may read.

    Reading one that may point at a person is written to the audit log first. Raises OSError, and as
    `opening.identity_of`.
    """
    with db.engine.connect().execution_options(reads=True) as connection:
        head = _readable(connection, submission_id, reader)
        rows = [row for row in _rows(connection, submission_id) if row.sha256 == sha256 and row.address]
        may_identify = head is not None and _may_identify(connection, head, reader)
    if head is None or not rows:
        return None
    row = rows[-1]
    if row.name_sealed is None and not _is_for(submission_id, head, sha256, reader):
        return None
    if row.name_sealed is not None:
        if not may_identify:
            return None
        in_one_transaction(lambda connection: _write_down(connection, submission_id, reader))
    keys = keys_of()
    content = _content(keys, head, row)
    size = content.seek(0, 2)
    content.seek(0)
    name = opening.file_name(keys, head, row)
    return OpenedFile(content, size, name, row.kind or UNKNOWN, row.address)


def plain_hashes(
    head: Submission | Row[Any], edition: Edition | None, files: Sequence[FileRecord]
) -> set[str]:
    """SHA-256 of the files that only questions name whose answers everybody sees who reads at all."""
    if edition is None:
        return set()
    named = [
        (name, item.sensitive or item.identity)
        for _path, item, name in partition.leaves(edition.definition, head.answers, _is_file)
    ]
    plain = {name for name, _guarded in named} - {name for name, guarded in named if guarded}
    hashes = {file.sha256 for file in files if file.sha256 and file.name in plain}
    # the same bytes may have come under another name too
    return hashes - {file.sha256 for file in files if file.name not in plain}


def _is_file(item: Valued) -> bool:
    return item.type in ATTACHMENT_TYPES


def _is_for(submission_id: UUID, head: Row[Any], sha256: str, reader: Reader) -> bool:
    """Whether no sensitive question names the file, or the reader may read those, or sent it."""
    if reader.sensitive is None or reader.sensitive.covers(head.questionnaire, head.region):
        return True
    with db.engine.connect().execution_options(reads=True) as connection:
        if _has_sent(connection, head, reader):
            return True
    edition = catalogue.edition(head.questionnaire, head.version)
    return sha256 in plain_hashes(head, edition, files_of(submission_id, reader) or [])


def opened_unseen(head: Submission, name: str) -> IO[bytes] | None:
    """A file of the current revision by its name, for the program itself: nobody gets to see its bytes.

    Whoever gets it closes it. None: there is none, or it has not come. Raises OSError, and as
    `opening.identity_of`.
    """
    keys = keys_of()
    query = select(Attachment).filter_by(submission_id=head.id, revision=head.revision)
    for row in db.session.scalars(query):
        if row.address and opening.file_name(keys, head, row) == name:
            return _content(keys, head, row)
    return None


def _content(keys: Keys, head: Any, row: Any) -> IO[bytes]:
    if not row.sealed:  # it came a moment ago
        return kept_files.open_at(keys, row.address)
    key = opening.submission_key(keys, head)
    return file_sealing.opened(key.secret, kept_files.binding(row), media_store().open(row.address))


def _write_down(connection: Connection, submission_id: UUID, reader: Reader) -> None:
    audit.record_on(
        connection,
        audit.Action.SUBMISSION_OPENED,
        str(submission_id),
        {"identity": True, "count": 1},
        user_id=reader.user_id,
    )


def _readable(connection: Connection, submission_id: UUID, reader: Reader) -> Row[Any] | None:
    """The submission's row, if the reader may read its files: whoever sent a revision, or reads others'.

    What was deleted or blocked is for whoever may bring it back; of what was erased nothing is left.
    """
    table = table_of(Submission)
    head = connection.execute(select(table).where(table.c.id == submission_id)).one_or_none()
    if head is None or head.status == State.ERASED:
        return None
    if State(head.status).is_gone and not reader.restores:
        return None
    is_told = reader.read.covers(head.questionnaire, head.region) or _has_sent(connection, head, reader)
    return head if is_told else None


def _may_identify(connection: Connection, head: Row[Any], reader: Reader) -> bool:
    covered = reader.identity.covers(head.questionnaire, head.region)
    return covered or _has_sent(connection, head, reader)


def _has_sent(connection: Connection, head: Row[Any], reader: Reader) -> bool:
    sender = Sender(user_id=reader.user_id, device_id=reader.device_id)
    return last_sent_by(connection, head, sender) is not None


def _rows(connection: Connection, submission_id: UUID) -> list[Row[Any]]:
    table = table_of(Attachment)
    query = select(table).where(table.c.submission_id == submission_id)
    return list(connection.execute(query.order_by(table.c.revision, table.c.serial)).all())
