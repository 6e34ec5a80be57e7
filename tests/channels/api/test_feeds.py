"""What changed since a cursor, and the revisions of one submission, as the API tells them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from surveyapp.extensions import db
from surveyapp.people import granting
from surveyapp.people.rights import Place, RoleName
from surveyapp.people.tokens import Scope
from surveyapp.submissions import reviewing
from surveyapp.submissions.changes import begin_epoch
from tests.channels.api.conftest import Call, caller
from tests.collecting import CANARY, answers, item

FEED = "/questionnaires/visit/submissions"


@pytest.fixture
def reading(app: Flask, call: Call) -> Call:
    """Somebody with a token to export; one questionnaire is published."""
    return caller(app, "reader", RoleName.ADMINISTRATOR, scope=Scope.EXPORT)


def submit(call: Call, *items: dict[str, Any]) -> None:
    assert call("POST", "/submissions", json={"submissions": items}).status_code == HTTPStatus.OK


def edit(first: dict[str, Any], base: int, rooms: int) -> dict[str, Any]:
    return first | {"base_revision": base, "answers": answers(rooms=rooms, twice=str(rooms * 2))}


def feed(reading: Call, since: str | None = None, **query: Any) -> dict[str, Any]:
    given = query | ({"since": since} if since else {})
    response = reading("GET", FEED, query_string=given)
    assert response.status_code == HTTPStatus.OK, response.text
    found: dict[str, Any] = response.get_json()
    return found


def told(page: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(one["id"], one["revision"], one["state"]) for one in page["submissions"]]


def test_a_reader_is_told_what_changed_and_what_is_gone(call: Call, reading: Call) -> None:
    first, second, third = (item() for _number in range(3))
    submit(call, first)
    submit(call, second, third)
    page = feed(reading)
    assert {one[0] for one in told(page)} == {first["id"], second["id"], third["id"]}
    assert feed(reading, page["cursor"]) == {
        "submissions": [],
        "cursor": page["cursor"],
        "more": False,
    }
    submit(call, edit(second, 1, 5))
    reviewing.accept(UUID(first["id"]))
    reviewing.delete(UUID(third["id"]))
    after = feed(reading, page["cursor"])
    assert told(after) == [
        (second["id"], 2, "stored"),
        (first["id"], 1, "accepted"),
        (third["id"], 1, "deleted"),
    ]
    assert set(after["submissions"][2]) == {"id", "revision", "state"}
    reviewing.erase(UUID(third["id"]))
    assert told(feed(reading, after["cursor"])) == [(third["id"], 2, "erased")]


def test_neither_identity_nor_sensitive_answers_are_told(call: Call, reading: Call) -> None:
    submit(call, item(answers=answers(worries=["danger"], unknown=CANARY)))
    response = reading("GET", FEED)
    (one,) = response.get_json()["submissions"]
    assert CANARY not in response.text
    assert "danger" not in response.text
    assert one["answers"]["rooms"] == 3
    assert one["finished_at"].startswith("2026-09-01T09:03:07")
    assert (one["utc_offset"], one["flags"]) == (300, ["foreign"])


def test_pages_follow_each_other(call: Call, reading: Call) -> None:
    sent = [item() for _number in range(5)]
    submit(call, *sent)
    pages, since = [], None
    for _page in range(3):
        page = feed(reading, since, limit=2)
        pages.append((len(page["submissions"]), page["more"]))
        since = page["cursor"]
    assert pages == [(2, True), (2, True), (1, False)]


def test_what_cannot_be_asked_is_a_problem(call: Call, reading: Call) -> None:
    old = feed(reading)["cursor"]
    begin_epoch()
    for query, status, code in [
        ({"since": "nonsense"}, HTTPStatus.BAD_REQUEST, "cursor"),
        ({"since": "қате"}, HTTPStatus.BAD_REQUEST, "cursor"),
        ({"since": old}, HTTPStatus.GONE, "other_epoch"),
        *(
            ({"limit": limit}, HTTPStatus.BAD_REQUEST, "limit")
            for limit in ("0", "-1", "1001", "x", "", "٣")
        ),
    ]:
        response = reading("GET", FEED, query_string=query, headers={"Accept-Language": "en"})
        assert (response.status_code, response.get_json()["code"]) == (status, code)
        assert response.mimetype == "application/problem+json"
    response = reading("GET", "/questionnaires/other/submissions")
    assert response.status_code == HTTPStatus.NOT_FOUND


def test_only_a_token_to_export_reads(call: Call) -> None:
    assert call("GET", FEED).status_code == HTTPStatus.FORBIDDEN


def test_the_revisions_of_a_submission_are_told_to_its_sender(app: Flask, call: Call) -> None:
    first = item()
    submit(call, first)
    submit(call, edit(first, 1, 5))
    receipts = [
        call("POST", "/submissions", json={"submissions": [one]}).get_json()["results"][0]["receipt"]
        for one in (first, edit(first, 1, 5))
    ]
    reviewing.erase(UUID(first["id"]))
    path = f"/submissions/{first['id']}/revisions"
    found = call("GET", path).get_json()["revisions"]
    assert [(r["revision"], r["cause"], r["by_caller"]) for r in found] == [
        (1, "sent", True),
        (2, "edited", True),
        (3, "erased", False),
    ]
    assert [revision["receipt"] for revision in found[:2]] == receipts
    stranger = caller(app, "stranger", RoleName.INTERVIEWER)
    assert stranger("GET", path).status_code == HTTPStatus.NOT_FOUND
    administrator = caller(app, "boss", RoleName.ADMINISTRATOR)
    assert len(administrator("GET", path).get_json()["revisions"]) == 3
    missing = call("GET", f"/submissions/{item()['id']}/revisions")
    assert missing.status_code == HTTPStatus.NOT_FOUND
    db.session.rollback()


def test_who_sees_one_region_is_told_nothing_of_what_went_elsewhere_but_that(
    app: Flask, call: Call
) -> None:
    reading = caller(app, "local", RoleName.ANALYST, scope=Scope.EXPORT)
    granting.give("local", RoleName.ANALYST, Place(None, "75"))
    granting.take("local", RoleName.ANALYST, Place(None, None))
    there = {"region": "71", "gps": None}
    first, second = item(), item(answers=answers(place=there))
    submit(call, first, second)
    page = feed(reading)
    assert told(page) == [(first["id"], 1, "stored")]
    moved = first | {"base_revision": 1, "answers": answers(place=there)}
    submit(call, moved, edit(second, 1, 5) | {"answers": answers(place=there, rooms=5, twice="10")})
    after = feed(reading, page["cursor"])
    assert after["submissions"] == [{"id": first["id"], "revision": 2, "state": "moved"}]
    everything = caller(app, "reader", RoleName.ANALYST, scope=Scope.EXPORT)
    assert {one["state"] for one in feed(everything)["submissions"]} == {"stored"}
