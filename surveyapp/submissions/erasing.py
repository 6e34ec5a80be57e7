"""Erasing a submission: its key is destroyed, its answers are emptied, a tombstone follows them.

The commitments stay: a late copy is told by them, and the chain goes on through them. So do a file's
hash and its name (or the digest of one that was sealed), for the same reason; its bytes go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, select, update

from surveyapp.catalogue.models import VersionMedia
from surveyapp.database import utc_now
from surveyapp.submissions import assigning, chains, kept_files
from surveyapp.submissions.digests import Commitments, content_digest, keyed
from surveyapp.submissions.editing import keep_former
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.inserting import InsertedRow, table_of
from surveyapp.submissions.keys import Keys
from surveyapp.submissions.models import (
    Attachment,
    Cause,
    Channel,
    Decision,
    KeptFile,
    Quarantined,
    ReviewAct,
    State,
    Submission,
    SubmissionRevision,
)
from surveyapp.submissions.receipts import new_code

#: what every revision loses; its facts and its commitments stay
_EMPTIED: InsertedRow = {
    "answers": {},
    "answer_languages": {},
    "paradata": {},
    "consent": None,
    "errors": [],
    "identity_sealed": None,
    "foreign_sealed": None,
}


def erase(connection: Connection, keys: Keys, head: Row[Any], user_id: int | None) -> list[str]:
    """Erase the submission of a locked row; addresses in the media store that nobody needs any more.

    These are to be discarded once the transaction is committed.
    """
    now = utc_now()
    keep_former(connection, head)
    former, acts = table_of(SubmissionRevision), table_of(ReviewAct)
    connection.execute(update(former).where(former.c.submission_id == head.id).values(**_EMPTIED))
    connection.execute(update(acts).where(acts.c.submission_id == head.id).values(comments_sealed=None))
    _put_tombstone(connection, keys, head, user_id, now)
    assigning.forget(connection, head.id)
    erase_quarantined(connection, head.id, user_id, now)  # before the files: what it names is let go
    return let_go_of_files(connection, head.id, now)


def tombstone_commitment(keys: Keys, submission_id: UUID) -> bytes:
    """What a tombstone has instead of a commitment to answers: it is nobody's copy."""
    return keyed(keys, "erased", submission_id.bytes)


def _put_tombstone(
    connection: Connection, keys: Keys, head: Row[Any], user_id: int | None, now: datetime
) -> None:
    commitments = Commitments(tombstone_commitment(keys, head.id), None, None)
    columns: InsertedRow = {
        "revision": head.revision + 1,
        "cause": Cause.ERASED,
        "version": head.version,
        "language": head.language,
        "channel": head.channel,
        "started_at": None,
        "finished_at": None,
        "utc_offset": None,
        "received_at": now,
        "clock_skew": None,
        "app": None,
        "assignment": None,
        "sender_id": user_id,
        "device_id": None,
        "receipt_code": new_code(),
        "answers_commitment": commitments.answers,
        "identity_commitment": None,
        "foreign_commitment": None,
        "content_digest": content_digest(keys, _nothing(head), commitments),
    }
    link = chains.link(keys, head.chain, head.id, columns)
    gone: InsertedRow = {"status": State.ERASED, "flags": [], "breakdowns": {}, "region": None}
    table = table_of(Submission)
    connection.execute(
        update(table)
        .where(table.c.id == head.id)
        .values(**_EMPTIED, **columns, **gone, chain=link, data_key=None, key_id=None)
    )


def _nothing(head: Row[Any]) -> Envelope:
    """What a tombstone's digest is taken over: its questionnaire and version, and no file."""
    return Envelope(
        id=head.id,
        questionnaire=head.questionnaire,
        version=head.version,
        language=head.language,
        answers={},
        channel=Channel(head.channel),
    )


def erase_quarantined(
    connection: Connection, submission_id: UUID, user_id: int | None, now: datetime
) -> None:
    """What waits, or waited, under the same id is the same person's."""
    table = table_of(Quarantined)
    mine = table.c.submission_id == submission_id
    connection.execute(
        update(table)
        .where(mine, table.c.decided_at.is_(None))
        .values(decided_at=now, decision=Decision.DISCARD, decided_by=user_id, decision_reason="erased")
    )
    destroy_quarantined(connection, mine)


def destroy_quarantined(connection: Connection, which: Any) -> None:
    """Destroy the keys and the bytes of quarantined work; the rows tell late copies."""
    table = table_of(Quarantined)
    connection.execute(
        update(table).where(which).values(data_key=None, key_id=None, sealed=b"", errors=[])
    )


# --- files ------------------------------------------------------------------------------------------


def let_go_of_files(
    connection: Connection, submission_id: UUID, now: datetime, *, guarded: bool = False
) -> list[str]:
    """Part the submission from its files; the addresses of those that nobody else needs.

    None is waited for any more, so that a phone which still holds one is told that it may delete it.
    `guarded`: only from those that may point at a person.
    """
    table = table_of(Attachment)
    mine = table.c.submission_id == submission_id
    if guarded:
        mine &= table.c.name.startswith("/")
    filed = set(connection.scalars(select(table.c.address).where(mine, table.c.address.is_not(None))))
    kept = _kept_addresses(connection, submission_id)
    connection.execute(
        update(table)
        .where(mine)
        .values(
            address=None,
            name_sealed=None,
            kind=None,
            fault=None,
            sealed=False,
            held_at=func.coalesce(table.c.held_at, now),
        )
    )
    free = set(kept_files.let_go(connection, kept | filed))
    return sorted(free | (filed - _needed(connection, filed)))


def _kept_addresses(connection: Connection, submission_id: UUID) -> set[str]:
    """Where the files lie that the work in quarantine under this id names."""
    quarantine, kept = table_of(Quarantined), table_of(KeptFile)
    rows = connection.execute(
        select(quarantine.c.files, quarantine.c.sender_id, quarantine.c.device_id).where(
            quarantine.c.submission_id == submission_id
        )
    ).all()
    addresses: set[str] = set()
    for row in rows:
        owner = kept_files.owner_of(row.sender_id, row.device_id)
        query = select(kept.c.address).where(kept.c.owner == owner, kept.c.sha256.in_(row.files))
        addresses |= set(connection.scalars(query))
    return addresses


def _needed(connection: Connection, addresses: Collection[str]) -> set[str]:
    """Those that another submission, a kept file, or a published version needs."""
    columns = (
        table_of(Attachment).c.address,
        table_of(KeptFile).c.address,
        table_of(VersionMedia).c.sha256,
    )
    return {
        address
        for column in columns
        for address in connection.scalars(select(column).where(column.in_(addresses)))
        if address is not None
    }


def discard_files(addresses: Iterable[str]) -> None:
    """Remove the bytes from the media store."""
    kept_files.discard(addresses)
