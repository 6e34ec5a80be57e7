"""Assignments through the inbox: whose they are, what is told, and how a record does one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import event, select, text

from surveyapp.catalogue.models import Access
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import devices, service
from surveyapp.people.collectors import Collector
from surveyapp.people.rights import RoleName
from surveyapp.submissions import assigning, deciding, reviewing, rotation
from surveyapp.submissions.assigning import Visit
from surveyapp.submissions.assignment_models import Assignment, Task
from tests.accounts import make_user
from tests.channels.api.conftest import Call, caller
from tests.channels.api.test_devices import enrolled, send
from tests.channels.api.test_inbox import inbox
from tests.collecting import CANARY, INVITED, QUESTIONNAIRE, answers, item, publish

DUE = date(2030, 9, 30)


def mine(app: Flask, name: str = "erlan") -> Collector:
    make_user(name, RoleName.INTERVIEWER)
    return Collector(name, user_id=service.known_user(name).id)


def give(collector: Collector, *labels: str, **facts: Any) -> None:
    visits = [Visit(collector=collector, label=label, due=DUE, **facts) for label in labels]
    assert assigning.give_out(QUESTIONNAIRE, visits, None) == len(labels)


def told(found: dict[str, Any]) -> list[tuple[str | None, str]]:
    return [(one["label"], one["state"]) for one in found["assignments"]]


def only(found: dict[str, Any]) -> dict[str, Any]:
    (one,) = found["assignments"]
    return dict(one)


def states() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Assignment.state).order_by(Assignment.serial)))


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL that is executed meanwhile, that of the driver's own connections left out."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_an_open_visit_goes_to_every_device_of_its_person_and_to_nobody_else(app: Flask) -> None:
    publish()
    person = mine(app)
    first, second = (enrolled(app, name, username="erlan") for name in ("old", "new"))
    give(person, CANARY, answers={"place/region": "75", "child[1]/name": "Дана"}, region="75")
    for phone in (first, second):
        found = only(inbox(phone))
        assert (found["label"], found["state"], found["due"]) == (CANARY, "open", "2030-09-30")
        assert found["answers"] == {"place/region": "75", "child[1]/name": "Дана"}
        assert (found["questionnaire"], found["region"]) == (QUESTIONNAIRE, "75")
    assert inbox(enrolled(app, "colleague's"))["assignments"] == []
    assert inbox(caller(app, "gulnar", RoleName.INTERVIEWER))["assignments"] == []


def test_a_phone_that_is_nobodys_has_visits_of_its_own(app: Flask) -> None:
    publish()
    phone, other = enrolled(app, "bus"), enrolled(app, "car")
    device = next(each for each in devices.devices() if each.name == "bus")
    give(Collector("bus", device_id=device.id), "Абай 12")
    assert told(inbox(phone)) == [("Абай 12", "open")]
    assert inbox(other)["assignments"] == []


def test_what_is_said_of_a_visit_lies_sealed_and_is_not_in_the_database_in_the_clear(app: Flask) -> None:
    publish()
    give(mine(app), CANARY, answers={"child[1]/name": CANARY}, key=f"{CANARY}-7")
    row = db.session.execute(text("SELECT * FROM assignment")).one()
    db.session.rollback()
    kept = [value.encode() if isinstance(value, str) else value for value in row]
    assert not any(
        CANARY.encode() in bytes(each) for each in kept if isinstance(each, bytes | memoryview)
    )


def test_the_same_visit_is_given_out_once(app: Flask) -> None:
    publish()
    person = mine(app)
    same = Visit(collector=person, label="Абай 12", due=DUE)
    assert assigning.give_out(QUESTIONNAIRE, [same, same], None) == 1
    assert assigning.known_already(QUESTIONNAIRE, [same]) == [True]
    assert assigning.give_out(QUESTIONNAIRE, [same], None) == 0
    keyed = [Visit(collector=person, label=label, key="7") for label in ("one", "other")]
    assert assigning.give_out(QUESTIONNAIRE, keyed, None) == 1


def test_a_record_that_names_it_does_it(app: Flask) -> None:
    publish()
    phone = enrolled(app, username=mine(app).name)
    give(service_collector(), "Абай 12", "Абай 14")
    first = inbox(phone)
    sent = item(assignment=first["assignments"][0]["id"])
    send(phone, sent, item())
    assert states() == [Task.DONE, Task.OPEN]
    news = only(inbox(phone, first["cursor"]))
    assert (news["state"], news["submission"], news["answers"]) == ("done", sent["id"], {})
    assert told(inbox(phone)) == [("Абай 14", "open"), ("Абай 12", "done")]


def service_collector(name: str = "erlan") -> Collector:
    return Collector(name, user_id=service.known_user(name).id)


def test_a_record_with_files_and_one_of_an_edited_batch_do_theirs_too(app: Flask) -> None:
    """Those go another way into the database than a plain record."""
    publish()
    phone = enrolled(app, username=mine(app).name)
    give(service_collector(), "Абай 12")
    number = only(inbox(phone))["id"]
    taken = item()
    send(phone, taken)
    # the same id with other content waits, what is new beside it is stored
    send(phone, taken | {"answers": answers(rooms=9, twice="18")}, item(assignment=number))
    assert states() == [Task.DONE]


@pytest.mark.parametrize("named", ["no-uuid", "00000000-0000-4000-8000-000000000000", "x" * 50, None])
def test_a_record_that_names_nothing_known_is_stored_all_the_same(app: Flask, named: str | None) -> None:
    publish()
    phone = enrolled(app, username=mine(app).name)
    give(service_collector(), "Абай 12")
    assert send(phone, item(assignment=named))[0]["status"] == "stored"
    assert states() == [Task.OPEN]


def test_a_record_of_another_questionnaire_or_of_a_stranger_does_nothing(app: Flask) -> None:
    publish(access=Access.PUBLIC)
    publish(INVITED, access=Access.PUBLIC)
    phone = enrolled(app, username=mine(app).name)
    give(service_collector(), "Абай 12")
    number = only(inbox(phone))["id"]
    diary = item(questionnaire=INVITED, answers={"start": {"code": "1"}}, assignment=number)
    send(phone, diary)
    assert states() == [Task.OPEN]


def test_what_waited_in_quarantine_does_it_when_it_is_accepted(app: Flask) -> None:
    publish()
    phone = enrolled(app, username=mine(app).name)
    give(service_collector(), "Абай 12")
    number = only(inbox(phone))["id"]
    waits = item(version="unknown", assignment=number)
    assert send(phone, waits)[0]["status"] == "quarantined"
    assert states() == [Task.OPEN]
    publish(version="unknown")
    serial = db.session.execute(text("SELECT serial FROM quarantine")).scalar_one()
    deciding.accept(serial)
    assert states() == [Task.DONE]


def test_a_record_without_an_assignment_costs_no_statement(app: Flask) -> None:
    publish()
    phone = enrolled(app, username=mine(app).name)
    send(phone, item())
    with statements() as seen:
        taken = item()
        send(phone, taken)
        send(phone, taken | {"answers": answers(rooms=9, twice="18")})
    assert not [one for one in seen if "assignment SET" in one]


def test_what_was_withdrawn_is_told_to_whoever_asks_for_news_and_leaves_the_list(app: Flask) -> None:
    publish()
    phone = enrolled(app, username=mine(app).name)
    give(service_collector(), "Абай 12", "Абай 14")
    before = inbox(phone)
    row = db.session.scalars(select(Assignment).order_by(Assignment.serial)).first()
    assert row is not None
    number = row.id
    assigning.withdraw(number, None)
    assert told(inbox(phone)) == [("Абай 14", "open")]
    after = inbox(phone, before["cursor"])
    assert told(after) == [(None, "cancelled")]
    assert inbox(phone, after["cursor"])["assignments"] == []
    assigning.open_again(number, None)
    assert told(inbox(phone, after["cursor"])) == [("Абай 12", "open")]
    with pytest.raises(assigning.Settled):
        assigning.open_again(number, None)
    with pytest.raises(assigning.NotAssigned):
        assigning.withdraw(uuid4(), None)


def test_news_come_once_and_an_inbox_without_any_is_304(app: Flask) -> None:
    publish()
    phone = enrolled(app, username=mine(app).name)
    give(service_collector(), "Абай 12")
    first = inbox(phone)
    assert told(inbox(phone, first["cursor"])) == []
    etag = phone("GET", "/inbox").headers["ETag"]
    assert phone("GET", "/inbox", headers={"If-None-Match": etag}).status_code == 304
    give(service_collector(), "Абай 14")
    assert phone("GET", "/inbox", headers={"If-None-Match": etag}).status_code == 200
    assert told(inbox(phone, first["cursor"])) == [("Абай 14", "open")]


def test_no_news_are_lost_between_pages_of_many_records(app: Flask, monkeypatch: Any) -> None:
    monkeypatch.setattr("surveyapp.channels.api.devices.MOST", 2)
    publish()
    phone = enrolled(app, username=mine(app).name)
    start = inbox(phone)["cursor"]
    for label in ("a", "b", "c"):
        sent = [item(), item()]
        send(phone, *sent)
        for one in sent:
            reviewing.return_to_collector(UUID(one["id"]), {"": "?"})
        give(service_collector(), label)
    seen, cursor, more = [], start, True
    while more:
        page = inbox(phone, cursor)
        seen += [one["label"] for one in page["assignments"]]
        cursor, more = page["cursor"], page["more"]
    assert seen == ["a", "b", "c"]


def test_done_visits_leave_the_list_after_two_weeks(app: Flask, monkeypatch: Any) -> None:
    publish()
    phone = enrolled(app, username=mine(app).name)
    give(service_collector(), "Абай 12")
    send(phone, item(assignment=only(inbox(phone))["id"]))
    later = utc_now() + timedelta(days=15)
    monkeypatch.setattr("surveyapp.submissions.inbox.utc_now", lambda: later)
    assert inbox(phone)["assignments"] == []


def test_a_device_for_one_questionnaire_is_told_of_no_other_ones(app: Flask) -> None:
    publish()
    publish(INVITED)
    narrow = enrolled(app, "narrow", questionnaires=[INVITED], username=mine(app).name)
    give(service_collector(), "Абай 12")
    assert inbox(narrow)["assignments"] == []


def test_a_rotated_key_still_opens_it_and_erasing_the_record_destroys_what_it_says(app: Flask) -> None:
    publish()
    phone = enrolled(app, username=mine(app).name)
    give(service_collector(), "Абай 12")
    rotation.rotate(lambda _count: lambda _done: None)
    found = only(inbox(phone))
    assert found["label"] == "Абай 12"
    sent = item(assignment=found["id"])
    send(phone, sent)
    reviewing.erase(UUID(sent["id"]))
    db.session.rollback()
    row = db.session.scalars(select(Assignment)).one()
    assert (row.state, row.sealed, row.data_key) == (Task.DONE, None, None)


def test_the_description_tells_of_assignments(app: Flask, client: Any) -> None:
    described = client.get("/api/v1/openapi.json").get_json()
    properties = described["components"]["schemas"]["Assignment"]["properties"]
    assert set(properties) == {
        "id", "questionnaire", "region", "due", "state", "submission", "label", "answers"
    }  # fmt: skip


def test_the_inbox_costs_as_many_queries_for_many_visits_as_for_one(app: Flask) -> None:
    publish()
    phone: Call = enrolled(app, username=mine(app).name)
    give(service_collector(), "one")
    inbox(phone)
    with statements() as few:
        inbox(phone)
    give(service_collector(), *(f"visit {number}" for number in range(30)))
    with statements() as many:
        assert len(inbox(phone)["assignments"]) == 31
    assert len(many) == len(few)
