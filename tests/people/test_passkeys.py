"""What is sent in place of a passkey's answer: whatever it is, it opens nothing and breaks nothing."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import factors
from surveyapp.people.audit import Action
from surveyapp.people.models import AuditEntry, Passkey, User
from tests.accounts import browser, is_signed_in, make_user, sign_in, token_of
from tests.people.second_factors import OVERVIEW, SECOND, send, set_up_app

NEW = "/manage/second-factor/passkeys/new"
USE = "/manage/sign-in/passkey"
#: of a passkey whose private half nobody has
CREDENTIAL = b"\x01" * 32
B64 = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
GARBAGE = [
    "",
    "{",
    "[]",
    "null",
    '"\\u0000"',
    "x" * 30_000,
    json.dumps({"id": B64, "rawId": B64, "type": "public-key"}),
    json.dumps({"id": B64, "rawId": B64, "type": "public-key", "response": []}),
    json.dumps(
        {
            "id": B64,
            "rawId": B64,
            "type": "public-key",
            "response": {
                "clientDataJSON": "e30",
                "authenticatorData": "AAAA",
                "attestationObject": "o2NmbXQ",
                "signature": "AAAA",
            },
        }
    ),
    "[" * 9_000,
]


@pytest.fixture
def half(app: Flask) -> FlaskClient:
    """A browser of somebody with a passkey, after the password."""
    make_user()
    user = db.session.scalars(select(User)).one()
    add_passkey(user)
    user.second_factor_at = utc_now()
    db.session.commit()
    client = browser(app)
    assert sign_in(client).location == SECOND
    return client


def add_passkey(user: User) -> Passkey:
    passkey = Passkey(
        user_id=user.id, name="key", credential_id=CREDENTIAL, public_key=b"\xa0", sign_count=0
    )
    db.session.add(passkey)
    db.session.flush()
    return passkey


@pytest.mark.parametrize("answer", GARBAGE)
def test_garbage_signs_nobody_in(half: FlaskClient, answer: str) -> None:
    form = {"csrf_token": token_of(half, f"https://localhost{SECOND}"), "credential": answer}
    got = half.post(USE, data=form)
    assert got.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert not is_signed_in(half)


@pytest.mark.parametrize("answer", GARBAGE)
def test_garbage_is_no_passkey(client: FlaskClient, answer: str) -> None:
    make_user()
    sign_in(client)
    client.get(f"https://localhost{NEW}")
    got = send(client, NEW, name="phone", credential=answer)
    assert got.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert db.session.scalars(select(Passkey)).all() == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b", "a\nb"])
def test_a_passkey_needs_a_name_that_can_be_shown(client: FlaskClient, name: str) -> None:
    make_user()
    sign_in(client)
    answer = send(client, NEW, name=name, credential="{}")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_only_ones_own_passkey_is_removed(app: Flask) -> None:
    make_user("erlan")
    erlan = db.session.scalars(select(User)).one()
    number = add_passkey(erlan).id
    db.session.commit()
    make_user("dana")
    client = browser(app)
    sign_in(client, "dana")
    for guessed in (number, number + 1, 2**31, 2**70):
        assert send(client, f"{OVERVIEW}/passkeys/{guessed}/remove").status_code == HTTPStatus.SEE_OTHER
    assert db.session.get(Passkey, number) is not None


def test_a_passkey_is_removed_and_what_else_there_is_stays(app: Flask) -> None:
    make_user()
    client = browser(app)
    sign_in(client)
    set_up_app(client)
    user = db.session.scalars(select(User)).one()
    number = add_passkey(user).id
    db.session.commit()
    send(client, f"{OVERVIEW}/passkeys/{number}/remove")
    user = db.session.scalars(select(User)).one()
    assert factors.passkeys(user) == []
    assert factors.has_one(user)
    removed = db.session.scalars(select(AuditEntry).filter_by(action=Action.FACTOR_REMOVED)).one()
    assert removed.details == {"factor": "passkey"}
