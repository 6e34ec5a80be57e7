"""What ODK Collect tells of the phone that it is on, with every request."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import contacts
from surveyapp.people.models import Device
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.channels.openrosa.conftest import Phone
from tests.channels.openrosa.test_submission import new_id

_TIMED = """
| survey |
| | type | name | label |
| | end | end | |
| | integer | rooms | Rooms |
| settings |
| | form_title | form_id | version |
| | Timed | timed | 1 |
"""


def timed(end: str) -> bytes:
    """The XML of a record that was finished at a time."""
    return f"""<data id="timed" version="1" xmlns:orx="http://openrosa.org/xforms">
  <end>{end}</end><rooms>3</rooms><orx:meta><orx:instanceID>{new_id()}</orx:instanceID></orx:meta>
</data>""".encode()


def device() -> Device:
    db.session.expire_all()
    return db.session.scalars(select(Device)).one()


@pytest.mark.parametrize("path", ["/formList", "/submission"])
def test_a_look_tells_the_app_and_the_phone(app: Flask, phone: Phone, path: str) -> None:
    assert phone.get(f"{path}?deviceID=collect%3AaBc").status_code in {200, 204}
    known = device()
    assert (known.app or "").startswith("org.odk.collect.android/v2026.1.0")
    assert known.installation == "collect:aBc"
    assert known.seen_at is not None
    assert (known.unsent, known.clock_skew) == (None, None)


def test_a_record_that_was_finished_tomorrow_tells_of_the_clock(app: Flask, phone: Phone) -> None:
    catalogue.publish(compile_workbook(_TIMED.encode(), "timed.md"), access=Access.STAFF)
    now = utc_now()
    for end in (now - timedelta(days=3), now + timedelta(hours=24), now - timedelta(hours=3)):
        assert phone.send(timed(end.isoformat(timespec="milliseconds"))).status_code == 201
    assert device().clock_skew == pytest.approx(24 * 3600, abs=60)


def test_two_phones_that_share_one_address_are_seen(app: Flask, phone: Phone) -> None:
    for installation in ("collect:one", "collect:two"):
        phone.get(f"/formList?deviceID={installation}")
    days = contacts.days_of(device().id)
    assert {day.installation for day in days} == {"collect:one", "collect:two"}


def test_what_cannot_be_stored_is_passed_over(app: Flask, phone: Phone) -> None:
    assert phone.get("/formList?deviceID=%00x").status_code == 200
    assert phone.get(f"/formList?deviceID={'x' * 5000}").status_code == 200
    assert len(device().installation or "") == contacts.LONGEST_TEXT
