"""What changed since a cursor, as an export: each submission in its present state, marked as what it is.

| `change` | means |
|---|---|
| `new` | its first state: never edited and never reviewed |
| `revised` | a later state, after an edit or a review; the reader may have an earlier one, or none |
| `deleted` | it is not among what was asked for: deleted, blocked, erased, or outside the choices |

The export covers the changes between two places in their order (`submissions.changes`): that of the
cursor, and the one up to which all transactions were over when it began. Whatever changes while it is
written lies behind that place, and belongs to the next export. So of each state a reader is told at most
once, and of the last one always. Whoever keeps a copy puts in what is `new` or `revised`, in the place
of what there was under the `id` (in roster tables: under the `submission_id`), and takes out the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ColumnElement,
    Engine,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.engine import Row

from surveyapp.exports.errors import CursorRefused
from surveyapp.exports.plan import Plan
from surveyapp.exports.reader import BATCH, Span, Unseal
from surveyapp.exports.records import STORED, Instance, Record
from surveyapp.exports.request import Selection
from surveyapp.exports.rows import Source
from surveyapp.exports.selecting import conditions
from surveyapp.exports.tables import Column
from surveyapp.extensions import db
from surveyapp.questionnaires.definition import DataType, Questionnaire
from surveyapp.submissions.changes import (
    LAST,
    BadCursor,
    Cursor,
    OtherEpoch,
    current_epoch,
    horizon,
    place_of,
)
from surveyapp.submissions.models import ReviewAct, State, Submission
from surveyapp.submissions.moved import formerly_in

#: said instead of a cursor: everything there is, and a cursor to go on with
BEGINNING = "beginning"
CHANGE = "change"
_UNKNOWN_TIME = datetime.fromtimestamp(0, UTC)


class Change(StrEnum):
    """What became of a submission."""

    NEW = "new"
    REVISED = "revised"
    DELETED = "deleted"


@dataclass(slots=True, kw_only=True)
class ChangedRecord(Record):
    """A record, and what became of it."""

    change: str


@dataclass(frozen=True, slots=True)
class Window:
    """Two places in the order of changes: what lies between them is told."""

    after: Cursor
    #: the next cursor; nothing that happens later comes before it
    until: Cursor


def window(engine: Engine, since: str) -> Window:
    """From a cursor up to now. Raises `CursorRefused`."""
    db.session.rollback()  # the first one ever writes, which on SQLite its lock would keep out
    epoch = current_epoch()
    try:
        after = place_of("" if since == BEGINNING else since, epoch)
    except BadCursor as error:
        raise CursorRefused(other_epoch=isinstance(error, OtherEpoch)) from None
    with engine.connect().execution_options(reads=True) as connection:
        reached = horizon(connection) - 1
    until = Cursor(epoch, reached, LAST)
    # a cursor from a page of the feed may lie within a change that is over
    is_later = (until.changed, until.serial) > (after.changed, after.serial)
    return Window(after, until if is_later else after)


class ChangesReader:
    """Reads what changed, with the same methods as `reader.Reader`."""

    def __init__(
        self,
        engine: Engine,
        questionnaire: str,
        selection: Selection,
        between: Window,
        definitions: Sequence[Questionnaire] = (),
    ) -> None:
        """`definitions`: every version; what an edit took out of somebody's regions is told by them."""
        self._engine = engine.execution_options(reads=True, postgresql_readonly=True)
        self._between = between
        self._here = _within_rights(questionnaire, selection, definitions)
        wanted = and_(*conditions(questionnaire, selection, engine.dialect.name))
        reviewed = exists().where(ReviewAct.submission_id == Submission.id)
        first = and_(Submission.revision == 1, ~reviewed)
        self._change = case(
            (~func.coalesce(wanted, False), literal(Change.DELETED.value)),
            (first, literal(Change.NEW.value)),
            else_=literal(Change.REVISED.value),
        ).label(CHANGE)

    def span(self) -> Span:
        """How much there is between the two places."""
        query = select(func.count(), func.count().filter(Submission.synthetic)).where(
            *self._here, self._after(self._between.after), self._until()
        )
        with self._engine.begin() as connection:
            return Span(self._between.until.serial, *connection.execute(query).one())

    def batches(self, _span: Span, unseal: Unseal | None = None) -> Iterator[list[Record]]:
        """The submissions in the order of their changes, a few at a time."""
        reached = self._between.after
        columns = [getattr(Submission, name) for name in STORED]
        if unseal is not None:
            columns += [Submission.identity_sealed, Submission.data_key, Submission.key_id]
        while rows := self._rows(columns, reached):
            reached = replace(reached, changed=rows[-1].changed, serial=rows[-1].serial)
            yield [_record(row, unseal) for row in rows]

    def _rows(self, columns: Sequence[Any], after: Cursor) -> Sequence[Row[Any]]:
        query = (
            select(Submission.changed, Submission.serial, self._change, *columns)
            .where(*self._here, self._after(after), self._until())
            .order_by(Submission.changed, Submission.serial)
            .limit(BATCH)
        )
        with self._engine.begin() as connection:
            return connection.execute(query).all()

    def _after(self, place: Cursor) -> ColumnElement[bool]:
        reached = tuple_(Submission.changed, Submission.serial)
        return reached > (place.changed, place.serial)

    def _until(self) -> ColumnElement[bool]:
        return Submission.changed <= self._between.until.changed


def _within_rights(
    questionnaire: str, selection: Selection, definitions: Sequence[Questionnaire]
) -> list[ColumnElement[bool]]:
    """What may be told of at all, even if it is only that it is gone.

    An erased one has no region any more, nor had it ever: each reader is told its id, else a copy of
    what nobody may keep would stay in a region's hands.
    """
    here: list[ColumnElement[bool]] = [Submission.questionnaire == questionnaire]
    if selection.regions is not None:
        regions = sorted(selection.regions)
        here.append(
            or_(
                Submission.region.in_(regions),
                Submission.status == State.ERASED,
                *formerly_in(regions, definitions),
            )
        )
    return here


def _record(row: Row[Any], unseal: Unseal | None) -> ChangedRecord:
    if row.change == Change.DELETED:
        return gone(row.id, row.revision, row.questionnaire)
    facts = {name: getattr(row, name) for name in STORED}
    opened = {} if unseal is None else {"answers": unseal(row)}
    return ChangedRecord(**facts | opened, change=row.change)


def gone(id_: UUID, revision: int, questionnaire: str) -> ChangedRecord:
    """Nothing is told of what is nobody's data any more, or was not asked for, but that it is so."""
    return ChangedRecord(
        id=id_,
        revision=revision,
        questionnaire=questionnaire,
        version="",
        language="",
        channel="",
        app=None,
        status="",
        flags=[],
        errors=[],
        synthetic=False,
        started_at=None,
        finished_at=None,
        received_at=_UNKNOWN_TIME,
        clock_skew=None,
        answers={},
        change=Change.DELETED.value,
    )


def change_of(record: Record) -> str | None:
    """What became of a record; None in an export that tells everything."""
    return getattr(record, CHANGE, None)


def with_changes(plan: Plan) -> Plan:
    """The same plan with a first column that says what became of each submission.

    A submission that is gone has nothing in its row but this column, its id and its revision.
    """
    first, *others = plan.tables
    meaning = _l("new, revised or deleted since the cursor")
    told = Column(CHANGE, DataType.TEXT, _read_change, meaning=meaning)
    others_of_it = (each if each.name in _KEPT else _unless_gone(each) for each in first.columns)
    columns = (told, *others_of_it)
    return replace(plan, tables=(replace(first, columns=columns), *others))


#: of what is gone
_KEPT = frozenset({"id", "revision", "questionnaire"})


def _unless_gone(column: Column) -> Column:
    if isinstance(column.source, Source):  # it is of no version that is gone
        return column

    def read(instance: Instance) -> Any:
        return None if change_of(instance.record) == Change.DELETED else column.read(instance)

    return replace(column, read=read, source=None)


def _read_change(instance: Instance) -> str | None:
    return change_of(instance.record)
