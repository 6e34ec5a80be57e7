"""A file has come: every attachment that waited for it is held now, whoever named it."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from uuid import UUID

from sqlalchemy import Connection, select, update

from surveyapp.database import utc_now
from surveyapp.media_store import media_store
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Attachment
from surveyapp.submissions.transactions import in_one_transaction


def mark_held(connection: Connection, sha256s: Collection[str]) -> None:
    """Mark what waited for files that the media store keeps; done again, it changes nothing."""
    table = table_of(Attachment)
    waiting = (table.c.sha256.in_(sha256s), table.c.held_at.is_(None))
    connection.execute(update(table).where(*waiting).values(held_at=utc_now(), address=table.c.sha256))


def heal(connection: Connection, submission_id: UUID) -> None:
    """Mark what a submission waits for although it is here.

    A file may come between the look whether it is held and the row that waits for it; commits.
    """
    table = table_of(Attachment)
    waited_for = connection.scalars(
        select(table.c.sha256).where(
            table.c.submission_id == submission_id,
            table.c.held_at.is_(None),
            table.c.sha256.is_not(None),
        )
    ).all()
    store = media_store()
    here = {sha256 for sha256 in waited_for if sha256 in store}
    if here:
        connection.rollback()
        in_one_transaction(partial(mark_held, sha256s=here))
