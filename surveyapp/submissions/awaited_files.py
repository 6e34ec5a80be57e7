"""A file has come: every attachment of the same sender that waited for it is held now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, exists, or_, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.submissions import kept_files
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.kept_files import Brought
from surveyapp.submissions.models import Attachment, KeptFile, Submission, SubmissionRevision
from surveyapp.submissions.transactions import in_one_transaction


def mark_held(connection: Connection, owner: str, file: Brought) -> set[UUID]:
    """Mark what waited for a file that its owner has brought; the submissions that are nearer to whole.

    Done again, it changes nothing.
    """
    table = table_of(Attachment)
    waiting = (table.c.sha256 == file.sha256, table.c.held_at.is_(None), _is_of(owner))
    marked = connection.scalars(
        update(table)
        .where(*waiting)
        .values(held_at=utc_now(), address=file.address, size=file.size)
        .returning(table.c.submission_id)
    )
    return set(marked)


def _is_of(owner: str) -> Any:
    """Whether the owner sent some revision of an attachment's submission."""
    column, number = ("sender_id", owner) if owner.startswith("user:") else ("device_id", owner)
    current, former = table_of(Submission), table_of(SubmissionRevision)
    mine = table_of(Attachment).c.submission_id
    if owner == "anybody":
        nobody = (current.c.sender_id.is_(None), current.c.device_id.is_(None))
        return exists().where(current.c.id == mine, *nobody)
    sent_by = int(number.partition(":")[2])
    return or_(
        exists().where(current.c.id == mine, current.c[column] == sent_by),
        exists().where(former.c.submission_id == mine, former.c[column] == sent_by),
    )


def notice(owner: str, sha256: str) -> set[UUID]:
    """Mark what waits for a file that its owner has brought; which submissions do. Commits.

    In a transaction that begins when the file is told of: a record that is stored at the same time
    either is seen here, or sees the file.
    """

    def work(connection: Connection) -> set[UUID]:
        return _mark_all(connection, [(owner, sha256)])

    return in_one_transaction(work)


def heal(submission_ids: Collection[UUID] | None = None) -> set[UUID]:
    """Mark what submissions (default: all) wait for although it has come; which were healed. Commits.

    A file may come between the look whether it is held and the row that waits for it.
    """
    with db.engine.connect().execution_options(reads=True) as connection:
        found = _unnoticed(connection, submission_ids)
    if not found:
        return set()
    return in_one_transaction(partial(_mark_all, found=found))


def _unnoticed(connection: Connection, submission_ids: Collection[UUID] | None) -> set[tuple[str, str]]:
    """Owner and SHA-256 of files that have come and are waited for."""
    table, kept = table_of(Attachment), table_of(KeptFile)
    query = (
        select(kept.c.owner, kept.c.sha256)
        .join(table, table.c.sha256 == kept.c.sha256)
        .where(table.c.held_at.is_(None))
    )
    if submission_ids is not None:
        query = query.where(table.c.submission_id.in_(submission_ids))
    return {(row.owner, row.sha256) for row in connection.execute(query)}


def _mark_all(connection: Connection, found: Iterable[tuple[str, str]]) -> set[UUID]:
    healed: set[UUID] = set()
    for owner, sha256 in sorted(found):
        for file in kept_files.held_for(connection, owner, [sha256]).values():
            healed |= mark_held(connection, owner, file)
    return healed
