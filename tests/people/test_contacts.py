"""What devices tell of themselves: read leniently, kept shortly, written down when it is news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import contacts, devices
from surveyapp.people.contacts import Report, read_report
from surveyapp.people.devices import KeyHolder, Purpose
from surveyapp.people.models import Device, DeviceDay

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
WHOLE = (
    'app="field/1.0", unsent=12, oldest-unsent=86400, free-storage=1234567890, '
    'battery=64, time=@1795680300, installation="a1"'
)


def test_a_whole_report_is_read() -> None:
    assert read_report(WHOLE) == Report(
        app="field/1.0",
        installation="a1",
        unsent=12,
        oldest_unsent=86400,
        free_storage=1234567890,
        battery=64,
        clock=datetime(2026, 11, 26, 8, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("header", "report"),
    [
        (None, Report()),
        ("", Report()),
        ("nonsense", Report()),
        ("unsent=12;q=1, battery=50", Report(battery=50)),
        ("unsent=-1, battery=101, time=@99999999999999, free-storage=0", Report(free_storage=0)),
        ('unsent="12", app=12, battery=7', Report(battery=7)),
        ("later=1, unsent=3", Report(unsent=3)),
        ("UNSENT=3", Report()),
        ('app="\x00", unsent=3', Report(unsent=3)),
    ],
)
def test_what_is_not_understood_is_passed_over(header: str | None, report: Report) -> None:
    assert read_report(header) == report


@given(st.text())
def test_any_header_is_read(header: str) -> None:
    read_report(header).columns(NOW)


@given(st.lists(st.sampled_from(["app", "unsent", "time", "=", '"', ",", "@", "9" * 15, " ", "-"])))
def test_any_header_that_looks_like_one_is_read(pieces: list[str]) -> None:
    read_report("".join(pieces)).columns(NOW)


# --- keeping it ---------------------------------------------------------------------------------------


@pytest.fixture
def key(app: Flask) -> str:
    return devices.enrol("phone", Purpose.OPENROSA).key


def holder(key: str) -> KeyHolder:
    found = devices.holder_of(key, Purpose.OPENROSA)
    assert found is not None
    return found


def hear(key: str, later: timedelta = timedelta(), **told: object) -> Device:
    """The device after it was heard of so much later."""
    contacts.note(holder(key), Report(**told), NOW + later)  # type: ignore[arg-type]  # a test's words
    db.session.expire_all()
    return db.session.scalars(select(Device)).one()


def test_what_is_told_is_kept_and_what_is_not_told_stays(key: str) -> None:
    contacts.note(holder(key), read_report(WHOLE), NOW)
    device = db.session.scalars(select(Device)).one()
    assert (device.app, device.unsent, device.battery) == ("field/1.0", 12, 64)
    assert (device.free_storage, device.installation) == (1234567890, "a1")
    assert device.oldest_unsent_at == NOW - timedelta(days=1)
    assert (device.clock_skew, device.clock_skew_at, device.seen_at) == (300, NOW, NOW)
    device = hear(key, timedelta(hours=1), unsent=0)
    assert (device.unsent, device.oldest_unsent_at, device.battery) == (0, None, 64)
    assert (device.clock_skew, device.clock_skew_at) == (300, NOW)


def test_the_same_again_is_written_down_once_in_a_while(key: str) -> None:
    seen = [hear(key, timedelta(minutes=minute), app="x").seen_at for minute in (0, 5, 9, 11)]
    assert seen == [NOW, NOW, NOW, NOW + timedelta(minutes=11)]


def test_news_is_written_down_at_once(key: str) -> None:
    assert hear(key, app="x", unsent=12).unsent == 12
    assert hear(key, timedelta(seconds=3), app="x", unsent=0).unsent == 0
    assert hear(key, timedelta(seconds=4), app="y", unsent=0).app == "y"


def test_a_clock_that_is_told_for_the_first_time_or_has_jumped_is_news(key: str) -> None:
    told = [None, 7200, 7190, 7190 - 3600, None, 7190 - 3600 + 9]
    kept = [
        hear(
            key,
            timedelta(seconds=second),
            unsent=1,
            clock=None if skew is None else NOW + timedelta(seconds=second + skew),
        ).clock_skew
        for second, skew in enumerate(told)
    ]
    assert kept == [None, 7200, 7200, 3590, 3590, 3590]


def test_a_day_is_one_row_with_what_was_told_last(key: str) -> None:
    hear(key, unsent=5, battery=80)
    hear(key, timedelta(hours=2), unsent=1)
    hear(key, timedelta(hours=20), unsent=3)
    days = contacts.days_of(holder(key).device_id)
    assert [(str(day.day), day.unsent, day.battery) for day in days] == [
        ("2026-11-27", 3, None),
        ("2026-11-26", 1, 80),
    ]


def test_two_phones_with_one_key_are_seen(key: str) -> None:
    for minute, installation in enumerate(["a", "b", "a", "b"]):
        hear(key, timedelta(minutes=minute), installation=installation)
    days = contacts.days_of(holder(key).device_id)
    assert {day.installation for day in days} == {"a", "b"}


def test_days_are_kept_for_three_months(key: str) -> None:
    for days in (0, 50, 100):
        hear(key, timedelta(days=days))
    kept = db.session.scalars(select(DeviceDay.day).order_by(DeviceDay.day)).all()
    assert [str(day) for day in kept] == ["2027-01-15", "2027-03-06"]


def test_a_database_that_takes_nothing_costs_the_request_nothing(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = holder(key)
    with monkeypatch.context() as patched:
        patched.setattr(contacts, "_write", failing)
        contacts.note(found, Report(app="x"), utc_now())
    assert db.session.scalars(select(Device.seen_at)).one() is None


def failing(*_arguments: object) -> None:
    raise OperationalError("UPDATE", {}, Exception("disk full"))
