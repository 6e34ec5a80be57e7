"""Plain posts are answered before Flask: as Flask would have answered them, and only while that is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, request_started
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.channels.openrosa.short_way import ShortWay
from surveyapp.extensions import db
from surveyapp.people import contacts, devices
from surveyapp.people.devices import Purpose
from surveyapp.people.models import Device, DeviceKey
from surveyapp.submissions.models import Attachment, Event, Quarantined, Submission
from tests.channels.openrosa.conftest import Phone
from tests.channels.openrosa.test_submission import new_id, stored, visit
from tests.collecting import QUESTIONNAIRE, publish

#: what another record of the same content has otherwise
ITS_OWN = {
    *("id", "serial", "changed", "receipt_code", "received_at", "first_received_at"),
    *("data_key", "identity_sealed", "foreign_sealed", "chain", "content_digest"),
    *("answers_commitment", "identity_commitment", "foreign_commitment"),
}


@pytest.fixture
def seen(app: Flask) -> Iterator[list[str]]:
    """The paths of the requests that Flask has seen."""
    paths: list[str] = []

    def note(_sender: Flask, **_more: Any) -> None:
        from flask import request

        paths.append(request.path)

    with request_started.connected_to(note, app):
        yield paths


def by_general_way(app: Flask, send: Callable[[], TestResponse]) -> TestResponse:
    """What Flask answers."""
    before: Any = app.wsgi_app
    way = before
    while not isinstance(way, ShortWay):
        way = way.app  # what reads the words of proxies
    vars(app)["wsgi_app"] = way._onward
    try:
        return send()
    finally:
        vars(app)["wsgi_app"] = before


def columns(instance: str) -> dict[str, Any]:
    row = stored(instance)
    assert row is not None
    return {c.name: getattr(row, c.name) for c in Submission.__table__.columns if c.name not in ITS_OWN}


def hanging(instance: str) -> tuple[list[Any], list[Any]]:
    """What hangs on a record: files that it waits for, events."""
    own = UUID(instance.removeprefix("uuid:"))
    files = db.session.scalars(select(Attachment).filter_by(submission_id=own)).all()
    events = db.session.scalars(select(Event).filter_by(submission_id=own)).all()
    return [(f.name, f.wanted, f.held_at) for f in files], [(e.kind, e.payload) for e in events]


RECORDS = {
    "usual": {},
    "flagged": {"rooms": ""},
    "miscalculated": {"rooms": "4"},
    "waiting for a photo": {"photo": "a.jpg"},
}


@pytest.mark.parametrize("changes", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("base_url", ["http://localhost", "https://localhost"])
def test_a_plain_record_gets_the_same_on_both_ways(
    app: Flask, phone: Phone, seen: list[str], changes: dict[str, str], base_url: str
) -> None:
    first, other = new_id(), new_id()
    short = phone.send(visit(instance=first, **changes), base_url=base_url)
    assert seen == []
    general = by_general_way(
        app, lambda: phone.send(visit(instance=other, **changes), base_url=base_url)
    )
    assert len(seen) == 1
    assert (short.status, short.data) == (general.status, general.data)
    assert headers(short) == headers(general)
    assert columns(first) == columns(other)
    assert hanging(first) == hanging(other)


def headers(reply: TestResponse) -> list[tuple[str, str]]:
    assert "Date" in reply.headers
    return sorted((name, value) for name, value in reply.headers.items() if name != "Date")


def test_a_disclosure_is_told(phone: Phone, seen: list[str]) -> None:
    record = new_id()
    xml = visit(instance=record).replace(b">none<", b">danger<")
    assert phone.send(xml).status_code == 201
    assert seen == []
    assert [kind for kind, _payload in hanging(record)[1]] == ["disclosure"]


@pytest.mark.parametrize("short_first", [True, False])
def test_what_one_way_stored_is_a_copy_on_the_other(app: Flask, phone: Phone, short_first: bool) -> None:
    record = visit(instance=new_id())
    for is_short in (short_first, not short_first):
        reply = phone.send(record) if is_short else by_general_way(app, lambda: phone.send(record))
        assert reply.status_code == 201
    assert db.session.scalars(select(Quarantined)).all() == []
    assert len(db.session.scalars(select(Submission)).all()) == 1


def test_another_record_under_its_id_waits(phone: Phone) -> None:
    one = new_id()
    assert phone.send(visit(instance=one)).status_code == 201
    assert phone.send(visit(instance=one, rooms="5")).status_code == 202


def close() -> None:
    catalogue.close(QUESTIONNAIRE)


def revoke_device() -> None:
    [device] = db.session.scalars(select(Device))
    devices.revoke(device.id)


def narrow() -> None:
    [device] = db.session.scalars(select(Device))
    device.questionnaires = ["another"]
    db.session.commit()


@pytest.mark.parametrize("change", [close, revoke_device, narrow])
def test_what_changes_is_noticed_with_the_next_record(
    phone: Phone, seen: list[str], change: Callable[[], None]
) -> None:
    assert phone.send(visit(instance=new_id())).status_code == 201
    assert seen == []
    change()
    record = new_id()
    assert phone.send(visit(instance=record)).status_code == 202
    assert stored(record) is None
    assert len(seen) == 1


def test_a_key_that_is_taken_away_is_noticed_too(app: Flask, seen: list[str]) -> None:
    publish()
    made = devices.enrol("phone", Purpose.OPENROSA, language="en")
    phone = Phone(app, f"/openrosa/{made.key}")
    assert phone.send(visit(instance=new_id())).status_code == 201
    key = db.session.scalars(select(DeviceKey)).one()
    key.revoked_at = db.session.scalars(select(Device.created_at)).one()
    db.session.commit()
    assert phone.send(visit(instance=new_id())).status_code == 202


def test_what_opens_again_is_noticed(phone: Phone) -> None:
    assert phone.send(visit(instance=new_id())).status_code == 201
    catalogue.close(QUESTIONNAIRE)
    assert phone.send(visit(instance=new_id())).status_code == 202
    catalogue.set_access(QUESTIONNAIRE, Access.STAFF)
    assert phone.send(visit(instance=new_id())).status_code == 201


def test_another_language_of_a_device_is_spoken_at_once(phone: Phone) -> None:
    assert phone.send(visit(instance=new_id())).headers["Content-Language"] == "en"
    [device] = db.session.scalars(select(Device))
    device.language = "ru"
    db.session.commit()
    assert phone.send(visit(instance=new_id())).headers["Content-Language"] == "ru"


def unknown_part(instance: str) -> bytes:
    return visit(instance=instance, extra="<stranger>1</stranger>")


def comment(instance: str) -> bytes:
    return visit(instance=instance, extra="<!-- kept by nobody -->")


def entity(instance: str) -> bytes:
    return visit(instance=instance).replace(b"<twice>6<", b"<twice>&#54;<")


@pytest.mark.parametrize("unusual", [unknown_part, comment, entity])
def test_an_unusual_record_goes_on_to_flask(
    phone: Phone, seen: list[str], unusual: Callable[[str], bytes]
) -> None:
    record = new_id()
    assert phone.send(unusual(record)).status_code == 201
    assert len(seen) == 1
    assert stored(record) is not None


def test_a_post_with_a_photo_goes_on_to_flask(phone: Phone, seen: list[str]) -> None:
    assert phone.send(visit(instance=new_id(), photo="a.jpg"), {"a.jpg": b"x"}).status_code == 201
    assert len(seen) == 1


def test_an_unknown_key_goes_on_to_flask(app: Flask, phone: Phone, seen: list[str]) -> None:
    stranger = Phone(app, "/openrosa/nobody")
    assert stranger.send(visit(instance=new_id())).status_code == 404
    assert len(seen) == 1


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "text/xml", 'multipart/form-data; boundary="a b"', ""]
)
def test_other_bodies_go_on_to_flask(phone: Phone, seen: list[str], kind: str) -> None:
    reply = phone.call("POST", "/submission", data=b"--x--", content_type=kind)
    assert reply.status_code == 400
    assert len(seen) == 1


def test_the_contact_is_written_down(phone: Phone, seen: list[str]) -> None:
    phone.call("POST", "/submission?deviceID=collect%3Aabc", data=b"")  # not a record, but a contact
    seen.clear()
    db.session.execute(update(Device).values(seen_at=None, app=None))
    db.session.commit()
    assert phone.send(visit(instance=new_id())).status_code == 201
    assert seen == []
    db.session.rollback()
    [device] = db.session.scalars(select(Device))
    assert device.seen_at is not None
    assert device.app is not None
    assert device.app.startswith("org.odk.collect.android")


def test_a_new_device_is_news_only_once(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    written, write = list[int](), contacts._write

    def counted(connection: Any, device_id: int, report: Any, now: Any) -> None:
        written.append(device_id)
        write(connection, device_id, report, now)

    monkeypatch.setattr(contacts, "_write", counted)
    for _n in range(4):
        assert phone.send(visit(instance=new_id())).status_code == 201
    assert len(written) == 1


def test_a_failure_on_the_short_way_costs_no_record(
    phone: Phone, seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("surveyapp.channels.openrosa.short_way.store_plain", fail)
    record = new_id()
    assert phone.send(visit(instance=record)).status_code == 201
    assert len(seen) == 1
    assert stored(record) is not None


# --- the list -------------------------------------------------------------------------------------


@pytest.mark.parametrize("base_url", ["http://localhost", "https://forms.example:8443"])
def test_the_list_is_the_same_on_both_ways(
    app: Flask, phone: Phone, seen: list[str], base_url: str
) -> None:
    short = phone.get("/formList", base_url=base_url)
    assert seen == []
    general = by_general_way(app, lambda: phone.get("/formList", base_url=base_url))
    assert (short.status, short.data) == (general.status, general.data)
    assert headers(short) == headers(general)


def test_an_unchanged_list_is_told_the_same_on_both_ways(
    app: Flask, phone: Phone, seen: list[str]
) -> None:
    etag = {"If-None-Match": phone.get("/formList").headers["ETag"]}
    short = phone.get("/formList", headers=etag)
    assert seen == []
    general = by_general_way(app, lambda: phone.get("/formList", headers=etag))
    assert (short.status_code, short.data) == (general.status_code, general.data) == (304, b"")
    assert headers(short) == headers(general)


def test_the_list_changes_with_the_catalogue_and_the_device(phone: Phone, seen: list[str]) -> None:
    assert len(phone.forms()) == 1
    narrow()
    assert phone.forms() == []
    assert seen == []
    revoke_device()
    assert phone.get("/formList").status_code == 403


def test_a_closed_form_leaves_the_list(phone: Phone) -> None:
    assert len(phone.forms()) == 1
    close()
    assert phone.forms() == []


@pytest.mark.parametrize("query", ["?formID=visit", "?verbose=true"])
def test_other_questions_about_the_list_go_on_to_flask(
    phone: Phone, seen: list[str], query: str
) -> None:
    assert phone.get(f"/formList{query}").status_code == 200
    assert len(seen) == 1


def test_another_etag_goes_on_to_flask(phone: Phone, seen: list[str]) -> None:
    assert phone.get("/formList", headers={"If-None-Match": '"old", "older"'}).status_code == 200
    assert len(seen) == 1
