"""How long records are kept: announced beforehand, carried out on the day, and what is spared."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.database import utc_now
from surveyapp.days import day_of
from surveyapp.extensions import db
from surveyapp.people import service
from surveyapp.people.collectors import Collector
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import RoleName
from surveyapp.submissions import (
    assigning,
    deleted,
    measuring,
    retention,
    retention_announcing,
    retention_rules,
    reviewing,
    subject_finding,
    subject_requests,
)
from surveyapp.submissions.assigning import Visit
from surveyapp.submissions.assignment_models import Assignment
from surveyapp.submissions.field_models import Tally
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Cause, Quarantined, ReviewAct, State, Submission
from surveyapp.submissions.receive import receive
from surveyapp.submissions.retention_models import Destruction, Fate, Unit
from surveyapp.submissions.retention_rules import BadRule, NoRule, Rule
from surveyapp.submissions.subject_models import Wish
from surveyapp.submissions.subject_requests import Asked
from surveyapp.submissions.verdicts import Sender, Status
from surveyapp.wiring import settings_of
from tests.accounts import PASSWORD
from tests.collecting import QUESTIONNAIRE, answers, envelope, publish, send

DAY = timedelta(days=1)
AFTER_A_YEAR = Rule(fate=Fate.ALL, notice=30, amount=12, unit=Unit.MONTHS)


@pytest.fixture(autouse=True)
def _published(app: Flask) -> None:
    publish()


def stored(count: int, ago: timedelta) -> list[UUID]:
    """So many records that were received so long ago, in the order of their storing."""
    before = last_serial()
    send(*(envelope() for _number in range(count)))
    db.session.rollback()
    at = utc_now() - ago
    with db.engine.begin() as connection:
        table = table_of(Submission)
        mine = table.c.serial > before
        connection.execute(update(table).where(mine).values(first_received_at=at, received_at=at))
        query = select(table.c.id).where(mine).order_by(table.c.serial)
        return list(connection.scalars(query))


def last_serial() -> int:
    db.session.rollback()
    found = db.session.scalars(select(Submission.serial).order_by(Submission.serial.desc())).first()
    db.session.rollback()
    return found or 0


def states() -> Counter[str]:
    db.session.rollback()
    found = Counter(db.session.scalars(select(Submission.status)))
    db.session.rollback()
    return found


def told() -> list[tuple[str, dict[str, Any]]]:
    db.session.rollback()
    rows = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial))
    return [(row.action, row.details) for row in rows if row.action.startswith("retention")]


def ahead() -> list[tuple[int, int, int]]:
    """Announced, done and spared of what is not over."""
    db.session.rollback()
    found = [(each.announced, each.done, each.spared) for each in retention_rules.ahead()]
    db.session.rollback()
    return found


def on(days: int) -> datetime:
    return utc_now() + days * DAY


def test_what_is_over_is_announced_and_destroyed_on_its_day_and_not_before() -> None:
    stored(2, 500 * DAY)
    fresh = stored(3, 10 * DAY)
    retention_announcing.set_rule(QUESTIONNAIRE, AFTER_A_YEAR)
    assert ahead() == [(2, 0, 0)]
    assert retention.carry_out(on(29)) == 0
    assert states() == {State.STORED: 5}
    assert retention.carry_out(on(30)) == 2
    assert states() == {State.STORED: 3, State.ERASED: 2}
    assert ahead() == []
    kept = db.session.scalars(select(Submission.id).filter_by(status=State.STORED)).all()
    assert set(kept) == set(fresh)
    day = str(day_of(utc_now(), settings_of().timezone) + 30 * DAY)
    assert told() == [
        ("retention_set", {"decision": "all", "expires": "12 months", "count": 30}),
        ("retention_announced", {"decision": "all", "expires": day, "count": 2}),
        ("retention_done", {"decision": "all", "count": 2}),
    ]


def test_each_day_announces_what_falls_due_once() -> None:
    retention_announcing.set_rule(QUESTIONNAIRE, AFTER_A_YEAR)
    stored(1, 500 * DAY)
    stored(4, 320 * DAY)
    assert retention_announcing.announce(utc_now()) == 1
    assert retention_announcing.announce(utc_now()) == 0
    assert retention_announcing.announce(on(1)) == 0
    assert retention_announcing.announce(on(40)) == 4
    assert ahead() == [(1, 0, 0), (4, 0, 0)]


def test_who_is_meant_alone_is_destroyed_where_the_rule_says_so() -> None:
    stored(2, 500 * DAY)
    retention_announcing.set_rule(
        QUESTIONNAIRE, Rule(fate=Fate.IDENTITY, notice=1, amount=30, unit=Unit.DAYS)
    )
    assert retention.carry_out(on(1)) == 2
    db.session.rollback()
    rows = db.session.scalars(select(Submission)).all()
    assert [(row.cause, row.status, bool(row.answers)) for row in rows] == [
        (Cause.IDENTITY_ERASED, State.STORED, True)
    ] * 2
    assert not any(row.identity_sealed for row in rows)
    assert retention_announcing.announce(on(2)) == 0


def test_a_fixed_day_is_for_all_records_and_nothing_goes_before_it() -> None:
    stored(2, 3 * DAY)
    last = day_of(on(100), settings_of().timezone)
    retention_announcing.set_rule(QUESTIONNAIRE, Rule(fate=Fate.ALL, notice=30, last_day=last))
    assert ahead() == []
    assert retention_announcing.announce(on(70)) == 0
    assert retention_announcing.announce(on(71)) == 2
    (one,) = retention_rules.ahead()
    assert one.day == last + DAY


def test_what_is_blocked_is_spared_and_counted() -> None:
    _first, second = stored(2, 500 * DAY)
    reviewing.block(second)
    retention_announcing.set_rule(QUESTIONNAIRE, AFTER_A_YEAR)
    assert ahead() == [(1, 0, 0)]
    third = stored(1, 400 * DAY)
    reviewing.block(third[0])
    assert retention.carry_out(on(30)) == 1
    assert states() == {State.ERASED: 1, State.BLOCKED: 2}
    (over,) = retention_rules.past(QUESTIONNAIRE, 5)
    assert (over.done, over.spared, over.failed) == (1, 2, 0)


@pytest.mark.parametrize(
    ("wish", "spared"),
    [(Wish.COPY, 1), (Wish.CORRECT, 1), (Wish.BLOCK, 1), (Wish.IDENTITY, 0), (Wish.WITHDRAW, 0)],
)
def test_what_a_family_waits_for_is_spared_until_it_is_answered(wish: Wish, spared: int) -> None:
    _first, second = stored(2, 500 * DAY)
    request = ask(second, wish)
    retention_announcing.set_rule(QUESTIONNAIRE, AFTER_A_YEAR)
    retention.carry_out(on(30))
    (over,) = retention_rules.past(QUESTIONNAIRE, 5)
    assert (over.done, over.spared) == (2 - spared, spared)
    subject_requests.refuse(request, "nobody came for it")
    assert retention_announcing.announce(on(30)) == spared
    retention.carry_out(on(60))
    assert states() == {State.ERASED: 2}


def ask(submission_id: UUID, wish: Wish) -> int:
    subject = subject_finding.subject_of(submission_id)
    assert subject is not None
    number = subject_requests.ask(Asked(subject, wish)).serial
    db.session.rollback()
    return number


def test_what_was_deleted_is_not_destroyed_while_a_family_waits_for_a_copy_of_it() -> None:
    (one,) = stored(1, DAY)
    reviewing.delete(one)
    request = ask(one, Wish.COPY)
    later = utc_now() + timedelta(days=settings_of().deleted_kept_days + 1)
    assert deleted.destroy_deleted(later) == 0
    subject_requests.refuse(request, "nobody came for it")
    assert deleted.destroy_deleted(later) == 1


def test_it_goes_on_where_it_was_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    stored(5, 500 * DAY)
    retention_announcing.set_rule(QUESTIONNAIRE, AFTER_A_YEAR)
    readings = iter([0.0, 0.0, 0.0, 9.0])
    with monkeypatch.context() as stopped:
        stopped.setattr(retention, "monotonic", lambda: next(readings))
        assert retention.carry_out(on(30), until=5.0) == 3
    assert ahead() == [(5, 3, 0)]
    assert retention.carry_out(on(30)) == 2
    (over,) = retention_rules.past(QUESTIONNAIRE, 5)
    assert (over.announced, over.done) == (5, 5)


def test_one_that_fails_does_not_keep_the_others_and_is_announced_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken, _other = stored(2, 500 * DAY)
    retention_announcing.set_rule(QUESTIONNAIRE, AFTER_A_YEAR)
    erase = retention._DEEDS[Fate.ALL]

    def fail(one: UUID) -> None:
        if one == broken:
            raise OSError("the disk is full")
        erase(one)

    with monkeypatch.context() as failing:
        failing.setattr(retention, "_DEEDS", {Fate.ALL: fail})
        assert retention.carry_out(on(30)) == 1
    (over,) = retention_rules.past(QUESTIONNAIRE, 5)
    assert (over.done, over.failed) == (1, 1)
    assert retention_announcing.announce(on(31)) == 1
    assert retention.carry_out(on(61)) == 1
    assert states() == {State.ERASED: 2}


def test_another_rule_calls_off_what_was_announced() -> None:
    stored(2, 500 * DAY)
    retention_announcing.set_rule(QUESTIONNAIRE, AFTER_A_YEAR)
    retention_announcing.set_rule(
        QUESTIONNAIRE, Rule(fate=Fate.ALL, notice=30, amount=5, unit=Unit.DAYS)
    )
    retention_announcing.stop(QUESTIONNAIRE)
    assert ahead() == []
    assert retention.carry_out(on(60)) == 0
    assert states() == {State.STORED: 2}
    with pytest.raises(NoRule):
        retention_announcing.stop(QUESTIONNAIRE)
    assert [row.called_off for row in db.session.scalars(select(Destruction))] == [True, True]


def test_what_is_left_in_quarantine_goes_too() -> None:
    (known,) = stored(1, 500 * DAY)
    conflict = envelope(id=str(known), answers=answers(rooms=9, twice="18"))
    assert receive([conflict], Sender())[0].status == Status.QUARANTINED
    retention_announcing.set_rule(
        QUESTIONNAIRE, Rule(fate=Fate.IDENTITY, notice=1, amount=1, unit=Unit.DAYS)
    )
    with db.engine.begin() as connection:
        table = table_of(Quarantined)
        connection.execute(update(table).values(received_at=utc_now() - 500 * DAY, submission_id=known))
    retention.carry_out(on(1))
    db.session.rollback()
    (row,) = db.session.scalars(select(Quarantined))
    assert (row.data_key, row.sealed, row.decision) == (None, b"", "discard")


def test_what_is_destroyed_is_counted_no_more() -> None:
    stored(3, 500 * DAY)
    measuring.catch_up()
    assert counted() == 3
    retention_announcing.set_rule(QUESTIONNAIRE, AFTER_A_YEAR)
    retention.carry_out(on(30))
    db.session.rollback()
    measuring.catch_up()
    assert counted() == 0


def counted() -> int:
    db.session.rollback()
    rows = db.session.execute(select(Tally.day, Tally.count)).all()
    db.session.rollback()
    return sum(count for _day, count in rows) // 2  # its day, and all days


@pytest.mark.parametrize(
    "rule",
    [
        Rule(fate=Fate.ALL, notice=30),
        Rule(fate=Fate.ALL, notice=30, amount=3),
        Rule(fate=Fate.ALL, notice=30, amount=0, unit=Unit.DAYS),
        Rule(fate=Fate.ALL, notice=0, amount=1, unit=Unit.DAYS),
        Rule(fate=Fate.ALL, notice=30, amount=1, unit=Unit.DAYS, last_day=date(2030, 1, 1)),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: Rule) -> None:
    with pytest.raises(BadRule):
        retention_announcing.set_rule(QUESTIONNAIRE, rule)
    assert retention_rules.rule_of(QUESTIONNAIRE) is None


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 27), 12, date(2025, 11, 27)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 1), 11, date(2026, 1, 1)),
    ],
)
def test_months_are_those_of_the_calendar(day: date, months: int, before: date) -> None:
    assert retention_rules.months_before(day, months) == before


def test_a_rule_that_reaches_before_the_first_year_is_about_nothing() -> None:
    stored(1, 500 * DAY)
    rule = Rule(fate=Fate.ALL, notice=1, amount=36_500, unit=Unit.MONTHS)
    retention_announcing.set_rule(QUESTIONNAIRE, rule)
    assert ahead() == []


# --- what was deleted -------------------------------------------------------------------------------


def test_what_was_deleted_long_ago_is_destroyed_and_what_was_restored_is_not() -> None:
    gone, back, late = stored(3, DAY)
    for one in (gone, back):
        reviewing.delete(one)
    reviewing.restore(back)
    with db.engine.begin() as connection:
        connection.execute(update(table_of(ReviewAct)).values(at=utc_now() - 31 * DAY))
    reviewing.delete(late)
    assert deleted.destroy_deleted(utc_now()) == 1
    assert states() == {State.ERASED: 1, State.STORED: 1, State.DELETED: 1}
    assert deleted.destroy_deleted(on(29)) == 0
    assert deleted.destroy_deleted(on(31)) == 1


def test_the_commands(app: Flask) -> None:
    stored(2, 500 * DAY)

    def run(*arguments: str) -> tuple[int, str]:
        done = app.test_cli_runner().invoke(args=["retention", *arguments], prog_name="surveyapp")
        return done.exit_code, done.output

    assert run("set", QUESTIONNAIRE, "--months", "12", "--then", "all", "--yes") == (
        0,
        "Set; 2 records are announced now.\n",
    )
    assert "kept for 12 months" in run("list")[1]
    assert run("run") == (0, "0 records announced, 0 destroyed.\n")
    assert run("stop", QUESTIONNAIRE)[0] == 0
    assert run("stop", QUESTIONNAIRE)[0] == 1
    assert run("set", "nowhere", "--days", "3", "--then", "all", "--yes")[0] == 1
    assert run("set", QUESTIONNAIRE, "--then", "all", "--yes")[0] == 2


def test_what_was_said_of_a_visit_goes_when_records_of_its_age_go(app: Flask) -> None:
    service.add_user("collector", [RoleName.INTERVIEWER], PASSWORD)
    person = Collector("collector", user_id=service.known_user("collector").id)
    visits = [Visit(collector=person, label=f"the house of {name}") for name in ("A", "B", "C")]
    assigning.give_out(QUESTIONNAIRE, visits, None)
    blocked, *_others = stored(1, 500 * DAY)
    reviewing.block(blocked)
    with db.engine.begin() as connection:
        table = table_of(Assignment)
        first, second, _third = connection.scalars(select(table.c.serial).order_by(table.c.serial))
        old = update(table).values(created_at=utc_now() - 500 * DAY)
        connection.execute(old.where(table.c.serial.in_((first, second))))
        connection.execute(update(table).where(table.c.serial == second).values(submission_id=blocked))
    retention_announcing.set_rule(QUESTIONNAIRE, AFTER_A_YEAR)
    assert retention.forget_visits(on(29)) == 0
    assert retention.forget_visits(on(31)) == 1
    assert retention.forget_visits(on(31)) == 0
    db.session.rollback()
    rows = db.session.scalars(select(Assignment).order_by(Assignment.serial)).all()
    assert [(row.state, row.sealed is None, row.data_key is None) for row in rows] == [
        ("cancelled", True, True),
        ("open", False, False),
        ("open", False, False),
    ]
    assert ("retention_visits", {"count": 1}) in told()
