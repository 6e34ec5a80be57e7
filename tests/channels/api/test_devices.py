"""Devices at the API: enrolled by a code, known by their token, told by their reports; and revoked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from surveyapp.catalogue.models import Access
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import devices, enrolments
from surveyapp.people.devices import GRACE
from surveyapp.people.enrolments import GUESSING
from surveyapp.people.models import Device
from surveyapp.people.rights import RoleName
from surveyapp.submissions.models import KeptFile, Quarantined, Submission
from tests.accounts import browser, make_user
from tests.channels.api.conftest import Call, caller
from tests.channels.api.test_uploads import TUS, address_of, begin, patch, sha256_of
from tests.collecting import INVITED, answers, item, publish

KEY = "made-up-by-the-phone"


def post(app: Flask, path: str, body: Any, **headers: str) -> TestResponse:
    """What somebody without a token gets."""
    return browser(app).post(f"/api/v1{path}", json=body, headers=headers)


def redeem(app: Flask, code: Any, **more: Any) -> TestResponse:
    return post(app, "/enrolments/redeem", {"code": code, **more})


def enrolled(app: Flask, name: str = "phone", **options: Any) -> Call:
    """A phone that was enrolled by a code, and what it calls the API with."""
    made = enrolments.enrol(name, **options)
    db.session.commit()
    answer = redeem(app, made.code, retry_key=KEY)
    assert answer.status_code == HTTPStatus.OK, answer.text
    token = answer.get_json()["token"]

    def call(
        method: str, path: str, *, headers: Mapping[str, str] | None = None, **given: Any
    ) -> TestResponse:
        sent = {"Authorization": f"Bearer {token}", **(headers or {})}
        return browser(app).open(f"/api/v1{path}", method=method, headers=sent, **given)

    return call


@pytest.fixture
def phone(app: Flask) -> Call:
    publish()
    return enrolled(app)


def send(
    call: Call, *items: dict[str, Any], headers: Mapping[str, str] | None = None, **batch: Any
) -> Any:
    response = call("POST", "/submissions", json={"submissions": items, **batch}, headers=headers)
    assert response.status_code == HTTPStatus.OK, response.text
    return response.get_json()["results"]


# --- codes ------------------------------------------------------------------------------------------


def test_a_code_gives_a_token_that_works(app: Flask) -> None:
    publish()
    made = enrolments.enrol("Kostanay 7", questionnaires=["visit"], language="ru")
    db.session.commit()
    answer = redeem(app, made.in_groups)
    assert answer.status_code == HTTPStatus.OK
    assert "no-store" in answer.headers["Cache-Control"]
    told = answer.get_json()
    known = {"name": "Kostanay 7", "language": "ru", "questionnaires": ["visit"]}
    assert told["device"] == {"id": made.device_id, **known}
    headers = {"Authorization": f"Bearer {told['token']}"}
    offered = browser(app).get("/api/v1/questionnaires", headers=headers)
    assert [one["id"] for one in offered.get_json()["questionnaires"]] == ["visit"]


def test_the_answer_comes_again_for_the_phone_that_lost_it(app: Flask) -> None:
    made = enrolments.enrol("phone")
    db.session.commit()
    first = redeem(app, made.code, retry_key=KEY)
    assert redeem(app, made.code, retry_key=KEY).data == first.data
    used = redeem(app, made.code, retry_key=KEY[::-1])
    assert (used.status_code, used.get_json()["code"]) == (HTTPStatus.GONE, "code_used")


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "AAAA",
        {},
        {"code": 7},
        {"code": ""},
        {"code": "A" * 101},
        {"code": "AAAA", "retry_key": "short"},
        {"code": "AAAA", "retry_key": "x" * 129},
        {"code": "AAAA", "retry_key": "х" * 20},
    ],
)
def test_what_holds_no_code_is_said_so(app: Flask, body: Any) -> None:
    answer = post(app, "/enrolments/redeem", body, **{"Accept-Language": "en"})
    assert (answer.status_code, answer.get_json()["code"]) == (HTTPStatus.BAD_REQUEST, "enrolment")


def test_too_much_and_nonsense_are_refused(app: Flask) -> None:
    long = post(app, "/enrolments/redeem", {"code": "A" * 5000})
    assert long.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    for data in (b"\xff", b"[" * 4000, b"{"):
        answer = browser(app).post("/api/v1/enrolments/redeem", data=data)
        assert answer.status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "This code is not known here. Please check each letter."),
        ("ru", "Такого кода здесь нет. Проверьте, пожалуйста, каждый знак."),
        ("kk", "Мұндай код жоқ. Әр таңбасын тексеріп шығыңыз."),
    ],
)
def test_an_unknown_code_is_told_in_the_callers_language(
    app: Flask, language: str, sentence: str
) -> None:
    answer = post(app, "/enrolments/redeem", {"code": "\x00A"}, **{"Accept-Language": language})
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert answer.get_json()["detail"] == sentence


def test_guessing_is_slowed_down_but_not_for_others(app: Flask) -> None:
    made = enrolments.enrol("phone")
    db.session.commit()
    for _guess in range(GUESSING.ceiling):
        assert redeem(app, "A" * 12).status_code == HTTPStatus.NOT_FOUND
    refused = redeem(app, made.code)
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert refused.mimetype == "application/problem+json"
    assert int(refused.headers["Retry-After"]) > 0
    elsewhere = browser(app, "203.0.113.7").post("/api/v1/enrolments/redeem", json={"code": made.code})
    assert elsewhere.status_code == HTTPStatus.OK


# --- what a device may do ---------------------------------------------------------------------------


def test_a_device_sends_edits_and_looks_up_what_it_sent(app: Flask, phone: Call) -> None:
    sent = item()
    (made,) = send(phone, sent)
    (edited,) = send(phone, sent | {"base_revision": 1, "answers": answers(rooms=5, twice="10")})
    assert [made["status"], edited["status"], edited["revision"]] == ["stored", "stored", 2]
    row = db.session.scalars(select(Submission)).one()
    assert (row.channel, row.sender_id) == ("field", None)
    assert (row.sender_id, row.device_id) == (None, db.session.scalars(select(Device.id)).one())
    for path in ("", "/missing", "/revisions"):
        assert phone("GET", f"/submissions/{sent['id']}{path}").status_code == HTTPStatus.OK
    for stranger in (enrolled(app, "another"), caller(app, "erlan", RoleName.INTERVIEWER)):
        assert stranger("GET", f"/submissions/{sent['id']}").status_code == HTTPStatus.NOT_FOUND


def test_the_devices_of_one_person_see_what_that_person_sent(app: Flask) -> None:
    publish()
    make_user("aigerim")
    one, other = (enrolled(app, name, username="aigerim") for name in ("old", "new"))
    sent = item()
    send(one, sent)
    assert other("GET", f"/submissions/{sent['id']}").status_code == HTTPStatus.OK


def test_an_administrators_phone_is_no_administrator(app: Flask, phone: Call) -> None:
    make_user("chief")
    sent = item()
    send(phone, sent)
    theirs = enrolled(app, "chief's", username="chief")
    assert theirs("GET", f"/submissions/{sent['id']}").status_code == HTTPStatus.NOT_FOUND


def test_a_device_reads_no_feed(phone: Call) -> None:
    answer = phone("GET", "/questionnaires/visit/submissions")
    assert answer.status_code == HTTPStatus.FORBIDDEN


def test_beyond_its_questionnaires_a_device_sees_nothing_and_its_work_waits(app: Flask) -> None:
    publish()
    publish(INVITED, access=Access.STAFF)
    narrow = enrolled(app, questionnaires=[INVITED])
    offered = narrow("GET", "/questionnaires").get_json()["questionnaires"]
    assert [one["id"] for one in offered] == [INVITED]
    assert narrow("GET", "/questionnaires/visit/versions/1").status_code == HTTPStatus.NOT_FOUND
    assert [one["status"] for one in send(narrow, item())] == ["quarantined"]
    assert db.session.scalars(select(Quarantined.reason)).all() == ["scope"]


def upload(call: Call, content: bytes) -> TestResponse:
    """Send all of a file; the answer of the first request that is refused."""
    begun = begin(call, content)
    if begun.status_code != HTTPStatus.CREATED:
        return begun
    return patch(call, address_of(begun), 0, content)


def test_a_device_uploads_and_nobody_else_goes_on_with_it(app: Flask, phone: Call) -> None:
    assert upload(phone, b"a photo of the well").status_code == HTTPStatus.NO_CONTENT
    address = address_of(begin(phone, b"not whole"))
    assert phone("HEAD", address, headers=TUS).status_code == HTTPStatus.OK
    stranger = enrolled(app, "another")
    assert stranger("HEAD", address, headers=TUS).status_code == HTTPStatus.NOT_FOUND


# --- what it tells of itself --------------------------------------------------------------------------


def device() -> Device:
    db.session.expire_all()
    return db.session.scalars(select(Device)).one()


def test_each_contact_tells_how_the_device_is(phone: Call) -> None:
    told = 'app="field/1.0", unsent=12, oldest-unsent=86400, free-storage=1234567890, battery=64'
    phone("GET", "/questionnaires", headers={"Survey-Device": told})
    known = device()
    assert (known.app, known.unsent, known.battery) == ("field/1.0", 12, 64)
    assert known.free_storage == 1234567890
    send(phone, item(), headers={"Survey-Device": 'app="field/1.0", unsent=0'})
    assert (device().unsent, device().oldest_unsent_at) == (0, None)


def test_the_skew_of_its_clock_is_kept_from_batches_and_from_headers(phone: Call) -> None:
    ahead = utc_now() + timedelta(minutes=25)
    send(phone, item(), device_time=ahead.isoformat())
    assert device().clock_skew == pytest.approx(25 * 60, abs=30)
    behind = utc_now() - timedelta(hours=2)
    send(phone, item(), headers={"Survey-Device": f"unsent=1, time=@{behind.timestamp():.0f}"})
    assert device().clock_skew == pytest.approx(-2 * 3600, abs=30)
    rows = db.session.scalars(select(Submission).order_by(Submission.serial)).all()
    assert [row.clock_skew for row in rows] == [
        pytest.approx(25 * 60, abs=30),
        pytest.approx(-2 * 3600, abs=30),
    ]
    assert ["clock_skew" in row.flags for row in rows] == [True, True]


def test_a_report_that_makes_no_sense_costs_no_record(phone: Call) -> None:
    nonsense = {"Survey-Device": 'app="x, unsent=;;;time=@@1' + "9" * 3000}
    assert [one["status"] for one in send(phone, item(), headers=nonsense)] == ["stored"]


# --- revoked ----------------------------------------------------------------------------------------


@pytest.fixture
def lost(app: Flask, phone: Call) -> Call:
    """A phone that is revoked."""
    devices.revoke(device().id)
    return phone


def test_what_a_revoked_device_had_collected_comes_in_to_quarantine_with_its_photos(lost: Call) -> None:
    content = b"a photo taken before"
    assert upload(lost, content).status_code == HTTPStatus.NO_CONTENT
    (result,) = send(lost, item(version="1"))
    assert result["status"] == "quarantined"
    assert db.session.scalars(select(Quarantined.reason)).all() == ["revoked"]
    assert sha256_of(content) in db.session.scalars(select(KeptFile.sha256)).all()
    assert lost("GET", f"/submissions/{result['id']}/missing").status_code == HTTPStatus.OK


def test_but_it_is_told_nothing_else(lost: Call) -> None:
    for path in ("/questionnaires", "/questionnaires/visit/versions/1"):
        answer = lost("GET", path)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert answer.get_json()["code"] == "device_revoked"


def test_after_ninety_days_nothing_is_taken(lost: Call) -> None:
    known = device()
    assert known.revoked_at is not None
    known.revoked_at -= GRACE
    db.session.commit()
    answer = lost("POST", "/submissions", json={"submissions": [item()]})
    assert (answer.status_code, answer.get_json()["code"]) == (HTTPStatus.FORBIDDEN, "device_revoked")


@pytest.mark.parametrize(
    ("limit", "taken"), [({"revoked_max_records": 2}, 2), ({"revoked_max_bytes": 600}, 2)]
)
def test_beyond_records_or_bytes_its_work_stays_on_the_phone(
    app: Flask, lost: Call, monkeypatch: pytest.MonkeyPatch, limit: dict[str, int], taken: int
) -> None:
    with_limits(app, monkeypatch, **limit)
    statuses = [
        lost("POST", "/submissions", json={"submissions": [item()]}).status_code for _time in range(3)
    ]
    assert statuses == [200] * taken + [403] * (3 - taken)


def test_files_count_too(app: Flask, lost: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    with_limits(app, monkeypatch, revoked_max_bytes=1000)
    assert upload(lost, b"x" * 999).status_code == HTTPStatus.NO_CONTENT
    assert upload(lost, b"y" * 999).status_code == HTTPStatus.NO_CONTENT
    refused = upload(lost, b"z" * 999)
    assert (refused.status_code, refused.get_json()["code"]) == (HTTPStatus.FORBIDDEN, "quota")


def with_limits(app: Flask, monkeypatch: pytest.MonkeyPatch, **limits: int) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **limits))
