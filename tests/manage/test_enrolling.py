"""Setting up phones on a page: the codes work, are shown once, and reach no further than whoever makes them."""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from collections.abc import Sequence
from html import unescape
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from surveyapp.channels.enrolling.sheet import Card
from surveyapp.extensions import db
from surveyapp.manage import enrolling
from surveyapp.people import devices, enrolments, granting
from surveyapp.people.devices import Purpose
from surveyapp.people.models import AuditEntry, Device, Enrolment
from surveyapp.people.rights import EVERYWHERE, Place, RoleName
from tests.accounts import make_user, post
from tests.channels.enrolling.test_commands import code_in
from tests.collecting import QUESTIONNAIRE, publish
from tests.manage.test_assignments import local, signed_in

PAGE = "/manage/devices/new"
LIST = "/manage/devices/list"
FORM = {"name": "Айгерімнің телефоны", "language": "kk", "app": "field", "days": "14"}


@pytest.fixture
def supervisor(app: Flask) -> FlaskClient:
    publish()
    make_user("erlan", RoleName.INTERVIEWER)
    make_user("saule", RoleName.SUPERVISOR)
    return signed_in(app, "saule")


def all_devices() -> list[Device]:
    db.session.rollback()
    return list(db.session.scalars(select(Device).order_by(Device.id)))


def sent(client: FlaskClient, content: str | bytes) -> TestResponse:
    raw = content if isinstance(content, bytes) else content.encode()
    form: dict[str, Any] = {"app": "field", "days": "3", "file": (io.BytesIO(raw), "phones.csv")}
    return post(client, LIST, form)


def interviewer_at(region: str, name: str = "gulnar") -> None:
    make_user(name, RoleName.INTERVIEWER)
    granting.give(name, RoleName.INTERVIEWER, Place(None, region))
    granting.take(name, RoleName.INTERVIEWER, EVERYWHERE)


# --- one phone --------------------------------------------------------------------------------------


def test_a_phone_gets_a_code_that_works_and_is_its_persons(supervisor: FlaskClient) -> None:
    assert post(supervisor, PAGE, FORM | {"user": "erlan"}).status_code == HTTPStatus.OK
    [device] = all_devices()
    assert (device.name, device.language, device.questionnaires) == ("Айгерімнің телефоны", "kk", [])
    answer = post(supervisor, f"/manage/devices/{device.id}/code")
    html = unescape(answer.get_data(as_text=True))
    code = code_in(html)
    assert f"http://localhost/field#enrol={code}" in html
    assert "<svg" in html
    assert answer.headers["Cache-Control"] == "no-store"
    redeemed = enrolments.redeem(code)
    holder = devices.holder_of(redeemed.token, Purpose.API)
    assert holder is not None
    assert holder.device_id == device.id
    assert devices.names_of_users()[holder.user_id or 0] == "erlan"


def test_the_code_is_kept_nowhere(supervisor: FlaskClient) -> None:
    code = code_in(post(supervisor, PAGE, FORM).get_data(as_text=True))
    db.session.rollback()
    rows: list[Any] = [entry.details for entry in db.session.scalars(select(AuditEntry))]
    rows += [[row.code_hash, row.device_id] for row in db.session.scalars(select(Enrolment))]
    assert code not in str(rows)
    assert code not in supervisor.get("/manage/devices").get_data(as_text=True)


def test_the_card_is_in_the_language_of_the_phone(supervisor: FlaskClient) -> None:
    html = post(supervisor, PAGE, FORM | {"language": "ru"}).get_data(as_text=True)
    assert '<li lang="ru">' in html
    assert "Наведите камеру" in html


def test_odk_collect_gets_its_settings_with_a_key_that_works(
    supervisor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    show = enrolling._shown

    def noted(cards: Sequence[Card]) -> str:
        shown.extend(card.text for card in cards)
        return show(cards)

    monkeypatch.setattr(enrolling, "_shown", noted)
    html = post(supervisor, PAGE, FORM | {"app": "collect"}).get_data(as_text=True)
    settings = json.loads(zlib.decompress(base64.b64decode(shown[0])))
    address = settings["general"]["server_url"]
    assert address in html
    key = address.rpartition("/openrosa/")[2]
    assert devices.holder_of(key, Purpose.OPENROSA) is not None
    assert not re.search("enrol=", html)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "cannot be a phone’s name"),
        ({"name": "a\u0000b"}, "cannot be a phone’s name"),
        ({"name": "x" * 101}, "cannot be a phone’s name"),
        ({"user": "nobody"}, "there is no user “nobody”"),
        ({"language": "kz"}, "“kz” is none of kk, ru, en"),
        ({"questionnaires": "nowhere"}, "there is no questionnaire “nowhere”"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    supervisor: FlaskClient, changes: dict[str, str], said: str
) -> None:
    answer = post(supervisor, PAGE, FORM | changes)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in unescape(answer.get_data(as_text=True))
    assert all_devices() == []


def test_the_same_form_again_makes_no_second_phone(supervisor: FlaskClient) -> None:
    post(supervisor, PAGE, FORM)
    again = post(supervisor, PAGE, FORM)
    assert again.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "make another code for it" in again.get_data(as_text=True)
    assert len(all_devices()) == 1


def test_odd_numbers_of_days_and_programs_mean_the_usual_ones(supervisor: FlaskClient) -> None:
    assert post(supervisor, PAGE, FORM | {"days": "1e9", "app": "?"}).status_code == HTTPStatus.OK


def test_another_code_ends_the_earlier_one(supervisor: FlaskClient) -> None:
    first = code_in(post(supervisor, PAGE, FORM).get_data(as_text=True))
    [device] = all_devices()
    second = code_in(post(supervisor, f"/manage/devices/{device.id}/code").get_data(as_text=True))
    with pytest.raises(enrolments.ExpiredCode):
        enrolments.redeem(first)
    assert enrolments.redeem(second).device_id == device.id


def test_a_revoked_phone_gets_no_other_code(supervisor: FlaskClient) -> None:
    post(supervisor, PAGE, FORM)
    [device] = all_devices()
    devices.revoke(device.id)
    answer = post(supervisor, f"/manage/devices/{device.id}/code")
    assert answer.location == "/manage/devices"
    assert "set it up as a new phone" in supervisor.get("/manage/devices").get_data(as_text=True)
    for odd in (device.id + 1, 2**40):
        assert post(supervisor, f"/manage/devices/{odd}/code").status_code == HTTPStatus.NOT_FOUND


# --- a list -----------------------------------------------------------------------------------------


def test_a_list_becomes_cards_whose_codes_work(supervisor: FlaskClient) -> None:
    answer = sent(
        supervisor,
        f"name;user;language;questionnaires\nАйгерім;erlan;kk;{QUESTIONNAIRE}\nJohn <b>;;en;\n",
    )
    html = answer.get_data(as_text=True)
    assert "John &lt;b&gt;" in html
    codes = re.findall(r"#enrol=([A-Z2-9-]{14})", html)
    made = [enrolments.redeem(code).name for code in codes]
    assert made == ["Айгерім", "John <b>"]


def test_everything_wrong_with_a_list_is_told_and_nothing_is_made(supervisor: FlaskClient) -> None:
    answer = sent(supervisor, "name,user\nok,\n,nobody\n")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    html = unescape(answer.get_data(as_text=True))
    assert "2 mistakes. No phone was set up." in html
    assert "there is no user “nobody”" in html
    assert all_devices() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "a column “name” is missing"),
        (b"\xcf\xf0\xe8", "the file is not in UTF-8"),
        (b"name\n" + b"x" * 200_001, "too long"),
        (b'name\n"x"y\n', "this is no CSV file"),
    ],
)
def test_a_file_that_is_no_list_is_told(supervisor: FlaskClient, content: bytes, said: str) -> None:
    answer = sent(supervisor, content)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert said in answer.get_data(as_text=True)


def test_without_a_file_one_is_asked_for(supervisor: FlaskClient) -> None:
    answer = post(supervisor, LIST, {"app": "field"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Choose a file" in answer.get_data(as_text=True)


def test_mistakes_are_told_in_the_readers_language(supervisor: FlaskClient) -> None:
    supervisor.environ_base["HTTP_ACCEPT_LANGUAGE"] = "ru"
    html = unescape(sent(supervisor, "name,user\nok,nobody\n").get_data(as_text=True))
    assert "пользователя «nobody» нет" in html


# --- who may do what --------------------------------------------------------------------------------


def test_a_supervisor_of_a_region_sets_up_phones_of_those_who_work_there(app: Flask) -> None:
    publish()
    interviewer_at("71")
    interviewer_at("75", "erlan")
    client = local(app, "saule", RoleName.SUPERVISOR, "75")
    page = client.get(PAGE).get_data(as_text=True)
    assert "erlan" in page
    assert "gulnar" not in page
    for user, said in (("gulnar", "there is no user"), ("", "say whose phone it is")):
        answer = post(client, PAGE, FORM | {"user": user})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert said in answer.get_data(as_text=True)
    assert post(client, PAGE, FORM | {"user": "erlan"}).status_code == HTTPStatus.OK


def test_a_supervisor_of_a_questionnaire_sets_up_phones_for_it_alone(app: Flask) -> None:
    publish()
    make_user("saule", RoleName.SUPERVISOR)
    granting.give("saule", RoleName.SUPERVISOR, Place(QUESTIONNAIRE, None))
    granting.take("saule", RoleName.SUPERVISOR, EVERYWHERE)
    client = signed_in(app, "saule")
    refused = post(client, PAGE, FORM)
    assert "name at least one" in refused.get_data(as_text=True)
    assert all_devices() == []
    assert post(client, PAGE, FORM | {"questionnaires": QUESTIONNAIRE}).status_code == HTTPStatus.OK
    assert [device.questionnaires for device in all_devices()] == [[QUESTIONNAIRE]]


def test_somebody_elses_phone_gets_no_code_from_the_supervisor_of_a_region(app: Flask) -> None:
    publish()
    interviewer_at("71")
    number = devices.add("phone of gulnar", username="gulnar").id
    db.session.commit()
    client = local(app, "saule", RoleName.SUPERVISOR, "75")
    assert post(client, f"/manage/devices/{number}/code").status_code == HTTPStatus.NOT_FOUND
