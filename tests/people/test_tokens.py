"""API tokens: only their hash is kept; revoked, expired, foreign and unscoped ones are refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus

import pytest
from flask import Flask, g, jsonify
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy import event, select, update

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.days import day_of
from surveyapp.extensions import db
from surveyapp.people import granting, service, tokens
from surveyapp.people.access import allow
from surveyapp.people.errors import UnknownToken, UnknownUser
from surveyapp.people.models import ApiToken, AuditEntry, User
from surveyapp.people.rights import EVERYWHERE, RoleName
from surveyapp.people.tokens import Scope, bearer
from tests.accounts import browser, make_user


@pytest.fixture
def caller(app: Flask, settings: Settings) -> Iterator[FlaskClient]:
    """A client of an application that has one more route, behind a token to submit."""
    other = create_app(settings)

    @other.post("/guarded")
    @allow(bearer(Scope.SUBMIT))
    def guarded() -> ResponseReturnValue:
        return jsonify(
            user=db.session.get_one(User, g.sender.user_id).username, scopes=sorted(g.sender.scopes)
        )

    yield browser(other)
    with other.app_context():
        db.engine.dispose()


def made(*scopes: Scope, expires: datetime | None = None) -> str:
    make_user("erlan", RoleName.INTERVIEWER)
    return tokens.create_token("erlan", scopes or [Scope.SUBMIT], label="phone", expires=expires)


def call(caller: FlaskClient, token: str, **headers: str) -> tuple[int, dict[str, object], str]:
    answer = caller.post("/guarded", headers={"Authorization": f"Bearer {token}", **headers})
    return answer.status_code, answer.get_json(), answer.headers.get("WWW-Authenticate", "")


def test_a_good_token_says_who_is_calling(caller: FlaskClient) -> None:
    status, body, _challenge = call(caller, made(Scope.SUBMIT, Scope.EXPORT))
    assert status == HTTPStatus.OK
    assert body == {"user": "erlan", "scopes": ["export", "submit"]}


def test_only_the_hash_of_a_token_is_kept(app: Flask) -> None:
    token = made()
    row = db.session.scalars(select(ApiToken)).one()
    assert row.token_hash == hashlib.sha256(token.encode()).digest()
    kept = [getattr(row, column.key) for column in ApiToken.__table__.columns]
    kept += [(entry.subject, entry.details) for entry in db.session.scalars(select(AuditEntry))]
    assert token not in str(kept)
    assert token.removeprefix(tokens.PREFIX) not in str(kept)


def test_two_tokens_are_never_alike_and_have_256_random_bits(app: Flask) -> None:
    make_user("erlan")
    many = {tokens.create_token("erlan", [Scope.SUBMIT], label="") for _number in range(20)}
    assert len(many) == 20
    assert all(len(token) >= len(tokens.PREFIX) + 43 for token in many)


def test_a_revoked_token_is_refused(caller: FlaskClient) -> None:
    token = made()
    tokens.revoke_token(db.session.scalars(select(ApiToken.id)).one())
    status, _body, challenge = call(caller, token)
    assert status == HTTPStatus.UNAUTHORIZED
    assert 'error="invalid_token"' in challenge


def test_a_token_is_good_until_its_end_and_no_longer(
    caller: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = datetime(2099, 1, 1, tzinfo=UTC)
    token = made(expires=ends)
    monkeypatch.setattr(tokens, "utc_now", lambda: ends - timedelta(seconds=1))
    assert call(caller, token)[0] == HTTPStatus.OK
    monkeypatch.setattr(tokens, "utc_now", lambda: ends)
    assert call(caller, token)[0] == HTTPStatus.UNAUTHORIZED


def test_the_token_of_somebody_deactivated_is_refused(caller: FlaskClient) -> None:
    token = made()
    service.deactivate("erlan")
    assert call(caller, token)[0] == HTTPStatus.UNAUTHORIZED


def test_a_token_without_the_scope_is_refused_and_told_which(caller: FlaskClient) -> None:
    status, _body, challenge = call(caller, made(Scope.EXPORT))
    assert status == HTTPStatus.FORBIDDEN
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="submit"' in challenge


def test_a_token_to_submit_is_no_use_to_somebody_who_may_not_collect(caller: FlaskClient) -> None:
    token = made()
    granting.take("erlan", RoleName.INTERVIEWER, EVERYWHERE)
    granting.give("erlan", RoleName.REVIEWER, EVERYWHERE)
    status, _body, challenge = call(caller, token)
    assert status == HTTPStatus.FORBIDDEN
    assert 'error="insufficient_scope"' in challenge


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Basic ZXJsYW46eA==",
        "Bearer \u00e9",
        "Bearer a b",
        "x",
        "Basic \u0080",
    ],
)
def test_anything_else_is_refused_as_a_problem_document(caller: FlaskClient, authorization: str) -> None:
    answer = caller.post("/guarded", headers={"Authorization": authorization})
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="')
    assert answer.get_json()["status"] == HTTPStatus.UNAUTHORIZED


def test_no_token_at_all_is_refused_without_naming_an_error(caller: FlaskClient) -> None:
    answer = caller.post("/guarded")
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert "error" not in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("path", ["/guarded?access_token={}", "/guarded?auth_token={}"])
def test_a_token_in_the_address_is_not_taken(caller: FlaskClient, path: str) -> None:
    assert caller.post(path.format(made())).status_code == HTTPStatus.UNAUTHORIZED


def test_the_refusal_speaks_the_callers_language(caller: FlaskClient) -> None:
    titles = {
        language: call(caller, "nonsense", **{"Accept-Language": language})[1]["title"]
        for language in ("kk", "ru", "en")
    }
    assert titles["en"] == "The access token is not valid"
    assert len(set(titles.values())) == 3


def test_looking_at_a_token_takes_no_lock_on_the_database(app: Flask) -> None:
    """A writer holds SQLite's only write lock; the token is read all the same."""
    token = made()
    with db.engine.begin() as writer:
        writer.execute(update(ApiToken).values(name="held"))
        assert tokens.holder_of(token) is not None


def test_unknown_people_and_numbers_are_said_so(app: Flask) -> None:
    with pytest.raises(UnknownUser):
        tokens.create_token("nobody", [Scope.SUBMIT], label="")
    with pytest.raises(UnknownToken):
        tokens.revoke_token(4711)


def test_revoking_twice_keeps_the_first_time(app: Flask) -> None:
    made()
    number = db.session.scalars(select(ApiToken.id)).one()
    tokens.revoke_token(number)
    first = db.session.get_one(ApiToken, number).revoked_at
    tokens.revoke_token(number)
    assert db.session.get_one(ApiToken, number).revoked_at == first
    assert first is not None and first <= utc_now()


# --- when it was last used --------------------------------------------------------------------------


def used_on() -> date | None:
    db.session.rollback()
    day = db.session.scalars(select(ApiToken.used_on)).one()
    db.session.rollback()
    return day


def written(caller: FlaskClient, token: str) -> list[str]:
    """The statements by which a call writes down that the token was used."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with caller.application.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        call(caller, token)
        event.remove(db.engine, "before_cursor_execute", note)
    return [statement for statement in seen if statement.startswith("UPDATE api_token")]


def test_the_day_of_its_last_use_is_written_down_once_a_day(
    caller: FlaskClient, settings: Settings
) -> None:
    token = made()
    assert used_on() is None
    assert len(written(caller, token)) == 1
    assert used_on() == day_of(utc_now(), settings.timezone)
    assert written(caller, token) == []
    db.session.execute(update(ApiToken).values(used_on=date(2026, 1, 1)))
    db.session.commit()
    assert len(written(caller, token)) == 1
    assert used_on() == day_of(utc_now(), settings.timezone)


def test_a_token_that_is_refused_was_not_used(caller: FlaskClient) -> None:
    token = made(expires=utc_now() - timedelta(seconds=1))
    assert written(caller, token) == []
    assert used_on() is None
