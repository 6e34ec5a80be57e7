"""`/api/v1/submissions`: batches in, verdicts out, in the right language and with the right status."""

from __future__ import annotations

import gzip
import io
import json
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from gunicorn.http.errors import InvalidChunkSize
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from surveyapp.channels.api import intake, schemas
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.logs import WithoutValues
from surveyapp.people import granting
from surveyapp.people.rights import EVERYWHERE, Place, RoleName
from surveyapp.questionnaires.judge import Judgement, judge
from surveyapp.submissions.models import Flag, Quarantined, Submission
from surveyapp.submissions.quarantine import open_sealed
from surveyapp.submissions.receive import NotStored
from tests.channels.api.conftest import Call, caller
from tests.collecting import CANARY, answers, item


def submit(call: Call, *items: Any, **headers: str) -> list[dict[str, Any]]:
    """Send a batch that is readable; the verdicts."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = call("POST", "/submissions", json={"submissions": items}, headers=named)
    assert response.status_code == HTTPStatus.OK, response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert_described(response.get_json())
    results: list[dict[str, Any]] = response.get_json()["results"]
    return results


def assert_described(answer: dict[str, Any]) -> None:
    """It is written without its schema, so that is held against it."""
    assert schemas.BatchResultSchema().validate(answer) == {}
    assert answer.keys() == schemas.BatchResultSchema().fields.keys()
    for result in answer["results"]:
        assert result.keys() == schemas.ResultSchema().fields.keys()
        for error in result["errors"]:
            assert error.keys() == schemas.AnswerErrorSchema().fields.keys()


def send_bytes(call: Call, body: bytes, **headers: str) -> TestResponse:
    named = {"Content-Type": "application/json"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return call("POST", "/submissions", data=body, headers=named)


def count(model: type[Any]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_batch_gets_one_verdict_for_each_item_in_its_order(call: Call) -> None:
    good, waits, bad = item(), item(version="9"), item(id="nonsense")
    stored, quarantined, malformed = submit(call, good, waits, bad)
    assert stored == {
        "id": good["id"],
        "status": "stored",
        "revision": 1,
        "receipt": stored["receipt"],
        "receipt_code": stored["receipt_code"],
        "missing_attachments": [],
        "complete": stored["complete"],
        "errors": [],
    }
    assert (quarantined["id"], quarantined["status"]) == (waits["id"], "quarantined")
    assert quarantined["receipt"]
    assert quarantined["complete"]
    assert (malformed["id"], malformed["status"], malformed["receipt"]) == (
        "nonsense",
        "malformed",
        None,
    )
    assert [error["code"] for error in malformed["errors"]] == ["uuid"]
    assert (count(Submission), count(Quarantined)) == (1, 1)


def test_sending_it_again_does_no_harm(call: Call) -> None:
    sent = item()
    (first,), (again,) = submit(call, sent), submit(call, sent)
    assert again == first | {"status": "duplicate"}


def test_the_sender_is_kept_and_the_device_s_clock_compared(call: Call) -> None:
    shown = (utc_now() - timedelta(hours=1)).isoformat()
    response = call("POST", "/submissions", json={"device_time": shown, "submissions": [item()]})
    assert response.get_json()["server_time"].endswith("+00:00")
    db.session.rollback()
    row = db.session.scalars(select(Submission)).one()
    assert row.flags == [Flag.CLOCK_SKEW]
    assert row.clock_skew is not None
    assert abs(row.clock_skew + 3600) < 60
    assert (row.channel, row.sender_id is None) == ("api", False)


@pytest.mark.parametrize(
    ("language", "accepts", "message"),
    [
        ("kk", "en", "0 мен 17 арасы"),
        ("en", "ru", "From 0 to 17"),
        ("en-GB", "ru", "From 0 to 17"),
        ("EN", "ru", "From 0 to 17"),
        (
            "uz",
            "en",
            "0 мен 17 арасы",
        ),  # the author's own message in the questionnaire's default language
    ],
)
def test_an_error_is_told_in_the_submission_s_language(
    call: Call, language: str, accepts: str, message: str
) -> None:
    sent = item(language=language, answers=answers(child=[{"age": 99}]))
    (result,) = submit(call, sent, Accept_Language=accepts)
    expected = [{"path": "child[1]/age", "code": "constraint", "message": message}]
    assert result["errors"] == expected
    later = call("GET", f"/submissions/{sent['id']}", headers={"Accept-Language": accepts})
    assert later.get_json()["errors"] == expected


def test_a_country_behind_the_language_changes_nothing(call: Call) -> None:
    (result,) = submit(call, item(language="ru-KZ", answers=answers(rooms="x")), Accept_Language="en")
    assert result["errors"][0]["message"] == "Здесь должно быть целое число"


def test_a_language_that_we_do_not_speak_falls_back_to_the_caller_s(call: Call) -> None:
    (result,) = submit(call, item(language="uz", answers=answers(rooms="x")), Accept_Language="en")
    assert result["errors"][0]["message"] == "This must be a whole number"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"submissions": [', id="truncated"),
        pytest.param(b"<xml/>", id="not JSON"),
        pytest.param('{"submissions": [{"id": "ә"}]}'.encode("utf-16"), id="UTF-16"),
        pytest.param(
            '{"submissions": ["ҚАЗ"]}'.encode("koi8-r", "replace") + b"\xc1", id="another encoding"
        ),
        pytest.param(b'{"submissions": ' + b"[" * 100_000, id="nested without end"),
        pytest.param(b'{"device_time": "2026-02-30T00:00:00Z", "submissions": []}', id="no such day"),
        pytest.param(b"", id="empty"),
    ],
)
def test_what_is_no_batch_is_a_problem_document(call: Call, body: bytes) -> None:
    response = send_bytes(call, body, Accept_Language="ru")
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.mimetype == "application/problem+json"
    problem = response.get_json()
    assert problem["status"] == HTTPStatus.BAD_REQUEST
    assert {"type", "title", "detail", "code"} <= set(problem)
    assert response.headers["Content-Language"] == "ru"
    assert count(Submission) + count(Quarantined) == 0


class BrokenPieces(io.BytesIO):
    """What gunicorn reads a body from that comes in pieces of no length."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise InvalidChunkSize(b"zz")


def test_a_body_in_pieces_of_no_length_is_a_problem_document(call: Call) -> None:
    response = call(
        "POST",
        "/submissions",
        input_stream=BrokenPieces(),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.mimetype == "application/problem+json"


def test_a_packed_body_is_unpacked(call: Call) -> None:
    body = gzip.compress(json.dumps({"submissions": [item()]}).encode())
    response = send_bytes(call, body, Content_Encoding="gzip")
    assert response.get_json()["results"][0]["status"] == "stored"


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (
            gzip.compress(b" " * 20_000_000),
            {"Content_Encoding": "gzip"},
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        ),
        (b" " * (16 * 1024 * 1024 + 1), {}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (json.dumps({"submissions": [{}] * 201}).encode(), {}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (b"not gzip", {"Content_Encoding": "gzip"}, HTTPStatus.BAD_REQUEST),
        (b"x", {"Content_Encoding": "br"}, HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        (
            b"a=b",
            {"Content_Type": "application/x-www-form-urlencoded"},
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        ),
    ],
)
def test_too_much_and_the_wrong_kind_are_refused(
    call: Call, body: bytes, headers: dict[str, str], status: HTTPStatus
) -> None:
    response = send_bytes(call, body, **headers)
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"


def test_ten_megabytes_of_text_in_one_field_are_over_the_limit(call: Call) -> None:
    sent = {"submissions": [item(answers=answers(note="ә" * 5_000_000))]}
    response = send_bytes(call, json.dumps(sent, ensure_ascii=False).encode())
    (result,) = response.get_json()["results"]
    assert (result["status"], result["errors"][0]["code"]) == ("malformed", "too_long")


BAD_ITEMS: list[tuple[bytes, str, str]] = [
    (b"null", "malformed", "object"),
    (b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "malformed", "too_deep"),
    (b'{"id": NaN}', "malformed", "decimal"),
    (b'{"id": 1, "id": 2}', "malformed", "repeated"),
]


@pytest.mark.parametrize(("bad", "status", "code"), BAD_ITEMS)
def test_one_bad_item_never_hurts_its_neighbours(call: Call, bad: bytes, status: str, code: str) -> None:
    good = [json.dumps(item()).encode() for _neighbour in range(2)]
    body = b'{"submissions": [%b, %b, %b]}' % (good[0], bad, good[1])
    results = send_bytes(call, body).get_json()["results"]
    assert [result["status"] for result in results] == ["stored", status, "stored"]
    assert results[1]["errors"][0]["code"] == code


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"answers": answers(note="a\x00")}, "unstorable"),
        ({"answers": answers(note="\ud83d")}, "unstorable"),
        ({"answers": answers(place={"region": "Алматы"})}, "wrong_type"),
        ({"answers": answers(child=[{"age": "-1"}])}, "wrong_type"),
        ({"version": "1\x00"}, "unknown_version"),
        ({"version": "\udfff"}, "unknown_version"),
    ],
)
def test_bytes_wait_exactly_as_they_came(call: Call, change: dict[str, Any], reason: str) -> None:
    raw = json.dumps(item(**change), indent=1).encode()
    response = send_bytes(call, b'{"submissions":[ ' + raw + b" ]}")
    assert response.get_json()["results"][0]["status"] == "quarantined"
    db.session.rollback()
    row = db.session.scalars(select(Quarantined)).one()
    assert row.reason == reason
    assert open_sealed(row.serial) == raw


def test_a_negative_age_breaks_a_rule_and_is_stored(call: Call) -> None:
    (result,) = submit(call, item(answers=answers(child=[{"age": -1}])))
    assert (result["status"], result["errors"][0]["code"]) == ("stored", "constraint")


def test_an_empty_batch_is_a_batch(call: Call) -> None:
    assert submit(call) == []


def test_a_database_that_takes_nothing_asks_to_come_again(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any, **_named: Any) -> None:
        raise NotStored

    monkeypatch.setattr(intake, "receive", fail)
    response = call("POST", "/submissions", json={"submissions": [item()]})
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert int(response.headers["Retry-After"]) > 0
    assert response.mimetype == "application/problem+json"


# --- who may ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}]
)
def test_without_a_good_token_nothing_is_taken(app: Flask, header: dict[str, str]) -> None:
    response = app.test_client().post(
        "/api/v1/submissions", json={"submissions": [item()]}, headers=header
    )
    assert response.status_code == HTTPStatus.UNAUTHORIZED
    assert response.mimetype == "application/problem+json"
    assert "Bearer" in response.headers["WWW-Authenticate"]
    assert response.headers["Content-Language"] == "kk"
    assert count(Submission) + count(Quarantined) == 0


def test_only_the_sender_and_administrators_are_told_what_is_held(app: Flask, call: Call) -> None:
    sent = item()
    (result,) = submit(call, sent)
    other = caller(app, "dana", RoleName.INTERVIEWER)
    administrator = caller(app, "aigerim", RoleName.ADMINISTRATOR)
    path = f"/submissions/{sent['id']}"
    assert other("GET", path).status_code == HTTPStatus.NOT_FOUND
    assert administrator("GET", path).get_json() == call("GET", path).get_json()
    held = call("GET", path).get_json()
    for name in ("receipt", "receipt_code", "complete", "missing_attachments", "revision", "status"):
        assert held[name] == result[name]
    assert (held["questionnaire"], held["version"], held["quarantined"]) == ("visit", "1", [])


def test_what_waits_is_told_with_its_receipt(call: Call) -> None:
    sent = item()
    submit(call, sent)
    other = sent | {
        "answers": answers(rooms=4, twice="8"),
        "attachments": [{"name": "a.jpg", "sha256": "ab" * 32, "size": 1, "type": "image/jpeg"}],
    }
    (result,) = submit(call, other)
    (waits,) = call("GET", f"/submissions/{sent['id']}").get_json()["quarantined"]
    assert waits["reason"] == "conflict"
    for name in ("receipt", "receipt_code", "complete", "missing_attachments"):
        assert waits[name] == result[name]
    only = item(version="9")
    submit(call, only)
    assert call("GET", f"/submissions/{only['id']}").get_json()["status"] == "quarantined"


def test_errors_are_told_again_in_the_submission_s_language(call: Call) -> None:
    sent = item(language="en", answers=answers(place={}))
    submit(call, sent)
    (error,) = call("GET", f"/submissions/{sent['id']}").get_json()["errors"]
    assert error == {
        "path": "place/region",
        "code": "required",
        "message": "Please answer this question",
    }


def test_an_id_that_is_none_is_not_found(call: Call) -> None:
    for path in (
        "/submissions/nonsense",
        "/nowhere",
        "/submissions/0b7c2f6e-4a1f-4a55-9d0b-2f1c8f6f2a10",
    ):
        response = call("GET", path)
        assert response.status_code == HTTPStatus.NOT_FOUND
        assert response.mimetype == "application/problem+json"


def test_a_wrong_method_is_told_which_ones_there_are(call: Call) -> None:
    response = call("DELETE", "/submissions")
    assert response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert "POST" in response.headers["Allow"]
    assert response.mimetype == "application/problem+json"


# --- cost and silence -------------------------------------------------------------------------------


def statements_of(work: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_200_records_cost_no_more_statements_than_two(call: Call) -> None:
    submit(call, item())  # definitions and schemas are in memory now
    file = {"name": "a.jpg", "sha256": "ab" * 32, "size": 1, "type": "image/jpeg"}

    def batch(size: int) -> list[dict[str, Any]]:
        alarming = answers(worries=["danger"], photo="a.jpg")
        halves: list[dict[str, Any]] = [
            {"answers": alarming, "attachments": [file]},
            {"version": "9"},
        ]
        return [item(**halves[number % 2]) for number in range(size)]

    few, many = batch(2), batch(200)
    for time in ("first", "again"):
        of_few = statements_of(lambda: submit(call, *few))
        assert statements_of(lambda: submit(call, *many)) == of_few, time
        assert of_few <= 20


def test_while_a_record_is_judged_others_can_be_written(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    if db.engine.dialect.name != "sqlite":
        return  # only SQLite has one writer at a time
    looked = []

    def judge_while_another_writes(*arguments: Any, **named: Any) -> Judgement:
        with closing(sqlite3.connect(str(db.engine.url.database), timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            looked.append(True)
        return judge(*arguments, **named)

    monkeypatch.setattr("surveyapp.submissions.assessing.judge", judge_while_another_writes)
    (result,) = submit(call, item())
    assert (result["status"], looked) == ("stored", [True])


def test_neither_answers_nor_tokens_nor_query_strings_reach_a_log(call: Call) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(WithoutValues("%(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    before = root.level
    root.setLevel(logging.DEBUG)
    try:
        submit(call, item(app=CANARY), item(version=CANARY), item(answers=answers(rooms=CANARY)))
        send_bytes(call, f'{{"{CANARY}": "{CANARY}'.encode())
        call(
            "GET", f"/submissions/{CANARY}?token={CANARY}", headers={"Authorization": f"Bearer {CANARY}"}
        )
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    assert "/api/v1/submissions" in stream.getvalue()
    assert CANARY not in stream.getvalue()


# --- no further than the person whose token it is -----------------------------------------------------


@pytest.mark.parametrize(
    ("role", "place", "reason"),
    [
        (RoleName.REVIEWER, EVERYWHERE, "revoked"),
        (RoleName.INTERVIEWER, Place("another", None), "scope"),
    ],
)
def test_work_of_somebody_who_does_not_collect_this_waits_for_a_decision(
    call: Call, role: RoleName, place: Place, reason: str
) -> None:
    granting.take("erlan", RoleName.INTERVIEWER, EVERYWHERE)
    granting.give("erlan", role, place)
    assert submit(call, item())[0]["status"] == "quarantined"
    assert db.session.scalars(select(Quarantined.reason)).one() == reason


def test_a_region_does_not_narrow_what_an_interviewer_may_send(call: Call) -> None:
    granting.take("erlan", RoleName.INTERVIEWER, EVERYWHERE)
    granting.give("erlan", RoleName.INTERVIEWER, Place(item()["questionnaire"], "750000000"))
    assert submit(call, item())[0]["status"] == "stored"
