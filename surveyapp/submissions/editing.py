"""Edits: the current revision becomes a former one, the next takes its place, under the row's lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, update

from surveyapp.submissions import sealing
from surveyapp.submissions.assessing import Assessed
from surveyapp.submissions.collectors import last_sent_by
from surveyapp.submissions.content import Content
from surveyapp.submissions.holdings import held_submissions
from surveyapp.submissions.inserting import InsertedRow, insert_all, table_of
from surveyapp.submissions.instances import name_revision
from surveyapp.submissions.models import (
    Attachment,
    Cause,
    Event,
    Flag,
    State,
    Submission,
    SubmissionRevision,
)
from surveyapp.submissions.rows import RowMaker
from surveyapp.submissions.sealing import DataKey
from surveyapp.submissions.verdicts import Sender

#: what a former revision keeps of its submission's row
_KEPT = tuple(
    column.name
    for column in table_of(SubmissionRevision).columns
    if column.name not in {"serial", "submission_id"}
)


def apply_edits(connection: Connection, maker: RowMaker, edits: Sequence[Assessed]) -> dict[int, int]:
    """Make each edit of a current revision the next one; position among `edits` → its revision.

    Edits of one submission are applied in their order. The others stay as they are: copies, and what
    must wait in quarantine.
    """
    order = sorted(range(len(edits)), key=lambda position: edits[position].envelope.id)
    made = {position: _apply(connection, maker, edits[position]) for position in order}
    return {position: revision for position, revision in made.items() if revision}


def _apply(connection: Connection, maker: RowMaker, found: Assessed) -> int | None:
    envelope, content = found.envelope, cast(Content, found.content)
    head = lock(connection, envelope.id)
    if head is None or State(head.status).is_gone or head.revision != envelope.base_revision:
        return None
    if not _may_mend(connection, maker.sender, head):
        return None
    if envelope.questionnaire != head.questionnaire or names_anew(head, content):
        return None
    current = held_submissions(connection, [envelope.id])[envelope.id].current
    unchanged = current.has(envelope, content)
    if unchanged and envelope.instance is None:
        return None  # it has no name that a later edit could find it by
    revision: int = head.revision if unchanged else head.revision + 1
    if not name_revision(connection, envelope.id, envelope.instance, revision) or unchanged:
        return None
    revise(connection, maker, found, head, Cause.EDITED)
    return revision


def names_anew(head: Row[Any], content: Content) -> bool:
    """Whether it would bring back who is meant, which was destroyed: nobody does that by an edit."""
    return head.identity_erased_at is not None and bool(content.identity)


def _may_mend(connection: Connection, sender: Sender, head: Row[Any]) -> bool:
    """Whether the next revision may come from this sender.

    What was returned may be handed over: any phone of the field that has it may send it. Its id is
    random, and stands on nobody else's phone.
    """
    handed_over = sender.device_id is not None and State(head.status) is State.RETURNED
    return handed_over or last_sent_by(connection, head, sender) is not None


def lock(connection: Connection, submission_id: UUID) -> Row[Any] | None:
    """A submission's row, which nobody else can change until the transaction is over."""
    table = table_of(Submission)
    query = select(table).where(table.c.id == submission_id).with_for_update()
    return connection.execute(query).one_or_none()


def revise(
    connection: Connection, maker: RowMaker, found: Assessed, head: Row[Any], cause: Cause
) -> None:
    """Put the content of `found` in the place of the locked row's, which is kept as a former one."""
    submissions, number = table_of(Submission), head.revision + 1
    keep_former(connection, head)
    key = DataKey.unwrap(maker.keys, sealing.Row.of_submission(head.id), head.data_key, head.key_id)
    columns = maker.revision(found, key, head.chain, number, cause)
    files = _with_carried_over(connection, head, list(maker.attachments(found, number)))
    if any(file["fault"] for file in files):
        columns["flags"] = [*columns["flags"], Flag.UNFIT_FILE]
    connection.execute(update(submissions).where(submissions.c.id == head.id).values(**columns))
    insert_all(connection, Attachment, files)
    insert_all(connection, Event, maker.events(found))


def keep_former(connection: Connection, head: Row[Any]) -> None:
    """Keep the current revision as a former one."""
    row = {"submission_id": head.id} | {name: getattr(head, name) for name in _KEPT}
    connection.execute(insert(table_of(SubmissionRevision)), [row])


#: what is known of a file beside its name, and where it lies
_CARRIED = ("sha256", "size", "type", "held_at", "address", "sealed", "kind", "fault")


def _with_carried_over(
    connection: Connection, head: Row[Any], files: Sequence[InsertedRow]
) -> list[InsertedRow]:
    """The files of the next revision; those that the submission has are not waited for.

    One that is only named is the one that had this name before; one that is told by its SHA-256 is any
    file of the submission that has it.
    """
    table = table_of(Attachment)
    query = select(table).where(table.c.submission_id == head.id).order_by(table.c.revision)
    rows = connection.execute(query).all()
    before = {row.name: row for row in rows if row.revision == head.revision}
    held = {row.sha256: row for row in rows if row.held_at is not None and row.address is not None}
    return [_carried_over(file, before.get(file["name"]), held) for file in files]


def _carried_over(
    file: InsertedRow, before: Row[Any] | None, held: Mapping[str, Row[Any]]
) -> InsertedRow:
    if file["sha256"] is None:
        found = before
    else:
        found = held.get(file["sha256"]) if file["held_at"] is None else None
    if found is None:
        return file
    return file | {name: getattr(found, name) for name in _CARRIED}
