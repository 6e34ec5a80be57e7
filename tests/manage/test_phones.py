"""The page of phones: which hold old work, why, in whose words, and what a region's supervisor sees."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import devices, granting, service, stuck
from surveyapp.people.models import Device
from surveyapp.people.rights import EVERYWHERE, Place, Reach, RoleName
from surveyapp.people.stuck import Why
from tests.accounts import make_user, post
from tests.manage.test_assignments import local, signed_in

PAGE = "/manage/devices"
ALL = Reach(frozenset({EVERYWHERE}))


@pytest.fixture
def supervisor(app: Flask) -> FlaskClient:
    make_user("saule", RoleName.SUPERVISOR)
    return signed_in(app, "saule")


def phone(name: str, *, user: str | None = None, language: str = "kk", **facts: Any) -> int:
    device = devices.add(name, username=user, language=language)
    for column, value in facts.items():
        setattr(device, column, value)
    db.session.commit()
    return device.id


def with_old_work(name: str, **facts: Any) -> int:
    now = utc_now()
    usual: dict[str, Any] = {
        "unsent": 3,
        "oldest_unsent_at": now - timedelta(hours=30),
        "seen_at": now - timedelta(minutes=9),
        "app": "field/1.0",
    }
    return phone(name, **usual | facts)


def found() -> dict[str, list[Why]]:
    db.session.rollback()
    return {each.device.name: list(each.why) for each in stuck.stuck(ALL, utc_now())}


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, [Why.FAILING]),
        ({"seen_at": None}, [Why.UNHEARD]),
        ({"free_storage": 10_000_000, "battery": 7}, [Why.FULL, Why.BATTERY]),
        ({"clock_skew": -900}, [Why.CLOCK]),
        ({"app": "field/0.9"}, [Why.OLD_APP]),
        ({"app": "org.odk.collect.android/v2024"}, [Why.FAILING]),
    ],
)
def test_a_phone_with_old_work_is_found_with_the_reason(
    app: Flask, facts: dict[str, Any], why: list[Why]
) -> None:
    phone("new", app="field/1.0")
    with_old_work("old", **facts)
    assert found() == {"old": why}


def test_work_of_today_and_phones_revoked_long_ago_are_no_reason_to_call(app: Flask) -> None:
    now = utc_now()
    with_old_work("today", oldest_unsent_at=now - timedelta(hours=20))
    with_old_work("nothing", unsent=0)
    with_old_work("long ago", revoked_at=now - timedelta(days=100))
    with_old_work("lately", revoked_at=now - timedelta(days=1))
    assert found() == {"lately": [Why.REVOKED]}


def test_the_instruction_is_in_the_language_of_whoever_has_the_phone(supervisor: FlaskClient) -> None:
    with_old_work("Айгерімнің телефоны", language="kk")
    html = supervisor.get(PAGE).get_data(as_text=True)
    assert "3 records wait on this phone." in html
    assert '<p lang="kk">' in html
    assert "«Қазір жіберу»" in html
    assert "something holds its records up" in html


def test_whoever_reads_it_out_can_read_it_in_their_own_language_too(supervisor: FlaskClient) -> None:
    with_old_work("A phone", language="kk")
    for reader, times in (("ru", 1), ("kk", 0)):
        html = supervisor.get(PAGE, headers={"Accept-Language": reader}).get_data(as_text=True)
        assert "«Қазір жіберу»" in html
        assert html.count("«Отправить сейчас»") == times, reader


def test_a_supervisor_of_a_region_sees_the_phones_of_those_who_work_there(app: Flask) -> None:
    for name, region in (("erlan", "75"), ("gulnar", "71")):
        make_user(name, RoleName.INTERVIEWER)
        granting.give(name, RoleName.INTERVIEWER, Place(None, region))
        granting.take(name, RoleName.INTERVIEWER, EVERYWHERE)
        with_old_work(f"phone of {name}", user=name)
    with_old_work("nobody's")
    number = db.session.query(Device.id).filter_by(name="phone of gulnar").scalar()
    db.session.rollback()
    client = local(app, "saule", RoleName.SUPERVISOR, "75")
    html = client.get(PAGE).get_data(as_text=True)
    assert "phone of erlan" in html
    assert "gulnar" not in html
    assert "nobody&#39;s" not in html
    answer = post(client, f"{PAGE}/{number}/revoke", {"confirmed": "1"})
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_a_phone_is_revoked_after_it_was_confirmed(supervisor: FlaskClient) -> None:
    number = phone("lost")
    post(supervisor, f"{PAGE}/{number}/revoke")
    db.session.rollback()
    assert devices.known_device(number).revoked_at is None
    assert post(supervisor, f"{PAGE}/{number}/revoke", {"confirmed": "1"}).status_code == 303
    db.session.rollback()
    assert devices.known_device(number).revoked_at is not None
    for odd in (number + 1, 2**40):
        assert post(supervisor, f"{PAGE}/{odd}/revoke", {"confirmed": "1"}).status_code == 404


def test_many_phones_are_on_pages_and_cost_no_more_queries(supervisor: FlaskClient) -> None:
    make_user("erlan", RoleName.INTERVIEWER)
    assert service.known_user("erlan")
    db.session.rollback()
    with_old_work("old", user="erlan")
    few = count(supervisor)
    for number in range(60):
        phone(f"phone {number}")
        with_old_work(f"old {number}")
    html = supervisor.get(PAGE).get_data(as_text=True)
    assert 'rel="next"' in html
    assert count(supervisor) == few


def count(client: FlaskClient) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    assert client.get(PAGE).status_code == HTTPStatus.OK
    event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)
