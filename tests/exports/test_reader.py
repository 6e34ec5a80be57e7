"""Reading: in order, a few at a time, beside those who write."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, event, text

from surveyapp.exports.reader import BATCH, Reader
from surveyapp.exports.request import ExportRequest, Selection, TableOptions
from surveyapp.exports.service import export
from surveyapp.extensions import db
from tests.exports import visits
from tests.exports.visits import exported, rows_of
from tests.factories import store_rows, store_submission, submission_row

pytestmark = pytest.mark.usefixtures("published")


def store_many(count: int) -> list[UUID]:
    """So many visits; returns their ids in order of storing."""
    rows = [submission_row(visits.ID, {"visit": {"size": number}}) for number in range(count)]
    store_rows(rows)
    return [row["id"] for row in rows]


def ids_of(content: bytes) -> list[UUID]:
    return [UUID(row["id"]) for row in rows_of(content)]


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that the engine executes meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH, 2 * BATCH + 3])
def test_every_submission_comes_once_in_the_order_of_storing(count: int) -> None:
    ids = store_many(count) if count else []
    assert ids_of(exported()) == ids


def test_the_number_of_queries_grows_with_the_batches_not_with_the_submissions() -> None:
    exported()  # the definition is parsed once for all
    asked = []
    for more in (1, BATCH - 2, BATCH + 1):
        store_many(more)
        with statements() as seen:
            exported()
        asked.append(len(seen))
    one, nearly_a_batch, two_batches = asked
    assert one == nearly_a_batch
    assert two_batches - one <= 2  # on SQLite each batch has its BEGIN


def test_sealed_columns_are_not_even_read_unless_identity_is_asked_for() -> None:
    store_submission(visits.ID, {"visit": {}}, identity={"visit/family": "x"})
    with statements() as plain:
        exported()
    with statements() as confidential:
        exported(tables=TableOptions(include_identity=True), reason="because")
    assert not [s for s in plain if "identity_sealed" in s or "data_key" in s]
    assert [s for s in confidential if "identity_sealed" in s]


def test_writers_go_on_while_an_export_is_taken_slowly(app: Flask) -> None:
    ids = store_many(3 * BATCH)
    taking = export(ExportRequest(questionnaire=visits.ID))
    taken = next(taking) + next(taking)  # the header, the first batch
    with db.engine.connect() as writer:
        if writer.dialect.name == "sqlite":
            writer.execute(text("PRAGMA busy_timeout=0"))
        writer.execute(text("UPDATE submission SET revision = revision + 1"))
        writer.commit()
        writer.invalidate()  # no other test is to get a connection without patience
    late = store_many(2)
    rows = rows_of(taken + b"".join(taking))
    assert [UUID(row["id"]) for row in rows] == ids
    assert {row["revision"] for row in rows[:BATCH]} == {"1"}
    assert {row["revision"] for row in rows[BATCH:]} == {"2"}
    assert ids_of(exported()) == ids + late


def test_a_submission_that_disappears_meanwhile_does_not_disturb_the_others() -> None:
    ids = store_many(2 * BATCH)
    taking = export(ExportRequest(questionnaire=visits.ID))
    taken = next(taking) + next(taking)
    with db.engine.begin() as writer:
        writer.execute(
            text("DELETE FROM submission WHERE serial = (SELECT max(serial) FROM submission)")
        )
    assert ids_of(taken + b"".join(taking)) == ids[:-1]


def test_between_two_pieces_no_connection_is_held() -> None:
    store_many(3 * BATCH)
    taking = export(ExportRequest(questionnaire=visits.ID, package=True))
    before = db.engine.pool.status()
    next(taking)
    assert db.engine.pool.status() == before
    taking.close()


def test_reading_takes_no_lock_for_writing(app: Flask) -> None:
    store_many(1)
    reader = Reader(db.engine, visits.ID, Selection())
    with statements() as seen:
        list(reader.batches(reader.span()))
    assert not [statement for statement in seen if "IMMEDIATE" in statement]


def test_the_selection_is_by_time_of_receipt_language_and_mark() -> None:
    days = [datetime(2026, 9, day, tzinfo=UTC) for day in (1, 2, 3)]
    first, second, third = (
        store_submission(visits.ID, {}, received_at=day, language=language, synthetic=synthetic)
        for day, language, synthetic in zip(days, ("kk", "ru", "kk"), (False, True, False), strict=True)
    )
    assert ids_of(exported(selection=Selection(since=days[1]))) == [second, third]
    assert ids_of(exported(selection=Selection(before=days[1]))) == [first]
    assert ids_of(exported(selection=Selection(since=days[1], before=days[2]))) == [second]
    assert ids_of(exported(selection=Selection(language="kk"))) == [first, third]
    assert ids_of(exported(selection=Selection(synthetic=False))) == [first, third]


def test_other_questionnaires_and_deleted_submissions_are_not_in_it() -> None:
    store_submission("other", {})
    store_submission(visits.ID, {}, status="deleted")
    kept = store_submission(visits.ID, {}, status="accepted")
    assert ids_of(exported()) == [kept]


@pytest.mark.parametrize("package", [False, True])
def test_memory_stays_bounded_however_many_there_are(app: Flask, package: bool) -> None:
    peaks = []
    for more in (1_000, 4_000):
        store_many(more)
        peaks.append(peak_of_taking(package))
    # a batch more or less that waits; the answers of 4,000 more would be several MB
    assert peaks[1] < peaks[0] * 1.2 + 400_000


def peak_of_taking(package: bool) -> int:
    """Most bytes in use at once while an export is taken, above what was there before."""
    taking = export(ExportRequest(questionnaire=visits.ID, package=package))
    next(taking)
    tracemalloc.start()
    try:
        for _chunk in taking:
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_what_is_counted_before_the_first_byte_is_counted_by_indexes_alone() -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL decides by what it knows of the table")
    store_many(3)
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "count(*)" in statement:
            asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        Reader(db.engine, visits.ID, Selection()).span()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    ((statement, parameters),) = asked
    with db.engine.connect() as connection:
        told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        steps = [step.detail for step in told if "submission" in step.detail]
    # the other one asks for the last of all, which is the first one that an index finds
    assert [step for step in steps if "COVERING INDEX" in step and "_status" in step], steps
    assert all("INDEX" in step for step in steps), steps
