"""Who collected a submission: whoever sent a revision of it, whoever has mended it since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, select

from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Submission, SubmissionRevision
from surveyapp.submissions.verdicts import Sender


def senders_of(connection: Connection, head: Any) -> dict[int, tuple[int | None, int | None]]:
    """Revision → account and device that sent it, the oldest first; `head`: the submission's row."""
    senders = _former(connection, head.id) if head.revision > 1 else {}
    return senders | {head.revision: (head.sender_id, head.device_id)}


def _former(connection: Connection, submission_id: UUID) -> dict[int, tuple[int | None, int | None]]:
    table = table_of(SubmissionRevision)
    query = select(table.c.revision, table.c.sender_id, table.c.device_id)
    rows = connection.execute(
        query.where(table.c.submission_id == submission_id).order_by(table.c.revision)
    )
    return {row.revision: (row.sender_id, row.device_id) for row in rows}


def last_sent_by(connection: Connection, head: Any, sender: Sender) -> int | None:
    """The last revision that a sender, or whoever may edit in their place, has sent; None: none."""
    sent = [n for n, by in senders_of(connection, head).items() if sender.may_edit(*by)]
    return max(sent, default=None)


def may_add_files(connection: Connection, submission_id: UUID, sender: Sender) -> bool:
    """Whether a sender may tell or bring the files of a submission: whoever collected it.

    Those without an account cannot be told apart.
    """
    table = table_of(Submission)
    columns = (table.c.id, table.c.revision, table.c.sender_id, table.c.device_id)
    head = connection.execute(select(*columns).where(table.c.id == submission_id)).one()
    if sender.is_known:
        return last_sent_by(connection, head, sender) is not None
    return (None, None) in senders_of(connection, head).values()


def collected_by(sender: Sender, *conditions: ColumnElement[bool]) -> Iterator[Select[Any]]:
    """What a sender collected, as places (`changed`, `serial`): queries that each go by one index."""
    table, former = table_of(Submission), table_of(SubmissionRevision)
    place = select(table.c.changed, table.c.serial).where(*conditions)
    for column, owner in (("device_id", sender.device_id), ("sender_id", sender.user_id)):
        if owner is not None:
            yield place.where(table.c[column] == owner)
            with_former = place.join(former, former.c.submission_id == table.c.id)
            yield with_former.where(former.c[column] == owner)
