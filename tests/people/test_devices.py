"""Devices: their keys, and what becomes of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import devices, service
from surveyapp.people.devices import GRACE, Purpose
from surveyapp.people.errors import BadDeviceName, UnknownDevice, UnknownUser
from surveyapp.people.models import AuditEntry, Device, DeviceKey
from surveyapp.people.rights import RoleName
from tests.accounts import make_user


def test_a_key_leads_to_its_device_and_is_kept_as_a_hash(app: Flask) -> None:
    make_user("erlan")
    made = devices.enrol(
        " Aigerim's phone ",
        Purpose.OPENROSA,
        questionnaires=["b", "a", "a"],
        language="ru",
        username="erlan",
    )
    holder = devices.holder_of(made.key, Purpose.OPENROSA)
    assert holder is not None
    assert (holder.device_id, holder.name, holder.language) == (made.id, "Aigerim's phone", "ru")
    assert holder.questionnaires == frozenset({"a", "b"})
    assert holder.revoked_at is None
    kept = db.session.scalars(select(DeviceKey)).one()
    assert made.key.encode() not in kept.key_hash
    assert len(kept.key_hash) == 32


def test_a_key_serves_its_purpose_only_and_others_are_nobodys(app: Flask) -> None:
    made = devices.enrol("phone", Purpose.OPENROSA)
    assert devices.holder_of(made.key, Purpose.API) is None
    for key in ("", made.key[:-1], made.key + "x", "\ud800", "ключ"):
        assert devices.holder_of(key, Purpose.OPENROSA) is None


def test_without_questionnaires_it_may_fill_in_all(app: Flask) -> None:
    made = devices.enrol("phone", Purpose.OPENROSA)
    holder = devices.holder_of(made.key, Purpose.OPENROSA)
    assert holder is not None
    assert holder.questionnaires is None


def test_a_revoked_device_is_still_known_and_within_grace_for_a_while(app: Flask) -> None:
    made = devices.enrol("phone", Purpose.OPENROSA)
    devices.revoke(made.id)
    first = db.session.get_one(Device, made.id).revoked_at
    devices.revoke(made.id)
    holder = devices.holder_of(made.key, Purpose.OPENROSA)
    assert holder is not None
    assert holder.revoked_at == first
    assert holder.within_grace(utc_now())
    assert not holder.within_grace(utc_now() + GRACE + timedelta(minutes=1))


def test_the_devices_of_somebody_without_access_are_revoked_with_them(app: Flask) -> None:
    make_user("erlan", RoleName.INTERVIEWER)
    made = devices.enrol("phone", Purpose.OPENROSA, username="erlan")
    service.deactivate("erlan")
    holder = devices.holder_of(made.key, Purpose.OPENROSA)
    assert holder is not None
    assert holder.revoked_at is not None


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\nb", "a\x00"])
def test_a_name_must_be_one(app: Flask, name: str) -> None:
    with pytest.raises(BadDeviceName):
        devices.enrol(name, Purpose.OPENROSA)


def test_what_is_not_there_is_said(app: Flask) -> None:
    with pytest.raises(UnknownDevice):
        devices.revoke(17)
    with pytest.raises(UnknownUser):
        devices.enrol("phone", Purpose.OPENROSA, username="nobody")


def test_enrolling_and_revoking_are_in_the_audit_log_without_the_key(app: Flask) -> None:
    made = devices.enrol("phone", Purpose.OPENROSA)
    devices.revoke(made.id)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial)).all()
    assert [entry.action for entry in entries] == ["device_enrolled", "device_revoked"]
    assert all(made.key not in str(entry.details) + entry.subject for entry in entries)
