"""Destroying who is meant, and nothing else: the other answers and their files stay, and are read on.

Everything sealed of a submission lies under one key. So what stays gets a fresh one, and the former key
is destroyed: with it go the identity answers of every revision, the files that point at a person and
their names, and what may name somebody besides: fields that nobody knows, reviewers' comments, what
waits in quarantine, the visit's label.

The chain goes on with one more revision of the same answers (`Cause.IDENTITY_ERASED`). The commitments
of the former ones stay: a late copy is told by them, and revives nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.media_store import media_store, new_address
from surveyapp.submissions import assigning, chains, file_sealing, kept_files, opening
from surveyapp.submissions.digests import Commitments, content_digest
from surveyapp.submissions.editing import keep_former
from surveyapp.submissions.envelope import Envelope, NamedFile
from surveyapp.submissions.erasing import erase_quarantined, let_go_of_files
from surveyapp.submissions.inserting import InsertedRow, insert_all, table_of
from surveyapp.submissions.keys import Keys
from surveyapp.submissions.models import (
    Attachment,
    Cause,
    Channel,
    Flag,
    ReviewAct,
    Submission,
    SubmissionRevision,
)
from surveyapp.submissions.receipts import new_code
from surveyapp.submissions.sealing import DataKey
from surveyapp.submissions.sealing import Row as SealedRow
from surveyapp.submissions.taking_in import SEALED

_NOTHING: InsertedRow = {"identity_sealed": None, "foreign_sealed": None}
#: what is said of parts that are not there any more
_FLAGS_OF_WHAT_GOES = frozenset({Flag.FOREIGN, Flag.UNNAMED_FILE})


class FilesChanged(RuntimeError):
    """A file, or another key, came while the others were sealed anew: it is to be begun again."""


@dataclass(frozen=True, slots=True)
class SealedAnew:
    """A submission's files that stay, under a key that is not the submission's yet."""

    former_key: bytes | None = field(repr=False)
    key: DataKey
    #: where a file lies → where it lies sealed anew
    addresses: Mapping[str, str]

    def discard(self) -> None:
        """Let it go: it was for nothing."""
        kept_files.discard(self.addresses.values())


def seal_anew(keys: Keys, submission_id: UUID) -> SealedAnew | None:
    """Seal the files that stay under a fresh key, beside the former ones; None: there is no submission.

    Raises OSError, and as `opening.identity_of`; nothing is left in the store then.
    """
    with db.engine.connect().execution_options(reads=True) as connection:
        table = table_of(Submission)
        head = connection.execute(select(table).where(table.c.id == submission_id)).one_or_none()
        files = _files_that_stay(connection, submission_id)
    if head is None:
        return None
    key = DataKey.new(keys, SealedRow.of_submission(submission_id))
    addresses: dict[str, str] = {}
    anew = SealedAnew(head.data_key, key, addresses)
    try:
        for row in files if head.data_key else ():
            if row.address not in addresses:
                addresses[row.address] = new_address(SEALED)
                _copy(opening.submission_key(keys, head), key, row, addresses[row.address])
    except BaseException:
        anew.discard()
        raise
    return anew


def _files_that_stay(connection: Connection, submission_id: UUID) -> Sequence[Row[Any]]:
    """Those taken in; one that came a moment ago is under no key of the submission's yet."""
    table = table_of(Attachment)
    query = select(table).where(
        table.c.submission_id == submission_id,
        table.c.sealed,
        table.c.address.is_not(None),
        ~table.c.name.startswith("/"),
    )
    return connection.execute(query.order_by(table.c.serial)).all()


def _copy(former: DataKey, key: DataKey, row: Row[Any], address: str) -> None:
    with file_sealing.opened(
        former.secret, kept_files.binding(row), media_store().open(row.address)
    ) as plain:
        pieces = iter(lambda: plain.read(file_sealing.PIECE), b"")
        media_store().put(address, file_sealing.sealed(key.secret, kept_files.binding(row), pieces))


def erase_identity(
    connection: Connection, keys: Keys, head: Row[Any], anew: SealedAnew, user_id: int | None
) -> list[str]:
    """Destroy who is meant by the submission of a locked row; addresses of files that nobody needs now.

    These are to be discarded once the transaction is committed. Raises `FilesChanged`.
    """
    now, table = utc_now(), table_of(Attachment)
    stay = {row.address for row in _files_that_stay(connection, head.id)}
    if head.data_key != anew.former_key or stay != anew.addresses.keys():
        raise FilesChanged
    for former, address in sorted(anew.addresses.items()):
        mine = (table.c.submission_id == head.id, table.c.address == former)
        stays = (table.c.sealed, ~table.c.name.startswith("/"))
        connection.execute(update(table).where(*mine, *stays).values(address=address))
    keep_former(connection, head)
    _empty_former(connection, head.id)
    _go_on_without(connection, keys, head, anew.key, now)
    assigning.forget(connection, head.id)
    erase_quarantined(connection, head.id, user_id, now)  # before the files: what it names is let go
    free = let_go_of_files(connection, head.id, now, guarded=True)
    return sorted({*free, *anew.addresses})


def _empty_former(connection: Connection, submission_id: UUID) -> None:
    former, acts = table_of(SubmissionRevision), table_of(ReviewAct)
    connection.execute(update(former).where(former.c.submission_id == submission_id).values(**_NOTHING))
    connection.execute(
        update(acts).where(acts.c.submission_id == submission_id).values(comments_sealed=None)
    )


def _go_on_without(
    connection: Connection, keys: Keys, head: Row[Any], key: DataKey, now: datetime
) -> None:
    """The next revision: the same answers as they came, by whom and when, without who is meant."""
    number: int = head.revision + 1
    files = _carry_over(connection, head, number)
    columns: InsertedRow = {name: getattr(head, name) for name in chains.FACTS} | {
        "revision": number,
        "cause": Cause.IDENTITY_ERASED,
        "receipt_code": new_code(),
        "answers_commitment": head.answers_commitment,
        "identity_commitment": None,
        "foreign_commitment": None,
    }
    commitments = Commitments(head.answers_commitment, None, None)
    columns["content_digest"] = content_digest(keys, _envelope(head, files), commitments)
    columns["chain"] = chains.link(keys, head.chain, head.id, columns)
    table = table_of(Submission)
    connection.execute(
        update(table)
        .where(table.c.id == head.id)
        .values(
            **_NOTHING,
            **columns,
            flags=[flag for flag in head.flags if flag not in _FLAGS_OF_WHAT_GOES],
            data_key=key.wrapped,
            key_id=key.key_id,
            identity_erased_at=now,
        )
    )


def _carry_over(connection: Connection, head: Row[Any], number: int) -> list[InsertedRow]:
    """The next revision's files: those of this one that do not point at a person."""
    table = table_of(Attachment)
    query = select(table).where(
        table.c.submission_id == head.id,
        table.c.revision == head.revision,
        ~table.c.name.startswith("/"),
    )
    rows = connection.execute(query.order_by(table.c.serial)).all()
    files = [
        {name: value for name, value in row._asdict().items() if name != "serial"} | {"revision": number}
        for row in rows
    ]
    insert_all(connection, Attachment, files)
    return files


def _envelope(head: Row[Any], files: Sequence[InsertedRow]) -> Envelope:
    """What the digest is taken over, beside the commitments."""
    return Envelope(
        id=head.id,
        questionnaire=head.questionnaire,
        version=head.version,
        language=head.language,
        answers={},
        channel=Channel(head.channel),
        attachments=tuple(
            NamedFile(file["name"], file["sha256"], file["size"] or 0, file["type"] or "")
            for file in files
            if file["named"] and file["sha256"]
        ),
    )
