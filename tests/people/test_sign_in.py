"""Signing in and out, by name, in three languages; and what stops those who guess."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from passlib.context import CryptContext
from sqlalchemy import func, select

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import attempts, service
from surveyapp.people.audit import Action
from surveyapp.people.models import Attempt, AuditEntry, User
from surveyapp.people.sessions import SESSION_HOURS
from surveyapp.people.sign_in import AT_ONE_PLACE, FOR_A_NAME
from tests.accounts import (
    CHANGE_PASSWORD,
    PASSWORD,
    SIGN_IN,
    SIGN_OUT,
    browser,
    is_signed_in,
    make_user,
    post,
    sign_in,
    token_of,
)

OTHER_PASSWORD = "another long password"


def wrong_attempts(client: FlaskClient, count: int, name: str = "aigerim") -> None:
    for _number in range(count):
        assert sign_in(client, name, "not the password").status_code == HTTPStatus.OK


def later(monkeypatch: pytest.MonkeyPatch, wait: timedelta) -> None:
    """Let the server's clock stand `wait` after now, where attempts are counted."""
    moment = utc_now() + wait
    monkeypatch.setattr(attempts, "utc_now", lambda: moment)


# --- coming in and going out ------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_somebody_signs_in_and_out_in_their_language(client: FlaskClient, language: str) -> None:
    make_user()
    page = client.get(SIGN_IN, headers={"Accept-Language": language})
    assert f'<html lang="{language}"' in page.get_data(as_text=True)
    answer = sign_in(client, **{"Accept-Language": language})
    assert answer.location == "/manage"
    assert is_signed_in(client)
    assert post(client, SIGN_OUT).location == SIGN_IN
    assert not is_signed_in(client)


def test_the_name_may_be_typed_in_any_case_and_with_spaces(client: FlaskClient) -> None:
    make_user("Әйгерім")
    assert sign_in(client, "  ӘЙГЕРІМ ").location == "/manage"


def test_signing_in_leads_to_the_page_that_was_asked_for(client: FlaskClient) -> None:
    make_user()
    asked = client.get("/manage/log")
    assert asked.location == f"{SIGN_IN}?next=/manage/log"
    form = {"csrf_token": token_of(client, asked.location), "username": "aigerim", "password": PASSWORD}
    assert client.post(SIGN_IN, data={**form, "next": "/manage/log"}).location == "/manage/log"


@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example", "\\\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_no_other_site(client: FlaskClient, next_page: str) -> None:
    make_user()
    form = {"csrf_token": token_of(client), "username": "aigerim", "password": PASSWORD}
    answer = client.post(SIGN_IN, data={**form, "next": next_page})
    led_to = urlsplit(urljoin("http://localhost/manage/sign-in", answer.location or ""))
    assert (led_to.scheme, led_to.netloc) == ("http", "localhost")


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example"])
@pytest.mark.parametrize("sent_in", ["address", "form"])
def test_a_foreign_page_to_go_to_is_forgotten(client: FlaskClient, next_page: str, sent_in: str) -> None:
    make_user()
    address = f"{SIGN_IN}?next={next_page}" if sent_in == "address" else SIGN_IN
    form = {"csrf_token": token_of(client, address), "username": "aigerim", "password": PASSWORD}
    answer = client.post(address, data=form | ({"next": next_page} if sent_in == "form" else {}))
    assert answer.location == "/manage"
    assert is_signed_in(client)
    assert db.session.scalars(select(Attempt)).all() == []


def test_nothing_is_shown_without_signing_in(client: FlaskClient) -> None:
    for page in ("/manage", "/manage/log", "/manage/quarantine", CHANGE_PASSWORD):
        answer = client.get(page)
        assert answer.status_code == HTTPStatus.FOUND
        assert answer.location.startswith(SIGN_IN)


def test_a_sign_in_is_in_the_audit_log_and_a_failure_is_not(client: FlaskClient) -> None:
    make_user()
    wrong_attempts(client, 1)
    sign_in(client)
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert actions.count(Action.SIGNED_IN) == 1


def test_a_session_ends_after_a_working_day(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user()
    sign_in(client)
    with client.session_transaction() as session:
        session["fs_paa"] -= SESSION_HOURS.total_seconds() + 1
    assert not is_signed_in(client)


# --- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("aigerim", "not the password"),
        ("nobody", PASSWORD),
        ("deactivated", PASSWORD),
        ("aigerim", "x" * 5000),
        ("aigerim", "\ufdfa" * 128),
        ("aige\x00rim", PASSWORD),
        ("aigerim' OR 1=1 --", PASSWORD),
    ],
)
def test_every_failure_gets_the_same_answer(client: FlaskClient, name: str, password: str) -> None:
    make_user()
    make_user("deactivated")
    service.deactivate("deactivated")
    answer = sign_in(client, name, password, **{"Accept-Language": "en"})
    assert answer.status_code == HTTPStatus.OK
    assert "The user name or the password is not right" in answer.get_data(as_text=True)
    assert not is_signed_in(client)


def test_an_unknown_name_costs_as_much_as_a_known_one(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user()
    hashed: list[str] = []

    def counted(way: str) -> None:
        real = getattr(CryptContext, way)

        def hashing(*arguments: Any, **named: Any) -> Any:
            hashed.append(way)
            return real(*arguments, **named)

        monkeypatch.setattr(CryptContext, way, hashing)

    counted("hash")
    counted("verify")
    for name in ("aigerim", "nobody"):
        hashed.clear()
        sign_in(client, name, "not the password")
        assert len(hashed) == 1, name


@pytest.mark.parametrize("page", [SIGN_IN, CHANGE_PASSWORD, "/manage/language"])
def test_a_form_without_its_token_changes_nothing(client: FlaskClient, page: str) -> None:
    make_user()
    if page != SIGN_IN:
        sign_in(client)
    form = {
        "username": "aigerim",
        "password": PASSWORD,
        "language": "ru",
        "new_password": OTHER_PASSWORD,
    }
    answer = client.post(page, data=form, headers={"Accept-Language": "en"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "This form is out of date" in answer.get_data(as_text=True)
    assert db.session.scalar(select(User.language)) is None


def test_signing_out_without_a_token_asks_first(client: FlaskClient) -> None:
    make_user()
    sign_in(client)
    answer = client.post(SIGN_OUT)
    assert 'name="csrf_token"' in answer.get_data(as_text=True)
    assert is_signed_in(client)


def test_json_is_not_taken_for_a_form(client: FlaskClient) -> None:
    make_user()
    token = token_of(client)
    for body in ("5", "[]", "{}", f'{{"username": "aigerim", "password": "{PASSWORD}"}}'):
        answer = client.post(
            SIGN_IN, data=body.encode(), content_type="application/json", headers={"X-CSRFToken": token}
        )
        assert answer.status_code == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


def test_flask_securitys_own_tokens_open_nothing(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user()
    serializer = URLSafeTimedSerializer(b"a key that it is not given otherwise", salt="remember-salt")
    monkeypatch.setattr(app.extensions["security"], "remember_token_serializer", serializer)
    token = str(service.known_user("aigerim").get_auth_token())
    assert client.get(f"/manage?auth_token={token}").status_code == HTTPStatus.FOUND
    headers = {"Authentication-Token": token}
    assert client.get("/manage", headers=headers).status_code == HTTPStatus.FOUND


# --- those who guess --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Too many attempts"), ("ru", '<html lang="ru"'), ("kk", '<html lang="kk"')],
)
def test_too_many_attempts_are_refused_in_the_readers_language(
    client: FlaskClient, language: str, words: str
) -> None:
    make_user()
    wrong_attempts(client, AT_ONE_PLACE.ceiling)
    answer = sign_in(client, **{"Accept-Language": language})
    assert answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert 0 < int(answer.headers["Retry-After"]) <= AT_ONE_PLACE.window.total_seconds()
    assert words in answer.get_data(as_text=True)
    assert not is_signed_in(client)


def test_whoever_waits_as_long_as_was_said_gets_in(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user()
    wrong_attempts(client, AT_ONE_PLACE.ceiling)
    wait = int(sign_in(client).headers["Retry-After"])
    later(monkeypatch, timedelta(seconds=wait + 1))
    assert sign_in(client).location == "/manage"


def test_refused_attempts_do_not_lengthen_the_wait(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user()
    wrong_attempts(client, AT_ONE_PLACE.ceiling)
    later(monkeypatch, timedelta(minutes=10))
    for _number in range(20):
        assert sign_in(client).status_code == HTTPStatus.TOO_MANY_REQUESTS
    later(monkeypatch, AT_ONE_PLACE.window + timedelta(seconds=5))
    assert sign_in(client).location == "/manage"


def test_guesses_from_elsewhere_do_not_lock_a_colleague_out(app: Flask, client: FlaskClient) -> None:
    make_user()
    sign_in(client)
    post(client, SIGN_OUT)
    for number in range(FOR_A_NAME.ceiling):
        sign_in(browser(app, f"203.0.113.{number}"), password="guess")
    assert sign_in(browser(app)).status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert sign_in(client).location == "/manage"


def test_a_known_browser_is_known_for_its_own_user_only(app: Flask, client: FlaskClient) -> None:
    make_user()
    make_user("erlan")
    sign_in(client)
    post(client, SIGN_OUT)
    wrong_attempts(client, AT_ONE_PLACE.ceiling, "erlan")
    assert sign_in(client, "erlan").status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert sign_in(client).location == "/manage"


def test_a_forged_browser_cookie_gives_no_attempts(client: FlaskClient) -> None:
    make_user()
    wrong_attempts(client, AT_ONE_PLACE.ceiling)
    client.set_cookie("known_browser", "word." + "0" * 64, path="/manage")
    assert sign_in(client).status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_the_addresses_of_one_customer_are_one_place(app: Flask) -> None:
    make_user()
    for number in range(AT_ONE_PLACE.ceiling):
        wrong_attempts(browser(app, f"2001:db8:1:2::{number + 1:x}"), 1)
    assert sign_in(browser(app, "2001:db8:1:2:ffff::1")).status_code == HTTPStatus.TOO_MANY_REQUESTS


def test_success_leaves_no_attempt_behind_and_old_ones_are_forgotten(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user()
    wrong_attempts(client, 2)
    later(monkeypatch, attempts.REMEMBERED + timedelta(minutes=1))
    sign_in(client)
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_names_and_addresses_are_not_kept_in_the_clear(client: FlaskClient) -> None:
    make_user()
    wrong_attempts(client, 1, "my-secret-typed-as-a-name")
    for bucket in db.session.scalars(select(Attempt.bucket)):
        assert b"secret" not in bucket and b"127.0.0.1" not in bucket


# --- one's own password -----------------------------------------------------------------------------


def change(client: FlaskClient, now: str, new: str, again: str | None = None) -> tuple[int, str]:
    form = {"password": now, "new_password": new, "new_password_confirm": again or new}
    answer = post(client, CHANGE_PASSWORD, form)
    return answer.status_code, answer.get_data(as_text=True)


def test_a_new_password_ends_the_sessions_elsewhere_and_keeps_this_one(
    app: Flask, client: FlaskClient
) -> None:
    make_user()
    elsewhere = browser(app)
    for one in (client, elsewhere):
        sign_in(one)
    assert change(client, PASSWORD, OTHER_PASSWORD)[0] == HTTPStatus.FOUND
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert sign_in(elsewhere, password=OTHER_PASSWORD).location == "/manage"


@pytest.mark.parametrize(
    ("now", "new", "again"),
    [
        ("not my password", OTHER_PASSWORD, OTHER_PASSWORD),
        (PASSWORD, "short", "short"),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, OTHER_PASSWORD, "something else here"),
        (PASSWORD, "my name is Aigerim", "my name is Aigerim"),
        (PASSWORD, "x" * 5000, "x" * 5000),
        ("x" * 5000, OTHER_PASSWORD, OTHER_PASSWORD),
        ("", OTHER_PASSWORD, OTHER_PASSWORD),
    ],
)
def test_a_bad_change_says_what_is_wrong_and_changes_nothing(
    client: FlaskClient, now: str, new: str, again: str
) -> None:
    make_user()
    sign_in(client)
    status, html = change(client, now, new, again)
    assert status == HTTPStatus.OK
    assert 'class="bad"' in html
    post(client, SIGN_OUT)
    assert sign_in(client).location == "/manage"


def test_the_current_password_cannot_be_guessed_from_an_open_session(client: FlaskClient) -> None:
    make_user()
    sign_in(client)
    for _number in range(10):
        change(client, "guess", OTHER_PASSWORD)
    assert change(client, PASSWORD, OTHER_PASSWORD)[0] == HTTPStatus.TOO_MANY_REQUESTS


# --- languages --------------------------------------------------------------------------------------


def test_the_chosen_language_is_kept_for_the_person(app: Flask, client: FlaskClient) -> None:
    make_user()
    sign_in(client, **{"Accept-Language": "en"})
    answer = post(client, "/manage/language", {"language": "ru", "page": "/manage/log?before=5"})
    assert answer.location == "/manage/log?before=5"
    assert '<html lang="ru"' in client.get("/manage").get_data(as_text=True)
    elsewhere = browser(app)
    sign_in(elsewhere, **{"Accept-Language": "en"})
    page = elsewhere.get("/manage", headers={"Accept-Language": "en"})
    assert '<html lang="ru"' in page.get_data(as_text=True)


def test_a_stranger_too_chooses_the_language_of_the_sign_in_page(client: FlaskClient) -> None:
    form = {"csrf_token": token_of(client), "language": "en", "page": SIGN_IN}
    assert client.post("/manage/language", data=form).location == SIGN_IN
    assert '<html lang="en"' in client.get(SIGN_IN).get_data(as_text=True)


@pytest.mark.parametrize(
    "page", ["https://evil.example/manage", "//evil.example/manage", "/manage\\..", "/other", "\x00"]
)
def test_choosing_a_language_leads_to_no_other_site(client: FlaskClient, page: str) -> None:
    form = {"csrf_token": token_of(client), "language": "en", "page": page}
    assert client.post("/manage/language", data=form).location == "/manage"


# --- what other pages do not pay for ----------------------------------------------------------------


def test_public_pages_read_no_session(app: Flask, client: FlaskClient) -> None:
    make_user()
    sign_in(client)
    answer = client.get("/healthz")
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers
