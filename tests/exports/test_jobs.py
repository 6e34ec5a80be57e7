"""Exports made apart from requests: a queue that survives its workers, files that nobody else reads."""

from __future__ import annotations

from datetime import timedelta
from threading import Event
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.catalogue import service as catalogue
from surveyapp.database import utc_now
from surveyapp.exports import fetching, jobs
from surveyapp.exports.jobs import Made, Wanted
from surveyapp.exports.models import ExportJob, JobState
from surveyapp.exports.rights import NotAllowed
from surveyapp.exports.running import run_next
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.people import granting
from surveyapp.people.models import AuditEntry, User
from surveyapp.people.rights import EVERYWHERE, RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import destroying, orphans, reviewing
from tests.accounts import make_user
from tests.exports import visits
from tests.exports.conftest import FIRST

NEVER = Event()


@pytest.fixture
def owner(app: Flask, stored: None) -> int:
    """An analyst; two visits are there."""
    make_user("dana", RoleName.ANALYST, RoleName.DATA_STEWARD)
    found = db.session.scalar(select(User.id).where(User.username == "dana"))
    db.session.rollback()
    assert found is not None
    return found


def ask(owner: int, **choices: str) -> UUID:
    return jobs.ask(Wanted(owner, visits.ID, choices))


def state(id_: UUID) -> str:
    found = db.session.scalar(select(ExportJob.state).where(ExportJob.id == id_))
    db.session.rollback()
    assert found is not None
    return found


def fetched(id_: UUID, owner: int) -> bytes:
    with fetching.open_file(id_, owner).content as content:
        return content.read()


def logged() -> list[tuple[str, int | None]]:
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial)).all()
    found = [(e.action, e.user_id) for e in entries if e.action.startswith("export")]
    db.session.rollback()
    return found


def test_a_job_is_made_and_fetched_and_each_step_is_in_the_log(owner: int) -> None:
    id_ = ask(owner)
    assert run_next(NEVER)
    assert not run_next(NEVER)
    content = fetched(id_, owner)
    assert visits.rows_of(content)[0]["id"] == str(FIRST)
    row = jobs.one(id_, owner)
    assert row is not None
    assert (row.size, row.done, row.total) == (len(content), 2, 2)
    assert logged() == [("export_asked", owner), ("exported", owner), ("export_fetched", owner)]


def test_what_goes_on_with_a_download_is_logged_once(owner: int) -> None:
    id_ = ask(owner)
    run_next(NEVER)
    for goes_on in (True, True, False):
        fetching.open_file(id_, owner, goes_on=goes_on).content.close()
    assert [action for action, _who in logged()].count("export_fetched") == 2


def test_a_file_lies_sealed_and_opens_only_for_its_own_job(owner: int) -> None:
    id_ = ask(owner, format="jsonl")
    other = ask(owner)
    run_next(NEVER)
    run_next(NEVER)
    row = jobs.one(id_, owner)
    assert row is not None
    assert str(FIRST).encode() not in media_store().read(row.address)
    assert str(FIRST).encode() in fetched(id_, owner)
    elsewhere = update(ExportJob).where(ExportJob.id == other).values(address=row.address)
    db.session.execute(elsewhere)
    db.session.commit()
    with pytest.raises(Exception, match="sealed under another key"):
        fetched(other, owner)


@pytest.mark.parametrize("choice", [{"identity": "yes"}, {"profile": "full"}])
def test_nothing_is_prepared_that_a_second_person_has_to_agree_to(
    owner: int, choice: dict[str, str]
) -> None:
    id_ = ask(owner, reason="call them", **choice)
    assert run_next(NEVER)
    row = jobs.one(id_, owner)
    assert row is not None
    assert (row.state, row.failure, row.address) == (JobState.FAILED, "refused", None)


def test_what_a_dead_worker_had_is_taken_anew_and_the_dead_one_changes_nothing(owner: int) -> None:
    id_ = ask(owner)
    dead = jobs.claim()
    assert dead is not None
    assert jobs.claim() is None  # as long as it is believed to live
    past = utc_now() - timedelta(seconds=1)
    db.session.execute(update(ExportJob).values(leased_until=past))
    db.session.commit()
    assert run_next(NEVER)
    content = fetched(id_, owner)
    made = Made(dead.address, "x.csv", "text/csv", 1, "00", 1, None)
    assert not jobs.finish(id_, dead.claim, made)
    assert not jobs.beat(id_, dead.claim, 1, 2)
    assert fetched(id_, owner) == content


def test_a_job_over_which_workers_die_is_given_up(owner: int) -> None:
    id_ = ask(owner)
    past = utc_now() - timedelta(seconds=1)
    for _attempt in range(jobs.MOST_ATTEMPTS):
        assert jobs.claim() is not None
        db.session.execute(update(ExportJob).values(leased_until=past))
        db.session.commit()
    assert jobs.claim() is None
    assert state(id_) == JobState.FAILED


def test_a_worker_that_is_told_to_stop_gives_its_job_back(owner: int) -> None:
    id_ = ask(owner)
    stop = Event()
    stop.set()
    assert run_next(stop)
    assert state(id_) == JobState.WAITING
    assert run_next(NEVER)
    assert state(id_) == JobState.DONE


def test_what_is_cancelled_is_not_made(owner: int) -> None:
    id_ = ask(owner)
    assert not jobs.cancel(id_, owner + 1)
    assert jobs.cancel(id_, owner)
    assert not run_next(NEVER)
    running = ask(owner)
    claimed = jobs.claim()
    assert claimed is not None
    jobs.cancel(running, owner)
    assert not jobs.beat(running, claimed.claim, 1, 2)
    assert state(running) == JobState.CANCELLED


def test_rights_are_asked_when_it_is_made_and_when_it_is_fetched(owner: int) -> None:
    done, late = ask(owner), ask(owner)
    run_next(NEVER)
    for role in (RoleName.ANALYST, RoleName.DATA_STEWARD):
        granting.take("dana", role, EVERYWHERE)
    with pytest.raises(NotAllowed):
        fetching.open_file(done, owner)
    run_next(NEVER)
    row = jobs.one(late, owner)
    assert row is not None
    assert (row.state, row.failure) == (JobState.FAILED, "rights")


def test_somebody_else_s_file_is_not_there(owner: int) -> None:
    id_ = ask(owner)
    run_next(NEVER)
    with pytest.raises(fetching.NotThere):
        fetching.open_file(id_, owner + 1)


def test_a_file_goes_when_its_days_are_over_and_the_collector_of_strays_leaves_it(owner: int) -> None:
    id_ = ask(owner)
    run_next(NEVER)
    row = jobs.one(id_, owner)
    assert row is not None
    orphans.collect(utc_now() + timedelta(days=3))
    assert row.address in media_store()
    assert jobs.expire(utc_now()) == 0
    assert jobs.expire(utc_now() + timedelta(days=8)) == 1
    assert row.address not in media_store()
    with pytest.raises(fetching.NotThere):
        fetching.open_file(id_, owner)


def test_nobody_fills_the_queue(owner: int) -> None:
    for _number in range(jobs.MOST_AT_ONCE):
        ask(owner)
    with pytest.raises(jobs.TooManyJobs):
        ask(owner)


def test_a_file_does_not_outlive_a_record_that_is_erased(owner: int) -> None:
    id_ = ask(owner)
    assert run_next(NEVER)
    address = files_at(id_)
    reviewing.erase(FIRST)
    with pytest.raises(fetching.NotThere):
        fetching.open_file(id_, owner)
    assert [row.outlived for row in jobs.own(owner, visits.ID)] == [True]
    assert list(jobs.news(owner)) == []
    assert jobs.expire(utc_now()) == 1
    assert state(id_) == JobState.EXPIRED
    with pytest.raises(FileNotFoundError):
        media_store().read(address)
    anew = ask(owner)
    assert run_next(NEVER)
    assert str(FIRST).encode() not in fetched(anew, owner)
    assert jobs.expire(utc_now()) == 0


def test_what_tells_nobody_stays_when_who_is_meant_is_destroyed(owner: int) -> None:
    id_ = ask(owner)
    assert run_next(NEVER)
    destroying.erase_identity(FIRST)
    assert fetched(id_, owner)


@pytest.mark.parametrize("guard", ["identity", "sensitive"])
def test_a_file_does_not_outlive_a_version_that_guards_what_it_tells(owner: int, guard: str) -> None:
    ids = [ask(owner), ask(owner, profile="aggregate")]
    assert run_next(NEVER) and run_next(NEVER)
    publish_anew("2", "")  # nothing is kept back that was told
    assert [bool(fetched(id_, owner)) for id_ in ids] == [True, True]
    assert jobs.expire(utc_now()) == 0
    publish_anew("3", {"identity": "yes |", "sensitive": " | yes |"}[guard])
    for id_ in ids:
        with pytest.raises(fetching.NotThere):
            fetching.open_file(id_, owner)
    assert list(jobs.news(owner)) == []
    assert jobs.expire(utc_now()) == 2
    assert [state(id_) for id_ in ids] == [JobState.EXPIRED, JobState.EXPIRED]
    anew = ask(owner)
    assert run_next(NEVER)
    # some seconds after the version was published it is sure to know it
    later = update(ExportJob).values(begun_at=utc_now() + timedelta(minutes=1))
    db.session.execute(later.where(ExportJob.id == anew))
    db.session.commit()
    assert "size" not in visits.rows_of(fetched(anew, owner))[0]
    assert jobs.expire(utc_now()) == 0


def publish_anew(version: str, guard: str) -> None:
    """Publish the questionnaire once more, its question of how many people guarded."""
    text = (visits.compiled("1").workbook or b"").decode()
    asked = "| | integer | size | Қанша адам? | Сколько человек? | How many people? |"
    assert asked in text
    text = text.replace(asked, f"{asked} {guard}").replace("| visits | 1 |", f"| visits | {version} |")
    catalogue.publish(compile_workbook(text.encode(), "visits.md"), demonstration=False)


def files_at(id_: UUID) -> str:
    address = db.session.scalar(select(ExportJob.address).where(ExportJob.id == id_))
    db.session.rollback()
    assert address is not None
    return address
