"""The inbox: what a device is told, once and in order, and what nobody else is told."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.people import devices
from surveyapp.people.models import Device
from surveyapp.people.rights import RoleName
from surveyapp.submissions import reviewing
from surveyapp.submissions.changes import begin_epoch
from surveyapp.submissions.models import ReviewAct, Submission
from surveyapp.submissions.verdicts import Sender
from tests.accounts import make_user
from tests.channels.api.conftest import Call, caller
from tests.channels.api.test_devices import enrolled, send
from tests.collecting import INVITED, answers, envelope, item, publish
from tests.collecting import send as receive

REASON = "Баланың жасын тексеріңіз"


@pytest.fixture
def phone(app: Flask) -> Call:
    publish()
    return enrolled(app)


def inbox(call: Call, since: str | None = None, **headers: str) -> dict[str, Any]:
    query = {"since": since} if since else {}
    answer = call("GET", "/inbox", query_string=query, headers=headers)
    assert answer.status_code == HTTPStatus.OK, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def told(found: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(one["id"], one["revision"], one["state"]) for one in found["submissions"]]


def edit(first: dict[str, Any], base: int, rooms: int) -> dict[str, Any]:
    return first | {"base_revision": base, "answers": answers(rooms=rooms, twice=str(rooms * 2))}


def give_back(sent: dict[str, Any]) -> None:
    reviewing.return_to_collector(UUID(sent["id"]), {"": REASON, "child[1]/age": "7?"})


def test_a_returned_record_comes_with_the_reviewers_reason_until_it_is_mended(phone: Call) -> None:
    first, second = item(), item()
    send(phone, first, second)
    assert told(inbox(phone)) == []
    give_back(second)
    found = inbox(phone)
    (one,) = found["submissions"]
    assert told(found) == [(second["id"], 1, "returned")]
    assert one["comments"] == {"": REASON, "child[1]/age": "7?"}
    assert (one["questionnaire"], one["version"]) == ("visit", "1")
    assert one["returned_at"].endswith("+00:00")
    send(phone, edit(second, 1, 5))
    assert told(inbox(phone)) == []
    assert told(inbox(phone, found["cursor"])) == [(second["id"], 2, "stored")]


def test_what_was_returned_and_handed_over_is_the_next_revision(app: Flask, phone: Call) -> None:
    sent, colleague = item(), enrolled(app, "a colleague's")
    send(phone, sent)
    (early,) = send(colleague, edit(sent, 1, 4))
    give_back(sent)
    (mended,) = send(colleague, edit(sent, 1, 5))
    (late,) = send(phone, edit(sent, 1, 6))
    verdicts = [(one["status"], one["revision"]) for one in (early, mended, late)]
    assert verdicts == [("quarantined", None), ("stored", 2), ("quarantined", None)]
    assert told(inbox(phone)) == []


def test_with_a_cursor_what_became_of_its_records_is_told_once(phone: Call) -> None:
    sent = [item() for _number in range(3)]
    send(phone, *sent)
    start = inbox(phone)
    assert told(inbox(phone, start["cursor"])) == []
    reviewing.accept(UUID(sent[0]["id"]))
    reviewing.delete(UUID(sent[1]["id"]))
    after = inbox(phone, start["cursor"])
    assert told(after) == [(sent[0]["id"], 1, "accepted"), (sent[1]["id"], 1, "deleted")]
    assert told(inbox(phone, after["cursor"])) == []
    reviewing.restore(UUID(sent[1]["id"]))
    again = inbox(phone, after["cursor"])
    assert told(again) == [(sent[1]["id"], 1, "stored")]
    assert again["submissions"][0]["comments"] is None


def test_what_merely_came_in_is_no_news(phone: Call) -> None:
    start = inbox(phone)["cursor"]
    send(phone, *(item() for _number in range(3)))
    found = inbox(phone, start)
    assert (told(found), found["more"]) == ([], False)
    assert found["cursor"] != start, "it is not looked through again"


def test_a_person_is_told_by_any_of_their_devices_and_nobody_else_is(app: Flask) -> None:
    publish()
    make_user("aigerim")
    one, other = (enrolled(app, name, username="aigerim") for name in ("old", "new"))
    stranger, sent = enrolled(app, "stranger"), item()
    send(one, sent)
    give_back(sent)
    assert told(inbox(one)) == told(inbox(other)) == [(sent["id"], 1, "returned")]
    assert told(inbox(stranger)) == []
    assert told(inbox(caller(app, "erlan", RoleName.ADMINISTRATOR))) == []


def test_somebody_with_a_token_has_an_inbox_too(app: Flask, phone: Call) -> None:
    erlan = caller(app, "erlan", RoleName.INTERVIEWER)
    sent = item()
    send(erlan, sent)
    give_back(sent)
    found = inbox(erlan)
    assert (found["device"], told(found)) == (None, [(sent["id"], 1, "returned")])


def test_a_device_is_told_which_questionnaires_and_versions_it_may_begin(app: Flask) -> None:
    publish()
    publish(version="2")
    publish(INVITED, access=Access.STAFF)
    catalogue.retire("visit", "1")
    narrow = enrolled(app, "narrow", questionnaires=["visit"], language="ru")
    found = inbox(narrow)
    assert [(one["id"], one["version"]) for one in found["questionnaires"]] == [("visit", "2")]
    assert found["retired"] == [{"questionnaire": "visit", "version": "1"}]
    assert found["device"]["questionnaires"] == ["visit"]
    assert (found["device"]["name"], found["device"]["language"]) == ("narrow", "ru")
    assert (found["device"]["revoked_at"], found["assignments"]) == (None, [])
    assert found["settings"]["max_batch"] == 200
    catalogue.close("visit")
    assert inbox(narrow)["questionnaires"] == []


def test_an_inbox_without_news_is_304_and_kept_by_nobody(phone: Call) -> None:
    sent = item()
    send(phone, sent)
    first = phone("GET", "/inbox")
    assert "no-store" in first.headers["Cache-Control"]
    same = phone("GET", "/inbox", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (HTTPStatus.NOT_MODIFIED, b"")
    receive(envelope(), sender=Sender(is_command=True))  # somebody else's
    same = phone("GET", "/inbox", headers={"If-None-Match": first.headers["ETag"]})
    assert same.status_code == HTTPStatus.NOT_MODIFIED
    give_back(sent)
    other = phone("GET", "/inbox", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == HTTPStatus.OK


def test_a_revoked_device_is_told_only_that_and_until_when_it_may_send(phone: Call) -> None:
    sent = item()
    send(phone, sent)
    give_back(sent)
    devices.revoke(db.session.scalars(select(Device.id)).one())
    found = inbox(phone)
    assert found["device"]["revoked_at"] < found["device"]["may_send_until"]
    assert [found[name] for name in ("submissions", "questionnaires", "retired")] == [[], [], []]
    assert REASON not in str(found)


def test_a_cursor_must_be_one_of_this_life_of_the_database(phone: Call) -> None:
    bad = phone("GET", "/inbox?since=nonsense")
    assert (bad.status_code, bad.get_json()["code"]) == (HTTPStatus.BAD_REQUEST, "cursor")
    before = inbox(phone)["cursor"]
    begin_epoch()
    gone = phone("GET", "/inbox", query_string={"since": before})
    assert (gone.status_code, gone.get_json()["code"]) == (HTTPStatus.GONE, "other_epoch")


def test_what_does_not_fit_one_answer_follows(phone: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surveyapp.channels.api.devices.MOST", 2)
    sent = [item() for _number in range(5)]
    send(phone, *sent)
    for one in sent:
        give_back(one)
    found = inbox(phone)
    seen = told(found)
    while found["more"]:
        found = inbox(phone, found["cursor"])
        seen += told(found)
    assert sorted(seen) == sorted((one["id"], 1, "returned") for one in sent)


def test_a_comment_that_cannot_be_opened_costs_nothing_else(phone: Call) -> None:
    sent = item()
    send(phone, sent)
    give_back(sent)
    db.session.execute(update(ReviewAct).values(comments_sealed=b"damaged"))
    db.session.commit()
    (one,) = inbox(phone)["submissions"]
    assert (one["state"], one["comments"]) == ("returned", {})


def test_a_change_that_is_under_way_is_told_when_it_is_over(phone: Call) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("one writes at a time there")
    sent = item()
    send(phone, sent)
    start = inbox(phone)["cursor"]
    with db.engine.connect() as connection, connection.begin():
        connection.execute(update(Submission).values(status="returned"))
        other = item()
        send(phone, other)
        reviewing.accept(UUID(other["id"]))
        during = inbox(phone, start)
        assert told(during) == []
    after = inbox(phone, during["cursor"])
    assert told(after) == [(sent["id"], 1, "returned"), (other["id"], 1, "accepted")]
