"""Copies of work that waits in quarantine or was decided over: they get the receipt that the first got.

A record that waited because its version was unknown, its questionnaire closed or its original not here
fits when it is sent again later. It is stored then, and with it the work that waited is accepted.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, Row, select, update

from surveyapp.people import audit
from surveyapp.submissions import kept_files, opening
from surveyapp.submissions.assessing import Assessed
from surveyapp.submissions.digests import digest_as_sent
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.filing import file_copies
from surveyapp.submissions.holdings import Held, QuarantineKey
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import KeyMissing
from surveyapp.submissions.models import Channel, Decision, Quarantined
from surveyapp.submissions.rows import RowMaker, named_file
from surveyapp.submissions.sealing import CannotOpen

logger = logging.getLogger(__name__)

#: a submission's id, or the one that a client gave to an edit → the work that came under it
Waiting: TypeAlias = Mapping[UUID, Sequence[Row[Any]]]


class Again(NamedTuple):
    """What came again and could be stored, the work that had waited, and what is held now."""

    found: Assessed
    row: Row[Any]
    made: Held


_COLUMNS = (
    *("serial", "submission_id", "content_digest", "channel", "size", "reason", "decided_at"),
    *("sender_id", "device_id", "files", "brought", "data_key", "key_id"),
)


def work_under(connection: Connection, batch: Iterable[Assessed]) -> Waiting:
    """What came to quarantine under the ids of a batch; what is not decided over is locked.

    Before anything else of the transaction is: whoever decides over it locks it first, too.
    """
    ids = {id_ for found in batch if found.content for id_ in _ids(found.envelope)}
    table = table_of(Quarantined)
    query = select(*(table.c[name] for name in _COLUMNS)).where(table.c.submission_id.in_(ids))
    work: dict[UUID, list[Row[Any]]] = {}
    for row in connection.execute(query.order_by(table.c.serial).with_for_update()) if ids else ():
        work.setdefault(row.submission_id, []).append(row)
    return work


def _ids(envelope: Envelope) -> list[UUID]:
    return [envelope.id, *([envelope.instance] if envelope.instance else [])]


def first_of(connection: Connection, maker: RowMaker, found: Assessed, work: Waiting) -> Row[Any] | None:
    """The work of which an envelope is another copy; None: nothing like it waited."""
    for submission_id in _ids(found.envelope):
        rows = work.get(submission_id, ())
        digest = digest_as_sent(maker.keys, replace(found.envelope, id=submission_id)) if rows else b""
        for row in rows:
            if row.content_digest == digest or _is_same_xml(connection, maker, found.envelope, row):
                return row
    return None


def _is_same_xml(connection: Connection, maker: RowMaker, envelope: Envelope, row: Row[Any]) -> bool:
    """Whether it is the same to the letter: XML of an unknown version was read in another way."""
    if row.channel != Channel.OPENROSA or envelope.raw is None or len(envelope.raw) != row.size:
        return False
    table = table_of(Quarantined)
    sealed = connection.scalars(select(table.c.sealed).where(table.c.serial == row.serial)).one()
    try:
        return opening.quarantined_key(maker.keys, row).open("sealed", sealed) == bytes(envelope.raw)
    except (opening.Erased, CannotOpen, KeyMissing) as error:
        logger.error("quarantined work cannot be opened: %s", type(error).__name__)
        return False


def key_of(row: Row[Any]) -> QuarantineKey:
    """What tells quarantined work."""
    return row.submission_id, row.content_digest


def accept(connection: Connection, maker: RowMaker, made: Iterable[Again]) -> set[int]:
    """Write down that the work that waited was accepted; its serial numbers."""
    return {_settle(connection, maker, again) for again in made}


def _settle(connection: Connection, maker: RowMaker, again: Again) -> int:
    table, row = table_of(Quarantined), again.row
    decision = Decision.ACCEPT if again.made.revision == 1 else Decision.ACCEPT_AS_REVISION
    decided = {"decided_at": maker.received_at, "decision": decision, "decision_reason": "sent again"}
    connection.execute(update(table).where(table.c.serial == row.serial).values(**decided))
    details = {"decision": str(decision), "reason": row.reason}
    subject = str(again.made.submission_id)
    audit.record_on(connection, audit.Action.QUARANTINE_DECIDED, subject, details)
    if row.brought:
        _file_what_came_before(connection, maker, again)
    return int(row.serial)


def _file_what_came_before(connection: Connection, maker: RowMaker, again: Again) -> None:
    """Put the files that earlier posts brought to the revision (OpenRosa)."""
    row, envelope = again.row, again.found.envelope
    key = opening.quarantined_key(maker.keys, row)
    files = tuple(named_file(key, kept) for kept in row.brought)
    owner = kept_files.owner_of(row.sender_id, row.device_id)
    held = kept_files.held_for(connection, owner, row.files)
    before = replace(again.found, envelope=replace(envelope, attachments=files))
    file_copies(connection, replace(maker, held_files=held), before, again.made)
