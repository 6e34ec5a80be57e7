"""One's own account: what one may do, where one is signed in, one's tokens."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import granting, service, tokens
from surveyapp.people.models import ApiToken, AuditEntry, SignIn
from surveyapp.people.rights import Place, RoleName
from surveyapp.people.tokens import Scope
from tests.accounts import browser, is_signed_in, make_user, post, sign_in

ME = "/manage/me"
FORM = {"label": "tablet", "scopes": "submit", "days": "30"}


def somebody(app: Flask, name: str = "dana", *roles: RoleName) -> FlaskClient:
    if service.find_user(name) is None:
        make_user(name, *(roles or [RoleName.SUPERVISOR]))
    client = browser(app)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(client, name)
    return client


def page_of(client: FlaskClient) -> str:
    answer = client.get(ME)
    assert answer.status_code == HTTPStatus.OK
    return unescape(answer.get_data(as_text=True))


def told(client: FlaskClient, act: str, form: dict[str, str] | None = None) -> str:
    answer = post(client, f"{ME}/{act}", form)
    assert answer.location == ME
    return page_of(client)


def test_whoever_is_not_signed_in_is_led_to_the_sign_in(app: Flask) -> None:
    assert browser(app).get(ME).location.startswith("/manage/sign-in")


@pytest.mark.parametrize("role", RoleName)
def test_everybody_sees_their_roles_in_words(app: Flask, role: RoleName) -> None:
    page = page_of(somebody(app, "dana", role))
    assert role.value.replace("_", " ") in page
    assert "all questionnaires" in page


def test_an_account_without_a_role_is_told_so(app: Flask) -> None:
    client = somebody(app)
    granting.take("dana", RoleName.SUPERVISOR, Place(None, None))
    assert "You have no role yet" in page_of(client)
    assert "Your roles allow none" in page_of(client)


# --- sessions ---------------------------------------------------------------------------------------


def test_ones_sessions_are_listed_and_this_one_is_marked(app: Flask) -> None:
    client, _other = somebody(app), somebody(app)
    page = page_of(client)
    assert page.count("unknown browser") == 2
    assert page.count("this one") == 1
    assert page.count("End this session") == 1


def test_one_session_is_ended_and_the_others_go_on(app: Flask) -> None:
    client, other, third = (somebody(app) for _number in range(3))
    number = db.session.scalars(select(SignIn.id).order_by(SignIn.id)).all()[1]
    assert "The session is ended" in told(client, "end-session", {"number": str(number)})
    assert "was over already" in told(client, "end-session", {"number": str(number)})
    assert not is_signed_in(other)
    assert is_signed_in(third)


def test_all_other_sessions_are_ended(app: Flask) -> None:
    client, other = somebody(app), somebody(app)
    assert "signed out everywhere else" in told(client, "end-sessions")
    assert is_signed_in(client)
    assert not is_signed_in(other)


@pytest.mark.parametrize("number", ["", "x", "-1", "99999999999999999999"])
def test_somebody_elses_session_and_odd_numbers_end_nothing(app: Flask, number: str) -> None:
    other = somebody(app, "erlan")
    client = somebody(app)
    theirs = db.session.scalars(select(SignIn.id).order_by(SignIn.id)).first()
    for tried in (number, str(theirs)):
        assert "was over already" in told(client, "end-session", {"number": tried})
    assert is_signed_in(other)


# --- tokens -----------------------------------------------------------------------------------------


def made_by(client: FlaskClient, form: dict[str, str]) -> str:
    page = post(client, f"{ME}/tokens", form).get_data(as_text=True)
    found = re.search(r">(survey_[\w-]+)<", page)
    assert found, page
    return found[1]


def test_a_token_is_made_shown_once_and_kept_by_its_beginning(app: Flask) -> None:
    client = somebody(app)
    token = made_by(client, FORM)
    holder = tokens.holder_of(token)
    assert holder is not None
    assert (holder.user_id, set(holder.scopes)) == (service.known_user("dana").id, {"submit"})
    page = page_of(client)
    assert token not in page
    assert token[:11] in page
    assert "send submissions" in page
    ends = db.session.scalars(select(ApiToken.expires_at)).one()
    assert ends is not None
    assert timedelta(days=29) < ends - utc_now() <= timedelta(days=30)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"label": ""}, "Say what it is for"),
        ({"label": "x" * 101}, "Too long"),
        ({"label": "a\x00b"}, 'class="bad"'),
        ({"label": "   "}, "Say what it is for"),
        ({"scopes": ""}, 'class="bad"'),
        ({"scopes": "everything"}, 'class="bad"'),
        ({"days": "99999"}, 'class="bad"'),
        ({"days": ""}, 'class="bad"'),
    ],
)
def test_a_bad_token_is_refused_in_words(app: Flask, wrong: dict[str, str], words: str) -> None:
    answer = post(somebody(app), f"{ME}/tokens", FORM | wrong)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert words in answer.get_data(as_text=True)
    assert db.session.scalars(select(ApiToken)).all() == []


def test_a_token_is_only_offered_for_what_one_may_do(app: Flask) -> None:
    client = somebody(app, "dana", RoleName.INTERVIEWER)
    assert 'value="export"' not in page_of(client)
    answer = post(client, f"{ME}/tokens", FORM | {"scopes": "export"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert db.session.scalars(select(ApiToken)).all() == []


def test_ones_own_token_is_revoked_if_it_is_meant(app: Flask) -> None:
    client = somebody(app)
    token = made_by(client, FORM)
    number = {"number": str(db.session.scalars(select(ApiToken.id)).one())}
    assert "Tick the box" in told(client, "revoke-token", number)
    assert tokens.holder_of(token) is not None
    assert "The token is revoked" in told(client, "revoke-token", number | {"confirmed": "y"})
    assert tokens.holder_of(token) is None
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial))
    assert [e.action for e in entries][-2:] == [
        "token_created",
        "token_revoked",
    ]


def test_somebody_elses_token_is_not_ones_own_to_see_or_revoke(app: Flask) -> None:
    make_user("erlan", RoleName.SUPERVISOR)
    token = tokens.create_token("erlan", [Scope.SUBMIT], label="secret project")
    number = str(db.session.scalars(select(ApiToken.id)).one())
    client = somebody(app, "dana", RoleName.ADMINISTRATOR)
    assert "secret project" not in page_of(client)
    for tried in (number, "", "x", "99999999999999999999"):
        form = {"number": tried, "confirmed": "y"}
        assert "There is no such token" in told(client, "revoke-token", form)
    assert tokens.holder_of(token) is not None


def test_it_is_told_when_a_token_was_last_used(app: Flask) -> None:
    client = somebody(app)
    tokens.create_token("dana", [Scope.SUBMIT], label="tablet")
    assert "not used yet" in page_of(client)
    db.session.execute(update(ApiToken).values(used_on=date(2026, 3, 5)))
    db.session.commit()
    assert "last used: 5 Mar 2026" in page_of(client)
    make_user("chief", RoleName.ADMINISTRATOR)
    number = service.known_user("dana").id
    chief = somebody(app, "chief")
    page = chief.get(f"/manage/people/{number}").get_data(as_text=True)
    assert "last used: 5 Mar 2026" in unescape(page)
