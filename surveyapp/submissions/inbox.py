"""What collectors must learn: what of theirs was returned and why, what became of it, and where to go.

Without a cursor all that is returned to them now; with one, all of theirs that changed since, except for
what merely came in. A horizon is taken first: what changes later is above it, and told the next time.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, exists, or_, select, tuple_, union

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.submissions import assigned
from surveyapp.submissions.changes import LAST, Cursor, current_epoch, horizon, place_of
from surveyapp.submissions.collectors import collected_by
from surveyapp.submissions.comments import opened_comments
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import KeyMissing, keys_of
from surveyapp.submissions.models import Act, ReviewAct, State, Submission
from surveyapp.submissions.sealing import CannotOpen
from surveyapp.submissions.verdict_history import standing
from surveyapp.submissions.verdicts import Sender

logger = logging.getLogger(__name__)

_COLUMNS = ("id", "serial", "changed", "questionnaire", "version", "revision", "status")
_SEALING = ("data_key", "key_id")
#: verdicts whose reasons the collector is told
_WITH_REASONS = {State.RETURNED: Act.RETURN, State.REJECTED: Act.REJECT}


@dataclass(frozen=True, slots=True)
class Told:
    """A submission as it is now.

    Of one that was returned or rejected, why (node path or "" → text); of one returned, when.
    """

    id: UUID
    questionnaire: str
    version: str
    revision: int
    state: State
    returned_at: datetime | None = None
    comments: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Inbox:
    """What is told, in the order of changes, and where to read on."""

    told: Sequence[Told]
    cursor: Cursor
    more: bool
    assignments: Sequence[assigned.Told] = ()


def inbox_of(sender: Sender, since: str | None, *, limit: int) -> Inbox:
    """What this device or person must learn. Raises `BadCursor`, `OtherEpoch`."""
    epoch = current_epoch()
    place = place_of(since, epoch)
    with db.engine.connect().execution_options(reads=True) as connection:
        below = horizon(connection)
        rows = connection.execute(_news(sender, place, below, since is None).limit(limit + 1)).all()
        page, more = rows[:limit], len(rows) > limit
        last = page[-1] if more else _last(connection, sender, below)
        # visits are told in the same order: up to what is reached of the records, the rest at the end
        up_to = last.changed + 1 if more and last else below
        after = place.changed if since is not None else None
        visits = assigned.told_to(connection, sender, after=after, below=up_to, now=utc_now())
        visited = -1 if more else assigned.last_change(connection, sender, below)
        judged = [row.id for row in page if row.status in _WITH_REASONS]
        verdicts = _verdicts(connection, judged)
    reached = [(row.changed, row.serial) for row in (*page[-1:], *([last] if last else []))]
    if visited >= 0:
        reached.append((visited, LAST))  # all records with this number are told, too
    cursor = Cursor(epoch, *max([(place.changed, place.serial), *reached]))
    return Inbox([_told(row, verdicts.get(row.id)) for row in page], cursor, more, visits)


def _news(sender: Sender, place: Cursor, below: int, returned_only: bool) -> Select[Any]:
    table, acts = table_of(Submission), table_of(ReviewAct)
    columns = [table.c[name] for name in (*_COLUMNS, *_SEALING)]
    was_reviewed = exists().where(acts.c.submission_id == table.c.id)
    news = (
        table.c.status == State.RETURNED
        if returned_only
        else or_(table.c.status != State.STORED, table.c.revision > 1, was_reviewed)
    )
    order = (table.c.changed, table.c.serial)
    here = (table.c.changed < below, tuple_(*order) > (place.changed, place.serial))
    collected = collected_by(sender, *here)
    return (
        select(*columns)
        .where(table.c.serial.in_(select(union(*collected).subquery().c.serial)), news)
        .order_by(*order)
    )


def _last(connection: Connection, sender: Sender, below: int) -> Row[*tuple[Any, ...]] | None:
    """The last place at which anything of theirs changed: a cursor that stands still while they do."""
    table = table_of(Submission)
    order = (table.c.changed.desc(), table.c.serial.desc())
    last = [
        connection.execute(query.order_by(*order).limit(1)).one_or_none()
        for query in collected_by(sender, table.c.changed < below)
    ]
    return max((row for row in last if row), key=tuple, default=None)


def _verdicts(connection: Connection, ids: Collection[UUID]) -> dict[UUID, Row[*tuple[Any, ...]]]:
    """The return or rejection of each that stands, with its sealed comments."""
    table = table_of(ReviewAct)
    columns = (table.c.submission_id, table.c.act, table.c.at, table.c.comments_sealed)
    acts: dict[UUID, list[Row[Any]]] = {}
    query: Select[Any] = select(*columns).where(table.c.submission_id.in_(ids)).order_by(table.c.serial)
    for row in connection.execute(query):
        acts.setdefault(row.submission_id, []).append(row)
    verdicts = {submission_id: standing(rows) for submission_id, rows in acts.items()}
    return {
        key: row
        for key, row in verdicts.items()
        if row is not None and row.act in _WITH_REASONS.values()
    }


def _told(row: Row[Any], act: Row[*tuple[Any, ...]] | None) -> Told:
    told = Told(row.id, row.questionnaire, row.version, row.revision, State(row.status))
    if act is None:
        return told
    returned_at = act.at if act.act == Act.RETURN else None
    return replace(told, returned_at=returned_at, comments=_comments(row, act))


def _comments(row: Row[Any], act: Row[*tuple[Any, ...]]) -> Mapping[str, str]:
    """Why it was judged so; nothing, if that cannot be opened: the rest must be told all the same."""
    try:
        return opened_comments(keys_of(), row, act.comments_sealed)
    except (CannotOpen, KeyMissing) as error:
        logger.error("comments on a submission cannot be opened: %s", type(error).__name__)
        return {}
