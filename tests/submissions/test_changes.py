"""The cursor: whoever reads along misses nothing and gets nothing twice, however writers interleave."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, text, update

from surveyapp.extensions import db
from surveyapp.submissions import changes as feed
from surveyapp.submissions.changes import BadCursor, Cursor, OtherEpoch, changes, current_epoch
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Submission
from tests.collecting import QUESTIONNAIRE, envelope, publish, send

TABLE = table_of(Submission)
WRITERS = 4


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    publish()


@dataclass
class Reader:
    """Reads along with a cursor and remembers all that it was told."""

    cursor: str | None = None
    told: list[tuple[int, int, UUID, int]] = field(default_factory=list)
    there: dict[UUID, int] = field(default_factory=dict)

    def read(self, limit: int) -> bool:
        """Read one page; whether it held anything."""
        page = changes(QUESTIONNAIRE, self.cursor, limit=limit)
        self.told += [(row.changed, row.serial, row.id, row.revision) for row in page.rows]
        self.cursor = str(page.cursor)
        return bool(page.rows)

    def read_all(self) -> None:
        while self.read(3):
            pass

    def look_at_what_is_there(self) -> None:
        with db.engine.connect() as connection:
            rows = connection.execute(select(TABLE.c.id, TABLE.c.revision)).all()
        self.there = {row.id: row.revision for row in rows}

    def has_missed_something(self) -> bool:
        """Whether a record was not told in the state it is in."""
        return {submission_id: revision for _c, _s, submission_id, revision in self.told} != self.there

    def check(self) -> None:
        """Every record was told in the state it is in, in order, and none twice in one state."""
        places = [(changed, serial) for changed, serial, _id, _revision in self.told]
        assert places == sorted(set(places))
        assert not self.has_missed_something()


def blank() -> dict[str, Any]:
    """The columns of a submission."""
    send(envelope())
    row = db.session.execute(select(TABLE)).one()._asdict()
    db.session.execute(delete(TABLE))
    db.session.commit()
    return {name: value for name, value in row.items() if name not in {"serial", "changed"}}


class Writer:
    """Writes records of its own, in transactions that stay open as long as the schedule says."""

    def __init__(self, like: dict[str, Any]) -> None:
        self.like = like
        self.open = ExitStack()
        self.connection: Connection | None = None
        #: revision of each record: committed, and in the open transaction
        self.committed: dict[UUID, int] = {}
        self.now: dict[UUID, int] = {}
        self.ids = [uuid4() for _record in range(2)]

    def write(self, which: int) -> None:
        if self.connection is None:
            self.connection = self.open.enter_context(db.engine.connect())
            self.connection.begin()
            self.now = dict(self.committed)
        submission_id = self.ids[which]
        revision = self.now.get(submission_id, 0) + 1
        if revision == 1:
            code = {"receipt_code": str(uuid4()), "id": submission_id, "revision": 1}
            self.connection.execute(insert(TABLE), [self.like | code])
        else:
            this = TABLE.c.id == submission_id
            self.connection.execute(update(TABLE).where(this).values(revision=revision))
        self.now[submission_id] = revision

    def end(self, *, commit: bool) -> None:
        if self.connection is None:
            return
        if commit:
            self.connection.commit()
            self.committed = self.now
        self.open.close()
        self.connection = None


STEPS = st.one_of(
    st.tuples(st.just("write"), st.integers(0, WRITERS - 1), st.integers(0, 1)),
    st.tuples(st.sampled_from(["commit", "rollback"]), st.integers(0, WRITERS - 1), st.just(0)),
    st.tuples(st.just("read"), st.just(0), st.integers(1, 3)),
)
SCHEDULES = st.lists(STEPS, min_size=5, max_size=40)


def play(schedule: list[tuple[str, int, int]]) -> Reader:
    """Let writers and a reader do these steps; the tables are empty afterwards."""
    like, reader = blank(), Reader()
    writers = [Writer(like) for _writer in range(WRITERS)]
    one_at_a_time = db.engine.dialect.name == "sqlite"
    try:
        for step, who, which in schedule:
            others = [w for w in writers if w is not writers[who] and w.connection]
            if step == "read":
                reader.read(which)
            elif step != "write":
                writers[who].end(commit=step == "commit")
            elif not (one_at_a_time and others):  # SQLite would have it wait
                writers[who].write(which)
        for writer in writers:
            writer.end(commit=True)
        wait_until_all_are_over()
        reader.read_all()
        reader.look_at_what_is_there()
    finally:
        for writer in writers:
            writer.open.close()
        with db.engine.begin() as connection:
            connection.execute(delete(TABLE))
    return reader


def wait_until_all_are_over() -> None:
    """Wait for every transaction on this server that began before now.

    PostgreSQL's horizon is that of all its databases: what another test writes at this moment keeps
    the rows here back for a while.
    """
    if db.engine.dialect.name == "sqlite":
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        now = connection.scalar(text("SELECT pg_current_xact_id()::text::bigint"))
        oldest = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        while connection.scalar(oldest) <= now:
            time.sleep(0.01)


@given(schedule=SCHEDULES)
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_however_transactions_interleave_nothing_is_skipped_or_told_twice(
    app: Flask, schedule: list[tuple[str, int, int]]
) -> None:
    play(schedule).check()


def test_these_interleavings_find_a_reader_that_does_not_wait_for_who_is_under_way(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The property above can fail: without the horizon it does."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("one writes at a time there")
    monkeypatch.setattr(feed, "_all_over", lambda _connection, _changed: [])
    enough = settings(
        max_examples=400,
        phases=[Phase.generate],
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    schedule = find(SCHEDULES, lambda steps: play(steps).has_missed_something(), settings=enough)
    with pytest.raises(AssertionError):
        play(schedule).check()
    monkeypatch.undo()
    play(schedule).check()


def write_by_chance(app: Flask, like: dict[str, Any], shared: list[UUID], seed: int) -> None:
    """Send records by the one door in, and change shared ones in transactions that stay open."""
    chance = random.Random(seed)  # noqa: S311  # no secret is drawn
    for _time in range(12):
        with app.app_context():
            if chance.random() < 0.4:
                send(envelope())
                db.session.remove()
            else:
                write_slowly(like, chance.choice(shared), chance.choice([0, 0.002, 0.02]))


def write_slowly(like: dict[str, Any], shared: UUID, seconds: float) -> None:
    with db.engine.begin() as connection:
        this = TABLE.c.id == shared
        connection.execute(update(TABLE).where(this).values(revision=TABLE.c.revision + 1))
        time.sleep(seconds)  # held open in the middle
        new = {"id": uuid4(), "receipt_code": str(uuid4()), "revision": 1}
        connection.execute(insert(TABLE), [like | new])
        time.sleep(seconds)


def read_along(app: Flask, reader: Reader, done: Event) -> None:
    with app.app_context():
        while not done.is_set():
            reader.read(4)


def test_with_writers_in_threads_and_long_transactions_nothing_is_skipped(app: Flask) -> None:
    like, reader, done = blank(), Reader(), Event()
    shared = [uuid4() for _record in range(3)]
    with db.engine.begin() as connection:
        rows = [like | {"id": one, "receipt_code": str(one), "revision": 1} for one in shared]
        connection.execute(insert(TABLE), rows)
    db.session.rollback()
    with ThreadPoolExecutor(7) as pool:
        along = pool.submit(read_along, app, reader, done)
        writers = [pool.submit(write_by_chance, app, like, shared, seed) for seed in range(6)]
        try:
            for writer in writers:
                writer.result()
        finally:
            done.set()
        along.result()
    reader.read_all()
    reader.look_at_what_is_there()
    reader.check()
    assert len(reader.told) >= 6 * 12


def test_a_transaction_that_is_under_way_holds_back_what_came_after_it(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("one writes at a time there")
    like, reader = blank(), Reader()
    slow, quick = Writer(like), Writer(like)
    slow.write(0)
    quick.write(0)
    quick.end(commit=True)
    assert not reader.read(10)
    slow.end(commit=True)
    reader.read_all()
    assert [told[2] for told in reader.told] == [slow.ids[0], quick.ids[0]]
    reader.look_at_what_is_there()
    reader.check()


# --- cursors ----------------------------------------------------------------------------------------


@given(changed=st.integers(-1, 2**63 - 1), serial=st.integers(0, 2**63 - 1), epoch=st.uuids())
def test_a_cursor_is_read_as_it_was_written(changed: int, serial: int, epoch: UUID) -> None:
    cursor = Cursor(epoch, changed, serial)
    assert Cursor.read(str(cursor)) == cursor
    assert str(cursor).replace("-", "").replace("_", "").isalnum()


@given(st.text())
def test_what_is_no_cursor_is_told_so(text: str) -> None:
    with pytest.raises(BadCursor):
        Cursor.read(text)


NUMBERS: list[tuple[Any, Any]] = [
    (1.5, 1),
    (True, 1),
    ("1", 1),
    (2**63, 1),
    (1, -2),
    (None, 1),
    ([], {}),
]


@pytest.mark.parametrize(("changed", "serial"), NUMBERS)
def test_a_cursor_with_other_numbers_is_none(changed: Any, serial: Any) -> None:
    with pytest.raises(BadCursor):
        Cursor.read(str(Cursor(uuid4(), changed, serial)))


def test_a_cursor_does_not_outlive_a_restore(app: Flask) -> None:
    before = changes(QUESTIONNAIRE, None, limit=1).cursor
    assert changes(QUESTIONNAIRE, str(before), limit=1).cursor == before
    told = app.test_cli_runner().invoke(args=["db", "restored"])
    assert told.exit_code == 0, told.output
    after = current_epoch()
    assert after != before.epoch
    with pytest.raises(OtherEpoch):
        changes(QUESTIONNAIRE, str(before), limit=1)
    assert changes(QUESTIONNAIRE, str(replace(before, epoch=after)), limit=1).rows == []
