"""Groups of the whole questionnaire are kept: they must be those that anybody would count."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, event, insert, select, update

from surveyapp.exports import kept_counts, whole
from surveyapp.exports.deidentifying import deidentifying
from surveyapp.exports.kept_counts import Counting, Texts, counted
from surveyapp.exports.layouts import Place
from surveyapp.exports.models import KeptCount
from surveyapp.exports.reader import Reader, Span
from surveyapp.exports.request import Selection
from surveyapp.exports.tallies import Group
from surveyapp.extensions import db
from surveyapp.questionnaires import xform
from surveyapp.submissions.changes import begin_epoch
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Submission
from surveyapp.wiring import settings_of
from tests.collecting import QUESTIONNAIRE, publish
from tests.exports import kin
from tests.exports.test_polling import Writer
from tests.factories import store_rows, submission_row

NAMES = ("region",)
#: every selection but the whole is counted anew each time
BY_HAND = Selection(before=None, synthetic=True, versions=frozenset({"1", "2"}))


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_counts, "STRETCH", 5)


def groups() -> dict[tuple[str | None, ...], Group]:
    return Reader(db.engine, QUESTIONNAIRE, Selection()).groups(NAMES)


def by_hand() -> dict[tuple[str | None, ...], Group]:
    return Reader(db.engine, QUESTIONNAIRE, BY_HAND).groups(NAMES)


def store(*regions: str, questionnaire: str = QUESTIONNAIRE) -> None:
    rows = [submission_row(questionnaire, {}, breakdowns={"region": each}) for each in regions]
    store_rows(rows)


@contextmanager
def counted_stretches(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The first serials of what is counted meanwhile."""
    found: list[int] = []
    real = Counting.groups

    def groups(self: Counting, connection: object, first: int, last: int) -> dict[Texts, Group]:
        found.append(first)
        return real(self, connection, first, last)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Counting, "groups", groups)
        yield found


def test_what_did_not_change_is_not_counted_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    store(*["north"] * 18, *["south"] * 5)
    with counted_stretches(monkeypatch) as first:
        assert groups() == by_hand() == {("north",): Group(18, 0), ("south",): Group(5, 0)}
    assert len(first) >= 5
    with counted_stretches(monkeypatch) as again:
        assert groups()[("north",)] == Group(18, 0)
    assert again == []
    serial = db.session.scalar(select(Submission.serial).order_by(Submission.serial).offset(7)) or 0
    db.session.execute(
        update(Submission).where(Submission.serial == serial).values(breakdowns={"region": "east"})
    )
    db.session.commit()
    with counted_stretches(monkeypatch) as changed:
        groups()
    assert groups() == by_hand()
    assert changed == [serial - serial % 5]


def test_a_few_are_counted_and_not_kept(app: Flask) -> None:
    store("north", "south")
    assert groups() == {("north",): Group(1, 0), ("south",): Group(1, 0)}
    assert db.session.scalars(select(KeptCount)).all() == []


def test_a_part_is_counted_and_not_kept(app: Flask) -> None:
    store(*["north"] * 20)
    by_hand()
    assert db.session.scalars(select(KeptCount)).all() == []


def test_what_came_after_the_span_is_none_of_it(app: Flask) -> None:
    store(*["north"] * 12)
    reader = Reader(db.engine, QUESTIONNAIRE, Selection())
    span = reader.span()
    store("north", "south")
    assert reader.groups(NAMES, span) == {("north",): Group(12, 0)}
    nothing = Span(0, 0, 0)
    assert reader.groups(NAMES, nothing) == {}


def test_made_up_ones_are_told_apart(app: Flask) -> None:
    rows = [submission_row(QUESTIONNAIRE, {}, breakdowns={"region": "north"}) for _ in range(12)]
    store_rows([row | {"synthetic": number < 3} for number, row in enumerate(rows)])
    for _ in range(2):
        assert groups() == {("north",): Group(12, 3)}


def test_other_questionnaires_count_for_nothing(app: Flask) -> None:
    store(*["north"] * 12)
    store(*["north"] * 40, questionnaire="other")
    assert groups() == groups() == {("north",): Group(12, 0)}


def test_another_life_of_the_database_begins_anew(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    store(*["north"] * 12)
    groups()
    # as what is restored from a backup may have it
    db.session.execute(update(KeptCount).values(counts={json.dumps(['{"region": "south"}']): [99, 0]}))
    db.session.commit()
    assert set(groups()) == {("south",)}
    begin_epoch()
    with counted_stretches(monkeypatch) as first:
        assert groups() == {("north",): Group(12, 0)}
    assert len(first) >= 3
    assert groups() == {("north",): Group(12, 0)}


def test_numbers_that_were_never_given_out_are_not_believed(app: Flask) -> None:
    """A backup restored into a new server: its numbers of transactions are smaller."""
    store(*["north"] * 12)
    groups()
    db.session.execute(update(KeptCount).values(reached=2**60))
    db.session.commit()
    store("south")
    assert groups() == by_hand()
    assert groups() == by_hand()


def test_whoever_is_late_keeps_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two count at once; what the slower one saw may be older than what the faster one kept."""
    store(*["north"] * 12)
    groups()
    store("south")
    real = kept_counts._keep

    def late(*arguments: object) -> None:
        monkeypatch.setattr(kept_counts, "_keep", real)
        store("east")
        groups()  # another export, which is faster
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(kept_counts, "_keep", late)
    groups()
    assert groups() == by_hand()
    store("east")
    assert groups() == by_hand()


def test_a_writer_who_takes_long_is_counted_when_it_is_over(app: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    store(*["north"] * 12)
    row = submission_row(QUESTIONNAIRE, {}, breakdowns={"region": "slow"}) | {"id": uuid4()}
    with db.engine.begin() as slow:
        slow.execute(insert(table_of(Submission)), [row])
        store("south")
        assert ("slow",) not in groups()
        store("south")
        assert groups()[("south",)] == Group(2, 0)
    assert groups()[("slow",)] == Group(1, 0)
    assert groups() == by_hand()


class _Hand:
    """Writes rows of its own in transactions that end whenever it likes, or never happened."""

    def __init__(self, chance: random.Random) -> None:
        self._chance, self._connection = chance, db.engine.connect()
        #: those that are sure to be there
        self._mine: list[UUID] = []
        self._new: list[UUID] = []

    def act(self) -> None:
        deeds = [self._insert, self._update, self._change_mind, self._end]
        self._chance.choices(deeds, weights=[3, 4, 2, 2])[0]()

    def close(self) -> None:
        self._connection.close()

    def _insert(self) -> None:
        rows = [submission_row(QUESTIONNAIRE, {}, breakdowns=self._group()) for _ in range(3)]
        rows = [row | {"id": uuid4()} for row in rows]
        self._connection.execute(insert(table_of(Submission)), rows)
        self._new += [row["id"] for row in rows]

    def _update(self) -> None:
        if self._mine:
            mine = Submission.id == self._chance.choice(self._mine)
            changes: list[dict[str, Any]] = [
                {"breakdowns": self._group()},
                {"status": "deleted"},
                {"status": "stored"},
            ]
            what = self._chance.choice(changes)
            self._connection.execute(update(Submission).where(mine).values(**what))

    def _change_mind(self) -> None:
        savepoint = self._connection.begin_nested()
        self._update()
        savepoint.rollback()

    def _end(self) -> None:
        if self._chance.random() < 0.7:
            self._connection.commit()
            self._mine += self._new
        else:
            self._connection.rollback()
        self._new = []

    def _group(self) -> dict[str, str]:
        return {"region": self._chance.choice(["north", "south", "east"])}


@pytest.mark.parametrize("seed", range(4))
def test_it_is_right_in_whatever_order_transactions_end(app: Flask, seed: int) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    store(*["north"] * 12)
    chance = random.Random(seed)  # noqa: S311  # the same each time
    with ExitStack() as closed:
        hands = [closed.enter_context(closing(_Hand(chance))) for _ in range(3)]
        for _step in range(400):
            chance.choice(hands).act()
            if chance.random() < 0.3:
                assert groups() == by_hand()
    assert len(groups()) == 3


def test_an_export_within_a_transaction_of_its_own_session_waits_for_nobody(app: Flask) -> None:
    store(*["north"] * 12)
    db.session.execute(update(Submission).values(language="kk"))  # a lock on SQLite
    assert groups() == {("north",): Group(12, 0)}
    db.session.rollback()
    assert groups() == {("north",): Group(12, 0)}


def test_it_is_right_whatever_happens_to_submissions(app: Flask) -> None:
    """Sent, edited, moved, reviewed, deleted, restored, erased by two at once, counted all the time."""
    publish()
    db.session.commit()
    writers = [Writer(app, random.Random(number)) for number in range(2)]  # noqa: S311  # the same each time

    def count() -> None:
        with app.app_context():
            groups()
            db.session.remove()

    with ThreadPoolExecutor(max_workers=4) as pool:
        for minute in range(60):
            deeds = [pool.submit(writer.act, minute) for writer in writers]
            counts = [pool.submit(count) for _ in range(2)]
            for each in [*deeds, *counts]:
                each.result()
            if minute % 3 == 0:
                assert groups() == by_hand()
    assert groups() == by_hand()
    assert len(by_hand()) == 2
    assert db.session.scalars(select(KeptCount)).all()


def test_each_counting_is_kept_by_itself(app: Flask) -> None:
    store(*["north"] * 12)
    reader = Reader(db.engine, QUESTIONNAIRE, Selection())
    by_breakdowns = Counting(QUESTIONNAIRE, "breakdowns", reader._breakdowns)
    other = replace(by_breakdowns, name="other")
    assert counted(db.engine, by_breakdowns) == counted(db.engine, other)
    names = set(db.session.scalars(select(KeptCount.counting)))
    assert names == {"breakdowns", "other"}


@contextmanager
def taking_nothing() -> Iterator[Engine]:
    """The same database for somebody whom it lets read only."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    options = {} if is_sqlite else {"options": "-c default_transaction_read_only=on"}
    engine = create_engine(db.engine.url, connect_args=options)
    if is_sqlite:
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only=ON"))
    yield engine
    engine.dispose()


def test_a_database_that_takes_nothing_is_counted_all_the_same(app: Flask) -> None:
    store(*["north"] * 12)
    with taking_nothing() as engine:
        assert Reader(engine, QUESTIONNAIRE, Selection()).groups(NAMES) == by_hand()
    assert db.session.scalars(select(KeptCount)).all() == []


def test_many_groups_are_never_held_of_more_than_one_stretch(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where all is counted, nor where all is kept: a million households have 850,000 groups."""
    monkeypatch.setattr(kept_counts, "STRETCH", 50)
    regions = [str(number) * 1_000 for number in range(10, 60)]
    for _stretch in range(30):
        store(*regions)
    size = sum(map(len, regions))
    for _time in range(2):
        tracemalloc.start()
        assert len(groups()) == len(regions)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 12 * size


def test_the_worker_counts_before_anybody_asks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    publish()
    store(*["north"] * 12)
    whole.catch_up()
    with counted_stretches(monkeypatch) as asked:
        assert groups() == {("north",): Group(12, 0)}
    assert asked == []


def test_the_worker_lets_go_of_what_is_counted_no_more(app: Flask) -> None:
    """By its name, or because no version declares it any more."""
    kin.publish()
    for _number in range(12):
        kin.store("north", kin.child())
    whole.catch_up()
    before = set(db.session.scalars(select(KeptCount.counting)))
    assert len(before) == 3
    db.session.execute(
        update(KeptCount).where(KeptCount.counting == min(before)).values(counting="one of yesterday")
    )
    db.session.commit()
    store(*["north"] * 12, questionnaire="other")
    counted(
        db.engine, Counting("other", "breakdowns", Reader(db.engine, "other", Selection())._breakdowns)
    )
    whole.catch_up()
    found = db.session.execute(select(KeptCount.questionnaire, KeptCount.counting).distinct()).all()
    assert {tuple(each) for each in found} == {
        *((kin.ID, name) for name in before),
        ("other", "breakdowns"),
    }


def _kin_entries(selection: Selection) -> dict[Place, Group]:
    treating = deidentifying([xform.parse(kin.compiled().xform)], settings_of())
    reader = Reader(db.engine, kin.ID, selection)
    return reader.entry_groups(treating.layouts, treating.breakdowns)


def test_groups_of_roster_entries_are_kept_as_well(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    kin.publish()
    for number in range(14):
        kin.store("north", *(kin.child() for _ in range(number % 3)))
    first = _kin_entries(Selection())
    assert first == _kin_entries(BY_HAND) and sum(group.submissions for group in first.values()) > 10
    with counted_stretches(monkeypatch) as again:
        assert _kin_entries(Selection()) == first
    assert again == []
    kin.store("north", kin.child(), kin.child())
    assert _kin_entries(Selection()) == _kin_entries(BY_HAND) != first


def test_what_was_counted_by_another_rule_is_counted_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(*["north"] * 12)
    reader = Reader(db.engine, QUESTIONNAIRE, Selection())
    counting = Counting(QUESTIONNAIRE, "breakdowns", reader._breakdowns)
    counted(db.engine, counting)
    db.session.execute(update(KeptCount).values(counts={'["wrong"]': [9, 0]}))
    db.session.commit()
    assert set(counted(db.engine, counting)) == {("wrong",)}
    other = replace(counting, rule="another")
    assert set(counted(db.engine, other)) == {('{"region": "north"}',)}
    with counted_stretches(monkeypatch) as again:
        counted(db.engine, other)
    assert again == []
