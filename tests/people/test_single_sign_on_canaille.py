"""Single sign-on with Canaille, as an organisation would run it: its pages, its PKCE, its second factor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.people import outside_accounts
from surveyapp.people.models import AuditEntry, User
from tests.accounts import SIGN_IN, SIGN_OUT, browser, is_signed_in, make_user, sign_in
from tests.people.canaille_server import CLIENT, PERSON, SECRET, Canaille, canaille_running
from tests.people.provider import come_back
from tests.people.second_factors import APP, OVERVIEW, send

BACK = "http://localhost/manage/sso/back"
START = "/manage/sso/start"
LINK = "/manage/sso/link"


@pytest.fixture(scope="module", params=[("password",), ("password", "otp")], ids=["password", "otp"])
def factors(request: pytest.FixtureRequest) -> tuple[str, ...]:
    chosen: tuple[str, ...] = request.param
    return chosen


@pytest.fixture(scope="module")
def canaille(factors: tuple[str, ...]) -> Iterator[Canaille]:
    with canaille_running(BACK, *factors) as running:
        yield running


def with_provider(settings: Settings, canaille: Canaille) -> Flask:
    """An application on the same database, where a second factor is required."""
    application = create_app(
        replace(
            settings,
            second_factor=True,
            oidc_issuer=canaille.issuer,
            oidc_client_id=CLIENT,
            oidc_client_secret=SECRET,
        )
    )
    application.testing = True
    return application


@pytest.fixture(scope="module")
def linked_up(settings: Settings, migrated_app: Flask, canaille: Canaille) -> Iterator[Flask]:
    application = with_provider(settings, canaille)
    yield application
    with application.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def client(app: Flask, linked_up: Flask) -> FlaskClient:
    return browser(linked_up)


def there_and_back(client: FlaskClient, canaille: Canaille, start: str = START) -> TestResponse:
    gone = client.get(start)
    assert gone.status_code == HTTPStatus.FOUND, gone.get_data(as_text=True)
    return come_back(client, canaille.sign_in(gone.location, BACK))


def linked(canaille: Canaille) -> None:
    make_user()
    outside_accounts.link(db.session.scalars(select(User)).one(), canaille.issuer, PERSON)


def test_its_second_factor_counts_and_without_one_ours_is_asked_for(
    client: FlaskClient, canaille: Canaille, factors: tuple[str, ...]
) -> None:
    linked(canaille)
    assert there_and_back(client, canaille).location == "/manage"
    entry = db.session.scalars(select(AuditEntry).filter_by(action="signed_in")).one()
    if "otp" in factors:
        assert is_signed_in(client)
        assert entry.details == {"factor": "provider"}
    else:
        assert client.get("/manage").location == OVERVIEW
        assert entry.details == {}


def test_a_link_shows_whom_it_links_and_a_sign_in_there_is_fresh(
    app: Flask, client: FlaskClient, linked_up: Flask, canaille: Canaille
) -> None:
    make_user()
    at_first = browser(linked_up)
    sign_in(at_first)
    asking = there_and_back(at_first, canaille, LINK)
    assert "Дана Садықова" in at_first.get(asking.location).get_data(as_text=True)
    send(at_first, LINK)
    found = outside_accounts.accounts_of(db.session.scalars(select(User)).one())
    assert [(one.issuer, one.subject) for one in found] == [(canaille.issuer, PERSON)]
    led = there_and_back(client, canaille, f"{START}?again=1")
    assert led.location == "/manage", led.get_data(as_text=True)
    assert client.get(APP).status_code == HTTPStatus.OK, "who signed in a moment ago is asked again"


def test_the_way_to_sign_out_there_is_shown(client: FlaskClient, canaille: Canaille) -> None:
    linked(canaille)
    there_and_back(client, canaille)
    send(client, SIGN_OUT)
    assert f"{canaille.issuer}/oauth/end_session?" in client.get(SIGN_IN).get_data(as_text=True)


def test_another_verifier_and_another_provider_are_refused(
    app: Flask, settings: Settings, migrated_app: Flask
) -> None:
    """With a server of its own: Canaille, in memory, mistakes a code that was left over for the next one."""
    with canaille_running(BACK, "password") as canaille:
        client = browser(with_provider(settings, canaille))
        linked(canaille)
        location = canaille.sign_in(client.get(START).location, BACK)
        with client.session_transaction() as session:
            begun = next(key for key in session if key.startswith("_state_provider_"))
            kept = session[begun]["data"] | {"code_verifier": "x" * 48}
            session[begun] = session[begun] | {"data": kept}
        assert come_back(client, location).status_code == HTTPStatus.FORBIDDEN
        location = canaille.sign_in(client.get(START).location, BACK)
        assert "&iss=" in location, "it does not say who it is"
        assert come_back(client, f"{location}.evil.example").status_code == HTTPStatus.BAD_REQUEST
        assert not is_signed_in(client)
