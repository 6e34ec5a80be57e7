"""Several threads' new submissions in one transaction: to sync a commit costs the same for one or ten.

The first thread that has something to store leads: it takes what others have brought meanwhile, inserts
all of it, commits, and tells each what became of its rows; then the next one leads. Nobody waits for
company: alone, a thread commits at once. Nobody is told anything before the commit is on disk.

What is not new here, or cannot be inserted, is left to `storing`, which takes a batch by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from threading import Event as Signal
from threading import Lock

from sqlalchemy import ColumnElement, bindparam, exists, insert, select

from surveyapp.database import Base
from surveyapp.driver import (
    DriverConnection,
    DriverStatement,
    driver_connection,
    insert_each,
    is_sent_together,
    transaction,
)
from surveyapp.submissions.fulfilling import FULFIL, fulfilled_by, in_order
from surveyapp.submissions.inserting import INSERTS, InsertedRow, table_of
from surveyapp.submissions.models import Attachment, Event, Instance, Quarantined, Submission
from surveyapp.submissions.standing import Standing, still_stands

logger = logging.getLogger(__name__)

#: rows of one transaction, more or less: a group is never parted
MOST_ROWS = 200


@dataclass(slots=True)
class NewSubmission:
    """The row of a submission that seems to be new, and those that hang on it."""

    row: InsertedRow
    attachments: Sequence[InsertedRow] = ()
    events: Sequence[InsertedRow] = ()
    #: what must still be so for it to be inserted
    standing: Standing | None = None
    #: whether it was inserted: it was new, and it is on disk
    is_stored: bool = False


@dataclass(slots=True, eq=False)
class _Group:
    """What one thread wants to be stored."""

    submissions: Sequence[NewSubmission]
    #: set when it is this thread's turn: its rows are settled, or it is the one to lead
    turn: Signal = field(default_factory=Signal)
    settled: bool = False


class Committer:
    """Where the threads of a process meet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: list[_Group] = []
        self._is_led = False

    def store(self, submissions: Sequence[NewSubmission]) -> None:
        """Insert those that are new (`is_stored`); returns when that is on disk.

        Raises nothing: of what could not be inserted, nothing is stored.
        """
        group = _Group(submissions)
        with self._lock:
            self._waiting.append(group)
            leads, self._is_led = not self._is_led, True
        if not leads:
            group.turn.wait()
        if not group.settled:
            self._lead()

    def _lead(self) -> None:
        with self._lock:
            groups = self._next_groups()
        try:
            _insert(list(chain.from_iterable(group.submissions for group in groups)))
        except Exception:  # whatever it is: each batch is then tried by itself, and its error told
            logger.warning("several batches could not be stored together", exc_info=True)
            for submission in chain.from_iterable(group.submissions for group in groups):
                submission.is_stored = False
        finally:
            self._hand_over(groups)

    def _next_groups(self) -> list[_Group]:
        """Those that have waited longest, the leader's own first of all."""
        rows = taken = 0
        while taken < len(self._waiting) and rows < MOST_ROWS:
            rows += len(self._waiting[taken].submissions)
            taken += 1
        groups, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return groups

    def _hand_over(self, groups: Sequence[_Group]) -> None:
        for group in groups:
            group.settled = True
            group.turn.set()
        with self._lock:
            self._is_led = bool(self._waiting)
            heir = self._waiting[0] if self._waiting else None
        if heir:
            heir.turn.set()


#: of this process; threads that serve different applications never run in one
COMMITTER = Committer()


# --- statements -------------------------------------------------------------------------------------


def _insert(submissions: Sequence[NewSubmission]) -> None:
    """Insert them in the order of their ids, so that two processes wait for each other only one way."""
    ordered = sorted(submissions, key=lambda submission: submission.row["id"])
    with driver_connection() as connection:
        if _is_one_transaction(ordered):
            inserted = _insert_rows(connection, ordered)
        else:
            with transaction(connection):
                inserted = _insert_rows(connection, ordered)
                _insert_what_hangs_on_them(connection, ordered, inserted)
    for submission, is_new in zip(ordered, inserted, strict=True):
        submission.is_stored = is_new


def _is_one_transaction(submissions: Sequence[NewSubmission]) -> bool:
    """Whether to insert them is one by itself: a single one, and on PostgreSQL several on their way."""
    hang_on_them = any(each.attachments or each.events or fulfilled_by(each.row) for each in submissions)
    return not hang_on_them and (len(submissions) == 1 or is_sent_together())


def _insert_rows(connection: DriverConnection, submissions: Sequence[NewSubmission]) -> list[bool]:
    return insert_each(connection, [_statement(submission) for submission in submissions])


def _statement(submission: NewSubmission) -> tuple[DriverStatement, InsertedRow]:
    if submission.standing is None:
        return _INSERT, submission.row
    return _INSERT_STANDING, submission.row | submission.standing.values()


def _insert_what_hangs_on_them(
    connection: DriverConnection, submissions: Sequence[NewSubmission], inserted: Sequence[bool]
) -> None:
    fresh = [submission for submission, is_new in zip(submissions, inserted, strict=True) if is_new]
    files = [row for submission in fresh for row in submission.attachments]
    events = [row for submission in fresh for row in submission.events]
    insert_each(connection, [(_INSERT_ATTACHMENT, row) for row in files])
    insert_each(connection, [(_INSERT_EVENT, row) for row in events])
    done = [values for submission in fresh if (values := fulfilled_by(submission.row))]
    insert_each(connection, [(FULFIL, values) for values in in_order(done)])


def _new_submission(*conditions: ColumnElement[bool]) -> DriverStatement:
    """Insert a submission unless its id is taken: by another one, or by a later revision of one.

    Nor if work under its id waits in quarantine: it may be the same, which has its receipt.
    """
    table, instances, waiting = table_of(Submission), table_of(Instance), table_of(Quarantined)
    made_here = {"serial", "changed", "identity_erased_at"}
    values = {c.name: bindparam(c.name, type_=c.type) for c in table.columns if c.name not in made_here}
    is_free = ~exists().where(instances.c.id == values["id"])
    is_first = ~exists().where(waiting.c.submission_id == values["id"], waiting.c.decided_at.is_(None))
    source = select(*values.values()).where(is_free, is_first, *conditions)
    statements = [
        insert_of(table)
        .from_select(list(values), source)
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(table.c.serial)
        for insert_of in INSERTS.values()
    ]
    return DriverStatement(dict(zip(INSERTS, statements, strict=True)))


def _plain(model: type[Base]) -> DriverStatement:
    table = table_of(model)
    names = [column.name for column in table.columns if column.name != "serial"]
    statement = insert(table).values({name: bindparam(name) for name in names})
    return DriverStatement(statement.returning(table.c.serial))


_INSERT = _new_submission()
_INSERT_STANDING = _new_submission(still_stands())
_INSERT_ATTACHMENT = _plain(Attachment)
_INSERT_EVENT = _plain(Event)
