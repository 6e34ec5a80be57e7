"""Single sign-on by OpenID Connect, against a provider that runs from a package."""

from __future__ import annotations

import base64
import hashlib
import logging
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from surveyapp import create_app
from surveyapp.config import BadSetting, Settings
from surveyapp.extensions import db
from surveyapp.people import outside_accounts, service
from surveyapp.people.audit import Action
from surveyapp.people.errors import OutsideAccountTaken
from surveyapp.people.models import AuditEntry, OutsideAccount, User
from surveyapp.people.rights import RoleName
from tests.accounts import SIGN_IN, SIGN_OUT, browser, is_signed_in, make_user, post, sign_in
from tests.people.provider import Provider, arguments_of, come_back, provider_running, say_at_provider
from tests.people.second_factors import OVERVIEW, SECOND, code_of, give_second, send, set_up_app

START = "/manage/sso/start"
LINK = "/manage/sso/link"
SECRET = "a secret of this installation"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with provider_running() as running:
        yield running


@pytest.fixture(scope="module")
def linked_up(settings: Settings, migrated_app: Flask, provider: Provider) -> Iterator[Flask]:
    """An application on the same database that has a provider."""
    chosen = replace(
        settings,
        oidc_issuer=provider.issuer,
        oidc_client_id="surveyapp",
        oidc_client_secret=SECRET,
        oidc_label="Staff ID",
    )
    application = create_app(chosen)
    application.testing = True
    yield application
    with application.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def client(app: Flask, linked_up: Flask) -> FlaskClient:
    return browser(linked_up)


def aigerim() -> User:
    return db.session.scalars(select(User).filter_by(username="aigerim")).one()


def linked(provider: Provider, subject: str, **claims: object) -> str:
    """An account here, and one there that is linked with it."""
    make_user()
    provider.knows(subject, **claims)
    outside_accounts.link(aigerim(), provider.issuer, subject)
    return subject


def there_and_back(client: FlaskClient, subject: str, start: str = START) -> TestResponse:
    """Go to the provider, sign in there, and follow it back."""
    gone = client.get(start)
    assert gone.status_code == HTTPStatus.FOUND, gone.get_data(as_text=True)
    return come_back(client, say_at_provider(gone.location, sub=subject))


# --- signing in -------------------------------------------------------------------------------------


def test_a_linked_account_signs_in(client: FlaskClient, provider: Provider) -> None:
    linked(provider, "sub-1")
    assert there_and_back(client, "sub-1").location == "/manage"
    assert is_signed_in(client)
    entry = db.session.scalars(select(AuditEntry).filter_by(action=Action.SIGNED_IN)).one()
    assert entry.subject == "aigerim"


@pytest.mark.parametrize(
    ("role", "first"),
    [
        (RoleName.ADMINISTRATOR, "/manage"),
        (RoleName.ANALYST, "/manage"),
        (RoleName.INTERVIEWER, "/manage/me"),
        (RoleName.SAFEGUARDING_OFFICER, "/manage/me"),
    ],
)
def test_everybody_comes_to_the_first_page_of_their_role(
    client: FlaskClient, provider: Provider, role: RoleName, first: str
) -> None:
    make_user("aigerim", role)
    provider.knows("sub-1")
    outside_accounts.link(aigerim(), provider.issuer, "sub-1")
    there = there_and_back(client, "sub-1").location
    arrived = client.get(there, follow_redirects=True)
    assert (arrived.request.path, arrived.status_code) == (first, HTTPStatus.OK)


def test_the_request_has_state_nonce_and_pkce_and_the_code_is_paid_with_the_verifier(
    client: FlaskClient, provider: Provider
) -> None:
    linked(provider, "sub-1")
    asked = arguments_of(client.get(START).location)
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 20
    there_and_back(client, "sub-1")
    challenge = provider.sent_to("/oauth2/authorize")["code_challenge"]
    verifier = provider.sent_to("/oauth2/token")["code_verifier"]
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    assert digest.rstrip(b"=").decode() == challenge


def test_it_leads_to_the_page_that_was_asked_for_and_to_no_other_site(
    client: FlaskClient, provider: Provider
) -> None:
    linked(provider, "sub-1")
    for asked, led in (("/manage/log", "/manage/log"), ("https://evil.example/", "/manage")):
        assert there_and_back(client, "sub-1", f"{START}?next={asked}").location == led


@pytest.mark.parametrize("claims", [{"preferred_username": "aigerim"}, {"email": "aigerim@example.kz"}])
def test_the_same_name_or_address_links_nothing(
    client: FlaskClient, provider: Provider, claims: dict[str, str]
) -> None:
    make_user()
    user = aigerim()
    user.email = "aigerim@example.kz"
    db.session.commit()
    provider.knows("aigerim", **claims)
    answer = there_and_back(client, "aigerim")
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "Nobody here is linked" in answer.get_data(as_text=True)
    assert not is_signed_in(client)
    assert db.session.scalars(select(User.username)).all() == ["aigerim"]


def test_who_has_no_access_any_more_does_not_get_in(client: FlaskClient, provider: Provider) -> None:
    linked(provider, "sub-1")
    make_user("dana")
    service.deactivate("aigerim")
    assert there_and_back(client, "sub-1").status_code == HTTPStatus.FORBIDDEN
    assert not is_signed_in(client)


def test_signing_in_by_get_waits_for_other_writers_at_its_start(
    client: FlaskClient, linked_up: Flask, provider: Provider
) -> None:
    """On SQLite a transaction that began to read cannot write when another one wrote meanwhile."""
    linked(provider, "sub-1")
    location = say_at_provider(client.get(START).location, sub="sub-1")
    said: list[str] = []
    with linked_up.app_context():
        engine = db.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no such thing")

    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", listen)
    come_back(client, location)
    event.remove(engine, "before_cursor_execute", listen)
    begun = [statement for statement in said if statement.startswith("BEGIN")]
    assert begun
    assert set(begun) == {"BEGIN IMMEDIATE"}
    assert is_signed_in(client)


# --- the second factor ------------------------------------------------------------------------------


def test_a_second_factor_is_asked_for_where_the_provider_saw_none(
    client: FlaskClient, linked_up: Flask, provider: Provider
) -> None:
    linked(provider, "sub-pwd", amr=["pwd"])
    other = browser(linked_up)
    sign_in(other)
    secret, _codes = set_up_app(other)
    assert there_and_back(client, "sub-pwd").location == SECOND
    assert not is_signed_in(client)
    give_second(client, code_of(secret, 1))
    assert is_signed_in(client)


@pytest.mark.parametrize(
    ("amr", "counts"),
    [
        (["pwd", "mfa"], True),
        (["pwd", "otp"], True),
        (["pin", "hwk"], True),
        (["pwd"], False),
        (["otp"], False),
        ([], False),
        ([["mfa"]], False),
    ],
)
def test_a_second_factor_of_the_provider_counts(
    client: FlaskClient, linked_up: Flask, provider: Provider, amr: object, counts: bool
) -> None:
    linked(provider, "sub-amr", amr=amr)
    linked_up.config["SETTINGS"] = replace(before := linked_up.config["SETTINGS"], second_factor=True)
    try:
        there_and_back(client, "sub-amr")
        assert is_signed_in(client) is counts
        assert counts or client.get("/manage").location == OVERVIEW
    finally:
        linked_up.config["SETTINGS"] = before


# --- what goes wrong --------------------------------------------------------------------------------


def test_breaking_off_at_the_provider_is_told(client: FlaskClient, provider: Provider) -> None:
    gone = client.get(START)
    answer = come_back(client, say_at_provider(gone.location, action="deny"))
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "Staff ID did not sign you in" in answer.get_data(as_text=True)


def test_a_state_that_this_browser_did_not_begin_is_refused(
    client: FlaskClient, linked_up: Flask, provider: Provider
) -> None:
    """Otherwise somebody could have another one's browser signed in as themselves."""
    linked(provider, "sub-1")
    location = say_at_provider(browser(linked_up).get(START).location, sub="sub-1")
    for address in (
        location,
        "/manage/sso/back",
        "/manage/sso/back?code=x&state=y",
    ):
        answer = come_back(client, address)
        assert answer.status_code == HTTPStatus.BAD_REQUEST, address
        assert "begun in another window" in answer.get_data(as_text=True)
    assert not is_signed_in(client)


def test_an_answer_is_taken_once(client: FlaskClient, provider: Provider) -> None:
    linked(provider, "sub-1")
    location = say_at_provider(client.get(START).location, sub="sub-1")
    come_back(client, location)
    post(client, SIGN_OUT)
    assert come_back(client, location).status_code == HTTPStatus.BAD_REQUEST
    assert not is_signed_in(client)


def test_a_code_of_another_sign_in_is_refused(
    client: FlaskClient, linked_up: Flask, provider: Provider
) -> None:
    """A code that was stolen is put into a sign-in of one's own: its nonce is another one."""
    linked(provider, "sub-1")
    stolen = arguments_of(say_at_provider(browser(linked_up).get(START).location, sub="sub-1"))["code"]
    own = arguments_of(client.get(START).location)["state"]
    answer = client.get(f"/manage/sso/back?code={stolen}&state={own}")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert not is_signed_in(client)


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9", "http://localhost:9/realm"])
def test_a_provider_that_does_not_answer_is_told(
    app: Flask, settings: Settings, issuer: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    silent = create_app(
        replace(settings, oidc_issuer=issuer, oidc_client_id="x", oidc_client_secret=SECRET)
    )
    answer = browser(silent).get(START, headers={"Accept-Language": "en"})
    assert answer.status_code == HTTPStatus.BAD_GATEWAY
    assert "does not answer" in answer.get_data(as_text=True)
    assert browser(silent).get(SIGN_IN).status_code == HTTPStatus.OK
    assert SECRET not in caplog.text


def test_a_provider_that_calls_itself_otherwise_is_not_believed(
    app: Flask, settings: Settings, provider: Provider
) -> None:
    other = provider.issuer.replace("127.0.0.1", "localhost") + "/"
    fooled = create_app(replace(settings, oidc_issuer=other, oidc_client_id="x"))
    assert browser(fooled).get(START).status_code == HTTPStatus.BAD_GATEWAY


def test_neither_code_nor_token_nor_secret_reaches_a_log(
    client: FlaskClient, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    linked(provider, "sub-canary")
    with caplog.at_level(logging.DEBUG, logger="surveyapp"):
        location = say_at_provider(client.get(START).location, sub="sub-canary")
        come_back(client, location)
    ours = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("surveyapp")
    )
    assert "/manage/sso/back" in ours
    for word in (arguments_of(location)["code"], SECRET, "sub-canary"):
        assert word not in ours


# --- linking ----------------------------------------------------------------------------------------


def test_somebody_links_their_account_and_signs_in_with_it(
    client: FlaskClient, linked_up: Flask, provider: Provider
) -> None:
    make_user()
    provider.knows("sub-2", name="Әйгерім Серікқызы")
    sign_in(client)
    asking = there_and_back(client, "sub-2", LINK)
    assert "Әйгерім Серікқызы" in client.get(asking.location).get_data(as_text=True)
    assert outside_accounts.accounts_of(aigerim()) == [], "it was linked without being asked"
    send(client, LINK)
    assert [one.subject for one in outside_accounts.accounts_of(aigerim())] == ["sub-2"]
    other = browser(linked_up)
    there_and_back(other, "sub-2")
    assert is_signed_in(other)


def test_a_link_is_confirmed_once_soon_and_by_the_same_person(
    client: FlaskClient, provider: Provider
) -> None:
    make_user()
    sign_in(client)
    send(client, LINK)
    there_and_back(client, "sub-3", LINK)
    with client.session_transaction() as session:
        session["sso_found"] = session["sso_found"] | {"at": time.time() - 3600}
    send(client, LINK)
    there_and_back(client, "sub-3", LINK)
    with client.session_transaction() as session:
        session["sso_found"] = session["sso_found"] | {"user": aigerim().id + 1}
    send(client, LINK)
    assert db.session.scalars(select(OutsideAccount)).all() == []


def test_an_account_there_is_one_person_here(client: FlaskClient, provider: Provider) -> None:
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    linked(provider, "sub-4")
    make_user("erlan")
    sign_in(client, "erlan")
    there_and_back(client, "sub-4", LINK)
    send(client, LINK)
    page = client.get(OVERVIEW).get_data(as_text=True)
    assert "linked already" in page
    with pytest.raises(OutsideAccountTaken):
        outside_accounts.link(aigerim(), provider.issuer, "sub-4")


def test_a_link_is_removed(client: FlaskClient, provider: Provider) -> None:
    linked(provider, "sub-5")
    sign_in(client)
    send(client, "/manage/sso/unlink")
    assert db.session.scalars(select(OutsideAccount)).all() == []
    post(client, SIGN_OUT)
    assert there_and_back(client, "sub-5").status_code == HTTPStatus.FORBIDDEN


def test_linking_wants_a_sign_in_of_a_moment_ago(client: FlaskClient, provider: Provider) -> None:
    """One that the provider did not ask for just now is none: `auth_time` tells."""
    linked(provider, "sub-6", auth_time=int(time.time()) - 3600)
    there_and_back(client, "sub-6")
    assert is_signed_in(client)
    with client.session_transaction() as session:
        session["confirmed_at"] = 0
    assert client.get(LINK).location == f"/manage/confirm?next={LINK}"


def test_the_command_links_and_takes_away(app: Flask, linked_up: Flask, provider: Provider) -> None:
    make_user()
    run = linked_up.test_cli_runner().invoke
    db.session.rollback()
    with linked_up.app_context():
        assert run(args=["user", "link", "aigerim", "--subject", "sub-7"]).output == "Linked.\n"
        again = run(args=["user", "link", "aigerim", "--subject", "sub-7"])
        assert (again.exit_code, "linked already" in again.output) == (1, True)
        assert run(args=["user", "link", "aigerim", "--subject", "x" * 300]).exit_code == 1
        assert run(args=["user", "unlink", "aigerim"]).output == "Taken away.\n"
    without = app.test_cli_runner().invoke(args=["user", "link", "aigerim", "--subject", "x"])
    assert "OIDC_ISSUER is not set" in without.output


# --- signing out, and where there is no provider ----------------------------------------------------


def test_signing_out_says_that_the_provider_may_still_know_one(
    client: FlaskClient, provider: Provider
) -> None:
    linked(provider, "sub-8")
    there_and_back(client, "sub-8")
    post(client, SIGN_OUT)
    page = client.get(SIGN_IN).get_data(as_text=True)
    assert (
        f"{provider.issuer}/oauth2/end_session?client_id=surveyapp&amp;post_logout_redirect_uri=" in page
    )
    assert "end_session" not in client.get(SIGN_IN).get_data(as_text=True)


def test_without_a_provider_there_is_nothing_of_it(app: Flask) -> None:
    make_user()
    client = browser(app)
    assert "/manage/sso" not in client.get(SIGN_IN).get_data(as_text=True)
    sign_in(client)
    assert "/manage/sso" not in client.get(OVERVIEW).get_data(as_text=True)
    for page in (START, LINK, "/manage/sso/back"):
        assert client.get(page).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("issuer", ["http://login.example.kz", "login", "https://x?y=1", "https://x#y"])
def test_a_provider_without_tls_is_refused_at_boot(issuer: str) -> None:
    with pytest.raises(BadSetting, match="OIDC_ISSUER"):
        Settings.from_environment({"OIDC_ISSUER": issuer})


def test_a_provider_without_a_client_is_refused_at_boot(settings: Settings) -> None:
    with pytest.raises(BadSetting, match="OIDC_CLIENT_ID"):
        create_app(replace(settings, oidc_issuer="https://login.example.kz"))


def test_a_provider_without_authlib_is_refused_at_boot(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "authlib.integrations.flask_client", None)
    chosen = replace(settings, oidc_issuer="https://login.example.kz", oidc_client_id="x")
    with pytest.raises(BadSetting, match=r"surveyapp\[sso\]"):
        create_app(chosen)


def test_asking_anew_asks_when_they_signed_in(client: FlaskClient) -> None:
    asked = arguments_of(client.get(f"{START}?again=1").location)
    assert (asked["prompt"], asked["max_age"]) == ("login", "600")
