"""The chain of a submission's revisions: each link commits, under a key, to itself and the one before.

A row that was changed, left out or put in by somebody with write access to the database no longer fits
its chain. A link is made of commitments and facts, never of answers: it still verifies when the answers
were erased, and when their key was rotated.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select, update

from surveyapp.questionnaires.canonical import canonical
from surveyapp.submissions.digests import keyed
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import Keys
from surveyapp.submissions.models import Submission
from surveyapp.submissions.transactions import in_one_transaction

#: what stands before the first link
BEGINNING = b""
#: the columns of a revision that its link commits to, besides its content digest
FACTS = (
    "revision",
    "cause",
    "version",
    "language",
    "channel",
    "started_at",
    "finished_at",
    "utc_offset",
    "received_at",
    "clock_skew",
    "app",
    "assignment",
    "sender_id",
    "device_id",
    "receipt_code",
)


def link(keys: Keys, before: bytes, submission_id: UUID, revision: Mapping[str, Any]) -> bytes:
    """The link of a revision, given as its columns; `before` is its forerunner's link."""
    facts = {name: _plain(revision[name]) for name in FACTS}
    return keyed(
        keys, "chain", before, submission_id.bytes, revision["content_digest"], canonical(facts)
    )


def _plain(value: Any) -> Any:
    """Times as UTC text with microseconds: that much of them both databases keep."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


# --- rows from before there were chains -------------------------------------------------------------

BATCH = 500


def begin_missing(keys: Keys) -> int:
    """Give every submission that an older edition stored its first link; how many there were."""
    done = 0
    while found := in_one_transaction(partial(_begin_some, keys)):
        done += found
    return done


def _begin_some(keys: Keys, connection: Connection) -> int:
    table = table_of(Submission)
    rows = connection.execute(select(table).where(table.c.chain == BEGINNING).limit(BATCH)).all()
    for row in rows:
        first = link(keys, BEGINNING, row.id, row._asdict())
        connection.execute(
            # no change of the submission: it keeps its number
            update(table).where(table.c.serial == row.serial).values(chain=first, changed=row.changed)
        )
    return len(rows)
