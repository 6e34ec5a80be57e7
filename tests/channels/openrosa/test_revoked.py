"""A revoked device: what it had collected comes in for a while, within a quota, to quarantine."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.people import devices
from surveyapp.people.devices import GRACE, Purpose
from surveyapp.people.models import Device
from surveyapp.submissions.models import Quarantined
from tests.channels.openrosa.conftest import SUCCESS, Phone, message_of
from tests.channels.openrosa.test_submission import new_id, visit
from tests.collecting import INVITED, publish


@pytest.fixture
def lost(app: Flask) -> Phone:
    """A phone that is revoked."""
    publish()
    made = devices.enrol("lost", Purpose.OPENROSA, language="en")
    devices.revoke(made.id)
    return Phone(app, f"/openrosa/{made.key}")


def test_its_work_waits_in_quarantine_and_it_may_ask_beforehand(lost: Phone) -> None:
    assert lost.call("HEAD", "/submission").status_code == 204
    assert lost.send(visit(instance=new_id())).status_code == 202
    assert db.session.scalars(select(Quarantined.reason)).all() == ["revoked"]


def test_what_it_sent_before_is_still_a_copy(app: Flask) -> None:
    publish()
    made = devices.enrol("lost", Purpose.OPENROSA)
    phone, record = Phone(app, f"/openrosa/{made.key}"), visit(instance=new_id())
    assert phone.send(record).status_code == 201
    devices.revoke(made.id)
    reply = phone.send(record)
    assert (reply.status_code, message_of(reply)) == (201, SUCCESS)


def test_after_ninety_days_it_is_nobody(lost: Phone) -> None:
    device = db.session.scalars(select(Device)).one()
    assert device.revoked_at is not None
    device.revoked_at -= GRACE
    db.session.commit()
    reply = lost.send(visit(instance=new_id()))
    assert reply.status_code == 403
    assert message_of(reply) == "This device may no longer work here. Please call the office."
    assert db.session.scalars(select(Quarantined)).all() == []


def test_the_bytes_of_its_photos_count(app: Flask, lost: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(app.config["SETTINGS"], revoked_max_bytes=10_000)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    photos = [{"a.jpg": bytes([number]) * 6000} for number in range(3)]
    statuses = [lost.send(visit(instance=new_id()), files).status_code for files in photos]
    assert statuses == [202, 202, 403]


def test_the_bytes_of_photos_that_a_stored_record_lacked_count(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(app.config["SETTINGS"], revoked_max_bytes=10_000)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    publish()
    made = devices.enrol("lost", Purpose.OPENROSA)
    phone = Phone(app, f"/openrosa/{made.key}")
    record = visit(instance=new_id(), photo="a.jpg")
    assert phone.send(record).status_code == 201
    devices.revoke(made.id)
    assert phone.send(record, {"a.jpg": b"x" * 12_000}).status_code == 201
    assert phone.send(record).status_code == 403


def test_beyond_its_quota_it_stays_on_the_phone(
    app: Flask, lost: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(app.config["SETTINGS"], revoked_max_records=2)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    statuses = [lost.send(visit(instance=new_id())).status_code for _record in range(3)]
    assert statuses == [202, 202, 403]


def test_a_questionnaire_outside_its_scope_waits(app: Flask) -> None:
    publish()
    publish(INVITED)
    made = devices.enrol("narrow", Purpose.OPENROSA, questionnaires=[INVITED])
    assert Phone(app, f"/openrosa/{made.key}").send(visit(instance=new_id())).status_code == 202
    assert db.session.scalars(select(Quarantined.reason)).all() == ["scope"]
