"""People without a device's key: Digest anywhere, Basic over https, a password made for Collect alone."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.http import parse_dict_header
from werkzeug.test import TestResponse

from surveyapp.extensions import db
from surveyapp.people import collect_sign_in, service
from surveyapp.people.rights import RoleName
from surveyapp.submissions.models import Submission
from tests.accounts import PASSWORD, make_user
from tests.channels.openrosa.conftest import SUCCESS, Phone, message_of
from tests.channels.openrosa.test_submission import new_id, visit
from tests.collecting import publish

HTTPS = {"base_url": "https://localhost"}


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def challenge_of(reply: TestResponse) -> Mapping[str, str]:
    """The Digest challenge, as a client reads it."""
    assert reply.status_code == 401
    offered = [
        value for value in reply.headers.getlist("WWW-Authenticate") if value.startswith("Digest")
    ]
    return {name: value or "" for name, value in parse_dict_header(offered[0][7:]).items()}


def answer(
    given: Mapping[str, str], method: str, uri: str, name: str, password: str, *, count: int = 1
) -> dict[str, str]:
    """The answer to a challenge, by RFC 7616."""
    nc, cnonce = f"{count:08x}", "0a4f113b"
    account = md5(f"{name}:{given['realm']}:{password}")
    response = md5(f"{account}:{given['nonce']}:{nc}:{cnonce}:auth:{md5(f'{method}:{uri}')}")
    return {
        "Authorization": f'Digest username="{name}", realm="{given["realm"]}", nonce="{given["nonce"]}", '
        f'uri="{uri}", qop=auth, nc={nc}, cnonce="{cnonce}", response="{response}", algorithm=MD5'
    }


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


@pytest.fixture
def password(app: Flask) -> str:
    """The Collect password of erlan; one questionnaire is published."""
    publish()
    make_user("erlan", RoleName.INTERVIEWER)
    return collect_sign_in.make_password("erlan").password


@pytest.fixture
def phone(app: Flask) -> Phone:
    """A phone without a key."""
    return Phone(app, "/openrosa", {"Accept-Language": "en"})


def test_somebody_signs_in_by_digest_and_sends(phone: Phone, password: str) -> None:
    given = challenge_of(phone.get("/formList"))
    headers = answer(given, "GET", "/openrosa/formList?deviceID=x", "erlan", password)
    assert phone.get("/formList?deviceID=x", headers=headers).status_code == 200
    headers = answer(given, "HEAD", "/openrosa/submission", "erlan", password, count=2)
    assert phone.call("HEAD", "/submission", headers=headers).status_code == 204
    headers = answer(given, "POST", "/openrosa/submission", "erlan", password, count=3)
    reply = phone.send(visit(instance=new_id()), headers=headers)
    assert (reply.status_code, message_of(reply)) == (201, SUCCESS)
    assert db.session.scalars(select(Submission)).one().sender_id is not None


def test_a_wrong_answer_a_wrong_address_and_a_forged_challenge_prove_nothing(
    phone: Phone, password: str
) -> None:
    given = challenge_of(phone.get("/formList"))
    uri = "/openrosa/formList"
    forged = {**given, "nonce": base64.urlsafe_b64encode(b"x" * 36).decode()}
    for headers in (
        answer(given, "GET", uri, "erlan", PASSWORD),
        answer(given, "GET", uri, "aigerim", password),
        answer(given, "POST", uri, "erlan", password),
        answer(given, "GET", "/openrosa/submission", "erlan", password),
        answer(forged, "GET", uri, "erlan", password),
        {"Authorization": "Digest x"},
        {"Authorization": "Bearer x"},
        {"Authorization": 'Digest username="erlan", nonce="ё"'},
    ):
        assert phone.get("/formList", headers=headers).status_code == 401


def test_an_old_challenge_is_stale_and_the_person_is_not_asked_again(
    phone: Phone, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = challenge_of(phone.get("/formList"))
    monkeypatch.setattr(collect_sign_in, "_NONCE_LIFE", -1)
    headers = answer(given, "GET", "/openrosa/formList", "erlan", password)
    assert challenge_of(phone.get("/formList", headers=headers))["stale"] == "true"


def test_basic_serves_over_https_only(phone: Phone, password: str) -> None:
    headers = basic("erlan", password)
    assert phone.get("/formList", headers=headers, **HTTPS).status_code == 200
    assert phone.get("/formList", headers=headers).status_code == 401
    assert phone.get("/formList", headers=basic("erlan", PASSWORD), **HTTPS).status_code == 401
    offered = {
        scheme: re.findall(r"(Digest|Basic)", str(phone.get("/formList", **options).headers))
        for scheme, options in (("http", {}), ("https", HTTPS))
    }
    assert offered == {"http": ["Digest"], "https": ["Digest", "Basic"]}


@pytest.mark.parametrize("name", ["a\0b", "", "a b", "x" * 5000])
def test_what_is_no_name_proves_nothing(phone: Phone, password: str, name: str) -> None:
    assert phone.get("/formList", headers=basic(name, password), **HTTPS).status_code == 401


def test_a_refusal_is_said_in_the_readers_language(phone: Phone) -> None:
    reply = phone.get("/formList")
    assert message_of(reply) == "Please check the user name and the password."


def test_a_new_password_replaces_the_old_and_without_access_none_serves(
    phone: Phone, password: str
) -> None:
    newer = collect_sign_in.make_password("erlan").password
    assert phone.get("/formList", headers=basic("erlan", password), **HTTPS).status_code == 401
    assert phone.get("/formList", headers=basic("erlan", newer), **HTTPS).status_code == 200
    service.deactivate("erlan")
    assert phone.get("/formList", headers=basic("erlan", newer), **HTTPS).status_code == 401


def test_the_password_is_sealed_and_bound_to_its_account(app: Flask, password: str) -> None:
    user = service.known_user("erlan")
    assert user.collect_password_sealed is not None
    assert password.encode() not in user.collect_password_sealed
    assert collect_sign_in._opened(user.id, user.collect_password_sealed) == password
    assert collect_sign_in._opened(user.id + 1, user.collect_password_sealed) is None


def test_the_command_prints_the_password_and_a_code_with_it(app: Flask, password: str) -> None:
    outcome = app.test_cli_runner().invoke(args=["user", "collect-password", "erlan"])
    found = re.search(r"Password  (\S+)", outcome.output)
    assert found
    assert found[1] != password
    headers = basic("erlan", found[1])
    assert Phone(app, "/openrosa").get("/formList", headers=headers, **HTTPS).status_code == 200
