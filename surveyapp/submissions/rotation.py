"""Rotating the wrapping key: every data key is wrapped anew, what it sealed stays as it is.

Done in batches, each a transaction of its own; stopped half-way it is taken up where it was, because a
row's `key_id` says what has been done. A former key stays in the key file until no row needs it, and a
day longer: a server that has not read the new file yet may still be wrapping with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, Table, bindparam, func, select, update

from surveyapp.database import Base, utc_now
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.submissions import sealing
from surveyapp.submissions.assignment_models import Assignment
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import KeyFile, KeyMissing, Keys, key_file_of
from surveyapp.submissions.models import Quarantined, Submission
from surveyapp.submissions.sealing import CannotOpen, DataKey
from surveyapp.submissions.sheet_models import PaperSheet
from surveyapp.submissions.subject_models import SubjectRequest
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.submissions.trial_models import TrialAnswer

BATCH = 500
KEPT_LONGER = timedelta(days=1)

#: table → which row of it something is sealed in, for `sealing`
_ROW_OF: Mapping[type[Base], Callable[[Row[Any]], sealing.Row]] = {
    Submission: lambda row: sealing.Row.of_submission(row.id),
    Quarantined: lambda row: sealing.Row.of_quarantined(row.submission_id, row.content_digest),
    TrialAnswer: lambda row: sealing.Row.of_trial_answer(row.instance),
    PaperSheet: lambda row: sealing.Row.of_sheet(row.record),
    Assignment: lambda row: sealing.Row.of_assignment(row.id),
    SubjectRequest: lambda row: sealing.Row.of_subject_request(row.id),
}
_IDENTIFYING: Mapping[type[Base], tuple[str, ...]] = {
    Submission: ("id",),
    Quarantined: ("submission_id", "content_digest"),
    TrialAnswer: ("instance",),
    PaperSheet: ("record",),
    Assignment: ("id",),
    SubjectRequest: ("id",),
}
Progress: TypeAlias = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did; `unopened` rows could not be opened and keep the key they had."""

    key_id: str
    resumed: bool
    rewrapped: int
    unopened: int
    dropped: tuple[str, ...]


def rows_by_key() -> dict[str, int]:
    """Wrapping key id → number of rows whose data key it wraps."""
    counts: dict[str, int] = {}
    with db.engine.connect().execution_options(reads=True) as connection:
        for model in _ROW_OF:
            table = table_of(model)
            query = select(table.c.key_id, func.count()).where(table.c.data_key.is_not(None))
            for key_id, number in connection.execute(query.group_by(table.c.key_id)):
                counts[key_id] = counts.get(key_id, 0) + number
    return counts


def rotate(begin: Callable[[int], Progress]) -> Rotation:
    """Make a new wrapping key and wrap every data key by it; or finish a rotation that was stopped.

    `begin` is told how many rows there are to do and gives what is to be told of each batch.
    """
    file = key_file_of()
    with file.changing():
        resumed = _was_stopped(file.keys())
        if not resumed:
            file.replace(file.keys().with_new_wrapping_key())
        keys = file.keys()
        progress = begin(_rows_to_do(keys))
        rewrapped, unopened = _rewrap_all(keys, progress)
        dropped = _drop_unused(file)
        audit.record(audit.Action.KEY_ROTATED, keys.current, {"count": rewrapped})
        db.session.commit()
    return Rotation(keys.current, resumed, rewrapped, unopened, dropped)


def _was_stopped(keys: Keys) -> bool:
    """Whether a row still waits for the current key; one that does not open would wait for ever."""
    return any(
        _rewrapped(model, keys, row)
        for model in _ROW_OF
        for batch in _batches(model, keys)
        for row in batch
    )


def _rows_to_do(keys: Keys) -> int:
    return sum(number for key_id, number in rows_by_key().items() if key_id != keys.current)


def _rewrap_all(keys: Keys, progress: Progress) -> tuple[int, int]:
    done = unopened = 0
    for model in _ROW_OF:
        for batch in _batches(model, keys):
            rewrapped = [new for row in batch if (new := _rewrapped(model, keys, row))]
            in_one_transaction(partial(_update, table_of(model), rewrapped))
            done += len(rewrapped)
            unopened += len(batch) - len(rewrapped)
            progress(len(batch))
    return done, unopened


def _batches(model: type[Base], keys: Keys) -> Iterator[Sequence[Row[Any]]]:
    """The rows whose data key is wrapped by another than the current key, each once."""
    last = 0
    while batch := _next_batch(model, keys, last):
        yield batch
        last = batch[-1].serial


def _next_batch(model: type[Base], keys: Keys, after: int) -> Sequence[Row[Any]]:
    table = table_of(model)
    columns = (
        table.c.serial,
        table.c.data_key,
        table.c.key_id,
        *(table.c[c] for c in _IDENTIFYING[model]),
    )
    query = (
        select(*columns)
        .where(table.c.serial > after, table.c.key_id != keys.current, table.c.data_key.is_not(None))
        .order_by(table.c.serial)
        .limit(BATCH)
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        return connection.execute(query).all()


def _rewrapped(model: type[Base], keys: Keys, row: Row[Any]) -> dict[str, Any] | None:
    """The new values of a row; None when its data key cannot be opened, which is no reason to stop."""
    try:
        key = DataKey.unwrap(keys, _ROW_OF[model](row), row.data_key, row.key_id).rewrapped(keys)
    except (CannotOpen, KeyMissing):
        return None
    return {"row": row.serial, "former": row.data_key, "data_key": key.wrapped, "key_id": key.key_id}


def _update(table: Table, values: Sequence[Mapping[str, Any]], connection: Connection) -> None:
    """Put the new wrapped keys in place; a row that was erased or rewrapped meanwhile stays as it is."""
    if values:
        where = (table.c.serial == bindparam("row"), table.c.data_key == bindparam("former"))
        connection.execute(update(table).where(*where), list(values))


def _drop_unused(file: KeyFile) -> tuple[str, ...]:
    """Take keys out of the file that were retired long enough ago and that no row needs."""
    keys, needed = file.keys(), rows_by_key()
    since = utc_now() - KEPT_LONGER
    unused = {key_id for key_id, at in keys.retired.items() if at < since and key_id not in needed}
    if unused:
        file.replace(keys.without(unused))
    return tuple(sorted(unused))
