"""Exports by the interface: choices, named choices, prepared files, and what changed since a cursor."""

from __future__ import annotations

import csv
import io
import json
from http import HTTPStatus
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from surveyapp.exports import presets
from surveyapp.exports.running import run_next
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.models import AuditEntry, User
from surveyapp.people.rights import RoleName
from surveyapp.people.tokens import Scope
from surveyapp.submissions.changes import begin_epoch
from surveyapp.submissions.models import Act, ReviewAct, State, Submission
from tests.channels.api.conftest import Call, caller
from tests.exports import visits
from tests.exports.conftest import CANARY, FIRST, SECOND, published, stored
from tests.factories import store_submission

__all__ = ["published", "stored"]
EXPORT = f"/questionnaires/{visits.ID}/export"
JOBS = f"/questionnaires/{visits.ID}/export-jobs"


@pytest.fixture
def reading(app: Flask, stored: None) -> Call:
    """An analyst's program; two visits are there."""
    return caller(app, "reader", RoleName.ANALYST, scope=Scope.EXPORT)


def me(name: str = "reader") -> int:
    found = db.session.scalar(select(User.id).where(User.username == name))
    db.session.rollback()
    assert found is not None
    return found


def get(reading: Call, address: str = EXPORT, **choices: str) -> TestResponse:
    answer = reading("GET", address, query_string=choices)
    assert answer.status_code == HTTPStatus.OK, answer.text
    return answer


def rows(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def test_the_choices_are_those_of_the_page(reading: Call) -> None:
    answer = get(reading, answered_in="ru", values="labels", language="en")
    assert answer.mimetype == "text/csv"
    assert [(row["id"], row["agreed"]) for row in rows(answer)] == [(str(SECOND), "No")]
    assert CANARY not in get(reading).get_data(as_text=True)


def test_what_is_wrong_is_named_in_the_caller_s_language(reading: Call) -> None:
    asked = {"status": "lost", "format": "csv", "nothing": "x"}
    answer = reading("GET", EXPORT, query_string=asked, headers={"Accept-Language": "ru"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answer.mimetype == "application/problem+json"
    told = {one["name"]: one["detail"] for one in answer.get_json()["parameters"]}
    assert set(told) == {"status", "nothing"}
    assert answer.headers["Content-Language"] == "ru"


@pytest.mark.parametrize(
    ("choices", "name"),
    [
        ({"format": "exe"}, "format"),
        ({"since": "x"}, "since"),
        ({"received_from": "soon"}, "received_from"),
    ],
)
def test_each_wrong_choice_is_a_problem(reading: Call, choices: dict[str, str], name: str) -> None:
    answer = reading("GET", EXPORT, query_string=choices)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert [one["name"] for one in answer.get_json()["parameters"]] == [name]


def test_names_are_not_for_an_analyst(app: Flask, reading: Call) -> None:
    wish = {"profile": "full", "identity": "yes", "reason": "call them"}
    assert reading("GET", EXPORT, query_string=wish).status_code == HTTPStatus.FORBIDDEN
    assert reading("POST", JOBS, query_string=wish).status_code == HTTPStatus.FORBIDDEN
    collector = caller(app, "erlan", RoleName.INTERVIEWER, scope=Scope.EXPORT)
    assert collector("GET", EXPORT).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("way", [("GET", EXPORT), ("POST", JOBS)])
@pytest.mark.parametrize("profile", ["full", "de-identified"])
def test_names_leave_by_no_program_without_a_second_person(
    app: Flask, stored: None, way: tuple[str, str], profile: str
) -> None:
    steward = caller(app, "dana", RoleName.DATA_STEWARD, scope=Scope.EXPORT)
    wish = {"profile": profile, "identity": "yes", "reason": "call them"}
    answer = steward(*way, query_string=wish)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert [one["name"] for one in answer.get_json()["parameters"]] == ["profile"]


def test_counts_come_as_a_table_and_not_as_changes(reading: Call) -> None:
    answer = get(reading, profile="aggregate")
    assert answer.get_data().startswith(b"item,label,breakdown,")
    assert str(FIRST) not in answer.get_data(as_text=True)
    changes = {"profile": "aggregate", "since": "beginning"}
    answer = reading("GET", EXPORT, query_string=changes)
    assert [one["name"] for one in answer.get_json()["parameters"]] == ["since"]


def test_each_export_is_in_the_log_with_whose_token_it_was(reading: Call) -> None:
    get(reading)
    entry = db.session.scalars(select(AuditEntry).filter_by(action=audit.Action.EXPORTED)).one()
    assert (entry.user_id, entry.subject) == (me(), visits.ID)


def test_named_choices_have_an_address_for_their_owner_and_those_they_are_shared_with(
    app: Flask, reading: Call
) -> None:
    presets.keep(me(), visits.ID, "Russian", {"answered_in": "ru"}, shared=False)
    preset = presets.listed(me(), visits.ID)[0]
    address = f"/exports/{preset.id}"
    assert [row["id"] for row in rows(get(reading, address))] == [str(SECOND)]
    other = caller(app, "dana", RoleName.ANALYST, scope=Scope.EXPORT)
    assert other("GET", address).status_code == HTTPStatus.NOT_FOUND
    presets.keep(me(), visits.ID, "Russian", {"answered_in": "ru", "format": "jsonl"}, shared=True)
    assert get(other, address).mimetype == "application/x-ndjson"
    collector = caller(app, "erlan", RoleName.INTERVIEWER, scope=Scope.EXPORT)
    assert collector("GET", address).status_code == HTTPStatus.FORBIDDEN
    assert not presets.forget(preset.id, me("dana"), visits.ID)
    presets.forget(preset.id, me(), visits.ID)
    assert reading("GET", address).status_code == HTTPStatus.NOT_FOUND


def test_a_prepared_file_is_asked_for_looked_at_and_fetched_in_parts(reading: Call) -> None:
    asked = reading("POST", JOBS, query_string={"format": "jsonl"})
    assert asked.status_code == HTTPStatus.ACCEPTED
    place = asked.headers["Location"].removeprefix("/api/v1")
    assert reading("GET", f"{place}/file").status_code == HTTPStatus.NOT_FOUND
    run_next(Event())
    told = get(reading, place).get_json()
    assert (told["state"], told["done"], told["total"]) == ("done", 2, 2)
    file = told["file"].removeprefix("/api/v1")
    whole = get(reading, file)
    tag = whole.headers["ETag"]
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = reading("GET", file, headers={"Range": "bytes=10-", "If-Range": tag})
    assert part.status_code == HTTPStatus.PARTIAL_CONTENT
    assert part.get_data() == whole.get_data()[10:]
    beyond = reading("GET", file, headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    same = reading("GET", file, headers={"If-None-Match": tag})
    assert same.status_code == HTTPStatus.NOT_MODIFIED


# --- what changed -----------------------------------------------------------------------------------


def told(answer: TestResponse) -> dict[str, str]:
    lines = [json.loads(line) for line in answer.get_data().splitlines()]
    assert len({line["id"] for line in lines}) == len(lines)
    return {line["id"]: line["change"] for line in lines}


def test_it_is_told_what_is_new_revised_and_deleted(reading: Call) -> None:
    first = get(reading, since="beginning", format="jsonl")
    assert told(first) == {str(FIRST): "new", str(SECOND): "new"}
    cursor = first.headers["Export-Cursor"]
    again = get(reading, since=cursor, format="jsonl")
    assert told(again) == {}
    third = store_submission(visits.ID, {"visit": {"size": 1}})
    row = db.session.scalars(select(Submission).filter_by(id=FIRST)).one()
    row.status = State.DELETED
    second = db.session.scalars(select(Submission).filter_by(id=SECOND)).one()
    second.revision = 2
    db.session.commit()
    changed = get(reading, since=again.headers["Export-Cursor"])
    assert {row["id"]: row["change"] for row in rows(changed)} == {
        str(third): "new",
        str(SECOND): "revised",
        str(FIRST): "deleted",
    }
    gone = next(row for row in rows(changed) if row["id"] == str(FIRST))
    assert {name for name, cell in gone.items() if cell} == {"change", "id", "revision", "questionnaire"}


def test_what_a_review_takes_out_of_the_choices_is_told_as_deleted(reading: Call) -> None:
    cursor = get(reading, since="beginning", format="jsonl").headers["Export-Cursor"]
    row = db.session.scalars(select(Submission).filter_by(id=FIRST)).one()
    row.status = State.REJECTED
    db.session.add(ReviewAct(submission_id=FIRST, revision=1, act=Act.REJECT))
    db.session.commit()
    assert told(get(reading, since=cursor, format="jsonl")) == {str(FIRST): "deleted"}
    both = get(reading, since=cursor, format="jsonl", rejected="yes")
    assert told(both) == {str(FIRST): "revised"}


def test_a_cursor_of_before_a_restore_is_gone(reading: Call) -> None:
    cursor = get(reading, since="beginning").headers["Export-Cursor"]
    begin_epoch()
    answer = reading("GET", EXPORT, query_string={"since": cursor})
    assert answer.status_code == HTTPStatus.GONE
    assert answer.get_json()["parameters"][0]["name"] == "since"


WRITERS, RECORDS = 3, 12


def test_again_and_again_under_writers_nothing_is_lost_and_no_state_comes_twice(
    app: Flask, reading: Call
) -> None:
    """Each writer stores records and edits each once, in transactions that overlap."""
    over = Event()

    def write() -> None:
        with app.app_context():
            for _number in range(RECORDS):
                id_ = store_submission(visits.ID, {"visit": {"size": 1}}, id=uuid4())
                row = db.session.scalars(select(Submission).filter_by(id=id_)).one()
                row.revision = 2
                row.answers = {"visit": {"size": 2}}
                db.session.commit()
            db.session.remove()

    threads = [Thread(target=write) for _writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    states: list[tuple[str, int]] = []
    copy: dict[str, int] = {}
    cursor = "beginning"
    while not over.is_set():
        if not any(thread.is_alive() for thread in threads):
            over.set()  # once more after the last of them
        answer = get(reading, since=cursor, format="jsonl")
        for line in map(json.loads, answer.get_data().splitlines()):
            states.append((line["id"], line["revision"]))
            copy[line["id"]] = line["revision"]
        cursor = answer.headers["Export-Cursor"]
    db.session.rollback()
    there = {
        str(id_): revision
        for id_, revision in db.session.execute(select(Submission.id, Submission.revision))
    }
    db.session.rollback()
    assert len(states) == len(set(states))
    assert copy == there
    assert len(there) == WRITERS * RECORDS + 2


def test_the_description_has_the_choices(reading: Call) -> None:
    paths: dict[str, Any] = reading("GET", "/openapi.json").get_json()["paths"]
    told_names = {
        p["name"] for p in paths["/api/v1/questionnaires/{questionnaire_id}/export"]["get"]["parameters"]
    }
    assert {"format", "status", "since", "columns", "values"} <= told_names
