"""The second factor: who must have one, how it is set up, asked for, used up, lost and removed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import attempts, factors, granting, links, totp
from surveyapp.people.audit import Action
from surveyapp.people.errors import UnknownUser
from surveyapp.people.factor_forms import AT_ONE_PLACE
from surveyapp.people.models import AuditEntry, RecoveryCode, User
from surveyapp.people.rights import EVERYWHERE, Place, RoleName
from surveyapp.people.second_step import FRESH, WITHIN
from tests.accounts import (
    CHANGE_PASSWORD,
    LINK,
    PASSWORD,
    SIGN_IN,
    SIGN_OUT,
    browser,
    choose_password,
    is_signed_in,
    make_user,
    post,
    sign_in,
    token_of,
)
from tests.people.second_factors import (
    APP,
    CONFIRM,
    OVERVIEW,
    SECOND,
    code_of,
    codes_on,
    give_second,
    second_factor_required,
    send,
    set_up_app,
    shown_secret,
)


@pytest.fixture
def required(app: Flask) -> Iterator[None]:
    with second_factor_required(app):
        yield


@pytest.fixture
def with_app(app: Flask) -> tuple[bytes, list[str]]:
    """An account with an app, set up in a browser of its own: the secret, the recovery codes."""
    make_user()
    client = browser(app)
    sign_in(client)
    return set_up_app(client)


def user() -> User:
    return db.session.scalars(select(User).filter_by(username="aigerim")).one()


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.serial)))


# --- who must have one ------------------------------------------------------------------------------


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("role", RoleName)
def test_who_sees_identity_or_gives_rights_is_led_to_set_one_up(app: Flask, role: RoleName) -> None:
    make_user("erlan", role)
    client = browser(app)
    sign_in(client, "erlan")
    led = {RoleName.ADMINISTRATOR, RoleName.DATA_STEWARD}
    for page in ("/manage", "/manage/log", "/manage/quarantine", CHANGE_PASSWORD):
        answer = client.get(page)
        assert (answer.location == OVERVIEW) is (role in led), (page, answer.status)


@pytest.mark.usefixtures("required")
def test_nothing_else_opens_until_it_is_set_up(app: Flask) -> None:
    make_user()
    client = browser(app)
    sign_in(client)
    page = client.get(OVERVIEW, headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "Your role sees whom answers are about" in page
    assert 'class="places' not in page
    changed = send(client, CHANGE_PASSWORD, password=PASSWORD, new_password="x" * 20)
    assert changed.location == OVERVIEW
    set_up_app(client)
    assert is_signed_in(client)


@pytest.mark.usefixtures("required")
def test_a_right_that_comes_later_asks_for_it_at_once(app: Flask) -> None:
    make_user("erlan", RoleName.REVIEWER)
    client = browser(app)
    sign_in(client, "erlan")
    assert is_signed_in(client)
    granting.give("erlan", RoleName.DATA_STEWARD, Place("family_survey", "750000000"))
    assert client.get("/manage").location == OVERVIEW


def test_where_it_is_optional_nobody_is_led(client: FlaskClient) -> None:
    make_user()
    sign_in(client)
    assert is_signed_in(client)
    assert client.get(OVERVIEW).status_code == HTTPStatus.OK


# --- setting up -------------------------------------------------------------------------------------


def test_the_secret_is_shown_as_a_picture_and_in_fours(client: FlaskClient) -> None:
    make_user()
    sign_in(client)
    page = client.get(APP).get_data(as_text=True)
    assert "<svg" in page
    assert "otpauth://totp/" in page
    assert shown_secret(client) == shown_secret(client), (
        "a page that is loaded again shows another secret"
    )


def test_an_app_that_does_not_know_the_secret_is_not_kept(client: FlaskClient) -> None:
    make_user()
    sign_in(client)
    for code in ("000000", "", "x" * 65, "12345\x00", "１２３４５６"):
        assert send(client, APP, code=code).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert user().second_factor_at is None


def test_neither_secret_nor_codes_are_in_the_database_or_the_cookie(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    make_user()
    sign_in(client)
    secret = shown_secret(client)
    with client.session_transaction() as session:
        assert totp.in_groups(secret).replace(" ", "") not in str(dict(session))
    _secret, codes = set_up_app(client)
    assert len(codes) == len(set(codes)) == 10
    assert secret not in (user().totp_sealed or b"")
    kept = b"".join(db.session.scalars(select(RecoveryCode.code_hash)))
    assert not [
        code for code in codes if code.encode() in kept or code.replace("-", "").encode() in kept
    ]
    assert not [code for code in [*codes, code_of(secret)] if code in caplog.text]


def test_a_sealed_secret_serves_nobody_else(app: Flask, with_app: tuple[bytes, list[str]]) -> None:
    make_user("erlan", RoleName.REVIEWER)
    other = db.session.scalars(select(User).filter_by(username="erlan")).one()
    other.totp_sealed, other.second_factor_at = user().totp_sealed, utc_now()
    db.session.commit()
    client = browser(app)
    sign_in(client, "erlan")
    give_second(client, code_of(with_app[0], 1))
    assert not is_signed_in(client)


def test_other_sessions_end_when_the_first_factor_comes(app: Flask) -> None:
    make_user()
    old, new = browser(app), browser(app)
    sign_in(old)
    sign_in(new)
    set_up_app(new)
    assert is_signed_in(new)
    assert not is_signed_in(old)


# --- signing in -------------------------------------------------------------------------------------


def test_the_password_alone_signs_nobody_in(app: Flask, with_app: tuple[bytes, list[str]]) -> None:
    client = browser(app)
    answer = sign_in(client)
    assert answer.location == SECOND
    assert not is_signed_in(client)
    assert actions().count(Action.SIGNED_IN) == 1
    assert give_second(client, code_of(with_app[0], 1)).location == "/manage"
    assert is_signed_in(client)
    assert actions().count(Action.SIGNED_IN) == 2
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc())).first()
    assert last is not None
    assert last.details == {"factor": "app"}


def test_it_leads_to_the_page_that_was_asked_for(app: Flask, with_app: tuple[bytes, list[str]]) -> None:
    client = browser(app)
    form = {"csrf_token": token_of(client), "username": "aigerim", "password": PASSWORD}
    client.post(SIGN_IN, data={**form, "next": "/manage/log"})
    assert give_second(client, code_of(with_app[0], 1)).location == "/manage/log"


def test_a_one_time_link_does_not_stand_for_the_second_factor(
    app: Flask, with_app: tuple[bytes, list[str]]
) -> None:
    client, address = browser(app), f"{LINK}?word={links.make('aigerim').word}"
    assert choose_password(client, address, "quite another one").location == SECOND
    assert not is_signed_in(client)
    wrong = give_second(client, "000000")
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not is_signed_in(client)
    answer = give_second(client, code_of(with_app[0], 1))
    assert answer.location == "/manage/me"
    assert 'role="status"' in client.get("/manage/me").get_data(as_text=True)
    # the factor stays: the new password alone signs nobody in either
    assert sign_in(browser(app), password="quite another one").location == SECOND


def test_a_code_works_once(app: Flask, with_app: tuple[bytes, list[str]]) -> None:
    code = code_of(with_app[0], 1)
    first, second = browser(app), browser(app)
    for client in (first, second):
        sign_in(client)
    give_second(first, code)
    answer = give_second(second, code)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_a_code_of_before_the_last_one_does_not_work(
    app: Flask, with_app: tuple[bytes, list[str]]
) -> None:
    client = browser(app)
    sign_in(client)
    assert give_second(client, code_of(with_app[0], -1)).status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_recovery_code_works_once_however_it_is_typed(
    app: Flask, with_app: tuple[bytes, list[str]]
) -> None:
    code = with_app[1][3]
    for typed, good in ((f" {code.upper().replace('-', ' ')} ", True), (code, False)):
        client = browser(app)
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        sign_in(client)
        give_second(client, typed)
        told = client.get("/manage").get_data(as_text=True)
        assert is_signed_in(client) is good
        assert ("Codes left: 9" in told, "set up the new one" in told) == (good, good)
    assert actions().count(Action.RECOVERY_CODE_USED) == 1


def test_somebody_elses_recovery_code_is_worth_nothing(
    app: Flask, with_app: tuple[bytes, list[str]]
) -> None:
    make_user("erlan")
    other = browser(app)
    sign_in(other, "erlan")
    _secret, codes = set_up_app(other)
    client = browser(app)
    sign_in(client)
    give_second(client, codes[0])
    assert not is_signed_in(client)


def test_the_second_step_cannot_be_had_without_the_first(
    app: Flask, with_app: tuple[bytes, list[str]]
) -> None:
    client = browser(app)
    assert client.get(SECOND).location == SIGN_IN
    form = {"csrf_token": token_of(client), "code": code_of(with_app[0], 1)}
    assert client.post(SECOND, data=form).location == SIGN_IN
    assert not is_signed_in(client)


def test_the_second_step_does_not_wait_for_ever(app: Flask, with_app: tuple[bytes, list[str]]) -> None:
    client = browser(app)
    sign_in(client)
    with client.session_transaction() as session:
        session["half_signed_in"] = session["half_signed_in"] | {"at": time.time() - WITHIN - 1}
    assert client.get(SECOND).location == SIGN_IN


def test_a_new_password_ends_what_was_half_done(app: Flask, with_app: tuple[bytes, list[str]]) -> None:
    from surveyapp.people import service

    client = browser(app)
    sign_in(client)
    service.set_password("aigerim", "another long password")
    assert client.get(SECOND).location == SIGN_IN


def test_the_proof_of_one_person_is_not_another_ones(
    app: Flask, with_app: tuple[bytes, list[str]]
) -> None:
    """On a shared computer the next person's session must see their own second factor."""
    make_user("erlan")
    other = browser(app)
    sign_in(other, "erlan")
    set_up_app(other)
    post(other, SIGN_OUT)
    sign_in(other)
    assert not is_signed_in(other)


def test_a_session_with_the_proof_of_somebody_else_is_none(client: FlaskClient) -> None:
    make_user()
    sign_in(client)
    set_up_app(client)
    assert is_signed_in(client)
    with client.session_transaction() as session:
        session["second_factor"] = session["second_factor"] | {"user": user().id + 1}
    assert not is_signed_in(client)


# --- guessing ---------------------------------------------------------------------------------------


def test_guessing_is_limited_and_a_known_browser_is_not_locked_out(
    app: Flask, with_app: tuple[bytes, list[str]]
) -> None:
    owner = browser(app)
    sign_in(owner)
    give_second(owner, code_of(with_app[0], 1))
    post(owner, SIGN_OUT)
    thief = browser(app, "203.0.113.9")
    sign_in(thief)
    for _number in range(AT_ONE_PLACE.ceiling):
        assert give_second(thief, "000000").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert actions().count(Action.FACTOR_REFUSED) == AT_ONE_PLACE.ceiling
    refused = give_second(thief, "000000")
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert int(refused.headers["Retry-After"]) > 0
    sign_in(owner)
    assert give_second(owner, with_app[1][0]).location == "/manage"


def test_many_places_together_are_limited_for_a_day(
    app: Flask, with_app: tuple[bytes, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = []
    for place in range(4):
        thief = browser(app, f"203.0.113.{place}")
        sign_in(thief)
        answers += [give_second(thief, "000000").status_code for _number in range(9)]
    assert answers.count(HTTPStatus.UNPROCESSABLE_ENTITY) == 30
    later = utc_now() + timedelta(hours=2)
    monkeypatch.setattr(attempts, "utc_now", lambda: later)
    fresh = browser(app, "203.0.113.77")
    sign_in(fresh)
    assert give_second(fresh, "000000").status_code == HTTPStatus.TOO_MANY_REQUESTS


# --- changing ---------------------------------------------------------------------------------------


def test_what_guards_the_account_wants_the_password_once_more(
    app: Flask, with_app: tuple[bytes, list[str]]
) -> None:
    client = browser(app)
    sign_in(client)
    give_second(client, code_of(with_app[0], 1))
    with client.session_transaction() as session:
        session["confirmed_at"] -= FRESH + 1
    for page in (APP, f"{OVERVIEW}/app/remove", f"{OVERVIEW}/codes", f"{OVERVIEW}/passkeys/1/remove"):
        assert send(client, page).location.startswith(CONFIRM), page
    assert client.get(APP).location == f"{CONFIRM}?next={APP}"
    wrong = send(client, CONFIRM, password="not the password")
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert client.get(APP).status_code == HTTPStatus.SEE_OTHER
    assert send(client, f"{CONFIRM}?next={APP}", password=PASSWORD).location == APP
    assert client.get(APP).status_code == HTTPStatus.OK


def test_confirming_leads_to_no_other_site(client: FlaskClient) -> None:
    make_user()
    sign_in(client)
    for page in ("https://evil.example", "//evil.example", "/manage/../x\\y"):
        assert send(client, f"{CONFIRM}?next={page}", password=PASSWORD).location in {
            "/manage",
            OVERVIEW,
        }


def test_new_recovery_codes_make_the_former_ones_worthless(
    app: Flask, with_app: tuple[bytes, list[str]]
) -> None:
    client = browser(app)
    sign_in(client)
    give_second(client, code_of(with_app[0], 1))
    new = codes_on(send(client, f"{OVERVIEW}/codes"))
    assert len(new) == 10
    assert set(new) & set(with_app[1]) == set()
    for code, good in ((with_app[1][0], False), (new[0], True)):
        other = browser(app)
        sign_in(other)
        give_second(other, code)
        assert is_signed_in(other) is good


@pytest.mark.usefixtures("required")
def test_who_must_have_one_cannot_remove_the_last(app: Flask) -> None:
    make_user()
    client = browser(app)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(client)
    set_up_app(client)
    send(client, f"{OVERVIEW}/app/remove")
    assert "set up another one first" in client.get(OVERVIEW).get_data(as_text=True)
    assert user().totp_sealed is not None


def test_who_need_not_have_one_can_do_without_again(
    app: Flask, with_app: tuple[bytes, list[str]]
) -> None:
    client = browser(app)
    sign_in(client)
    give_second(client, code_of(with_app[0], 1))
    send(client, f"{OVERVIEW}/app/remove")
    assert user().second_factor_at is None
    assert db.session.scalars(select(RecoveryCode)).all() == []
    assert Action.FACTOR_REMOVED in actions()
    fresh = browser(app)
    assert sign_in(fresh).location == "/manage"


def test_pages_that_were_sent_a_form_can_be_opened_again(
    app: Flask, with_app: tuple[bytes, list[str]]
) -> None:
    """Whoever chooses another language there is led back to them by their address."""
    client = browser(app)
    sign_in(client)
    assert client.get("/manage/sign-in/passkey").location == SECOND
    give_second(client, code_of(with_app[0], 1))
    assert client.get(f"{OVERVIEW}/codes").location == OVERVIEW


# --- lost -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("required")
def test_a_lost_factor_is_taken_away_and_a_new_one_is_set_up(app: Flask) -> None:
    make_user()
    lost = browser(app)
    sign_in(lost)
    set_up_app(lost)
    factors.forget("aigerim")
    assert not is_signed_in(lost), "the lost phone may be signed in"
    client = browser(app)
    assert sign_in(client).location == "/manage"
    assert client.get("/manage").location == OVERVIEW
    set_up_app(client)
    assert is_signed_in(client)
    assert actions().count(Action.FACTOR_FORGOTTEN) == 1


def test_the_command_forgets_a_factor(app: Flask, with_app: tuple[bytes, list[str]]) -> None:
    run = app.test_cli_runner().invoke
    assert run(args=["user", "forget-factor", "nobody"]).exit_code == 1
    done = run(args=["user", "forget-factor", "Aigerim"])
    assert done.exit_code == 0, done.output
    db.session.expire_all()
    assert user().second_factor_at is None


def test_nobody_unknown_is_forgotten(app: Flask) -> None:
    with pytest.raises(UnknownUser):
        factors.forget("nobody")


def test_a_partial_right_to_identity_counts(app: Flask) -> None:
    make_user("erlan", RoleName.INTERVIEWER)
    person = db.session.scalars(select(User).filter_by(username="erlan")).one()
    assert not factors.sees_identity(person)
    granting.give("erlan", RoleName.ADMINISTRATOR, Place("family_survey", None))
    assert not factors.sees_identity(person), "such an administrator gives no rights"
    granting.give("erlan", RoleName.DATA_STEWARD, EVERYWHERE)
    assert factors.sees_identity(person)
