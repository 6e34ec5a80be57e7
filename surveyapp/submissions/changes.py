"""What changed since a cursor, in the order of changes: nothing is skipped, nothing comes twice.

The order is (`changed`, `serial`). On PostgreSQL `changed` is the id of the transaction that wrote the
row: only those below the snapshot's `xmin` are told, since all of these are over, and one that is still
under way can only come after them. On SQLite one writes at a time, and each gets the next number.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Row, func, insert, literal_column, or_, select, tuple_

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import ChangeCounter, Epoch, State, Submission
from surveyapp.submissions.moved import formerly_in

#: PostgreSQL: the oldest transaction that is still under way
_HORIZON: ColumnElement[int] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
#: the largest number of either database
_LARGEST = 2**63 - 1
#: a place behind all rows of a change
LAST = _LARGEST
COLUMNS = (
    "serial",
    "changed",
    "id",
    "questionnaire",
    "version",
    "language",
    "channel",
    "status",
    "region",
    "revision",
    "flags",
    "synthetic",
    "started_at",
    "finished_at",
    "utc_offset",
    "received_at",
    "first_received_at",
    "answers",
)


class BadCursor(ValueError):
    """Not a cursor that this program gave out."""


class OtherEpoch(BadCursor):
    """A cursor of the database before it was restored: the reader must start again."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the order of changes, in one life of the database."""

    epoch: UUID
    changed: int
    serial: int

    def __str__(self) -> str:
        """As it is given out: opaque, of letters that need no escaping in an address."""
        spelt = json.dumps([self.epoch.hex, self.changed, self.serial], separators=(",", ":"))
        return base64.urlsafe_b64encode(spelt.encode()).rstrip(b"=").decode()

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor that was given out as this text. Raises `BadCursor`."""
        try:
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            epoch, changed, serial = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            cursor = cls(UUID(hex=epoch), changed, serial)
        except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
            raise BadCursor from None
        numbers = (cursor.changed, cursor.serial)
        if not all(type(number) is int and -1 <= number <= _LARGEST for number in numbers):
            raise BadCursor
        return cursor


@dataclass(frozen=True, slots=True)
class Page:
    """Submissions that changed, each as it is now, and where to read on."""

    rows: Sequence[Row[Any]]
    cursor: Cursor
    #: whether there was more than the page holds
    more: bool


def changes(
    questionnaire: str,
    since: str | None,
    *,
    limit: int,
    regions: Collection[str] | None = None,
    definitions: Sequence[Questionnaire] = (),
) -> Page:
    """The next changes of a questionnaire's submissions, of some regions only or of all.

    It reads on a connection of its own, in one statement, which sees one moment. What an edit took out
    of these regions is among them, told apart by its `region`: nothing else of it may be told. Which
    answers said the region is known by `definitions`, every version. Raises `BadCursor`, `OtherEpoch`.
    """
    epoch = current_epoch()
    place = place_of(since, epoch)
    with db.engine.connect().execution_options(reads=True) as connection:
        rows = _rows(connection, _within(questionnaire, regions, definitions), place, limit + 1)
    page = rows[:limit]
    reached = Cursor(epoch, page[-1].changed, page[-1].serial) if page else place
    return Page(page, reached, more=len(rows) > limit)


def place_of(since: str | None, epoch: UUID) -> Cursor:
    """Where to read on; without a cursor from the beginning. Raises `BadCursor`, `OtherEpoch`."""
    place = Cursor.read(since) if since else Cursor(epoch, -1, 0)
    if place.epoch != epoch:
        raise OtherEpoch
    return place


def _within(
    questionnaire: str, regions: Collection[str] | None, definitions: Sequence[Questionnaire]
) -> list[ColumnElement[bool]]:
    named: list[ColumnElement[bool]] = [Submission.questionnaire == questionnaire]
    if regions is None:
        return named
    here = Submission.region.in_(sorted(regions))
    # an erased one has no region any more: each reader is told its id, so that no copy of it stays
    erased = Submission.status == State.ERASED
    return [*named, or_(here, erased, *formerly_in(regions, definitions))]


def _rows(
    connection: Connection, within: Sequence[ColumnElement[bool]], after: Cursor, limit: int
) -> Sequence[Row[Any]]:
    table = table_of(Submission)
    place = tuple_(table.c.changed, table.c.serial)
    query = (
        select(*(table.c[name] for name in COLUMNS))
        .where(
            *within,
            place > (after.changed, after.serial),
            *_all_over(connection, table.c.changed),
        )
        .order_by(table.c.changed, table.c.serial)
        .limit(limit)
    )
    return connection.execute(query).all()


def _all_over(connection: Connection, changed: ColumnElement[int]) -> list[ColumnElement[bool]]:
    """Only what was changed by transactions before which none is under way."""
    if connection.dialect.name != "postgresql":
        return []
    return [changed < _HORIZON]


def horizon(connection: Connection) -> int:
    """The number below which all changes are over: nothing that happens later gets a lower one."""
    if connection.dialect.name == "postgresql":
        return int(connection.execute(select(_HORIZON)).scalar_one())
    counter = table_of(ChangeCounter)
    return int(connection.scalar(select(func.max(counter.c.number))) or 0) + 1


# --- the epoch --------------------------------------------------------------------------------------


def current_epoch() -> UUID:
    """Which life of the database this is; the first one begins when it is first asked for."""
    with db.engine.connect().execution_options(reads=True) as connection:
        known = _epoch(connection)
    return known or begin_epoch()


def begin_epoch() -> UUID:
    """Begin another life, in which no cursor of the one before is good; commits."""
    with db.engine.begin() as connection:
        mine = uuid4()
        connection.execute(insert(table_of(Epoch)), [{"id": mine, "began_at": utc_now()}])
    with db.engine.connect().execution_options(reads=True) as connection:
        return _epoch(connection) or mine


def _epoch(connection: Connection) -> UUID | None:
    table = table_of(Epoch)
    return connection.scalar(
        select(table.c.id).order_by(table.c.began_at.desc(), table.c.id.desc()).limit(1)
    )
