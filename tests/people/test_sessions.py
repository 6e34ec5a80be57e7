"""Sessions as rows: what the cookie names can be seen, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import links, service, sessions
from surveyapp.people.models import AuditEntry, SignIn, User
from surveyapp.people.sessions import SEEN_EVERY, SESSION_HOURS
from surveyapp.people.user_agents import browser_in_words
from tests.accounts import SIGN_OUT, browser, choose_password, is_signed_in, make_user, post, sign_in

ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36"
)


def rows() -> list[SignIn]:
    db.session.rollback()
    return list(db.session.scalars(select(SignIn).order_by(SignIn.id)))


def signed_in(app: Flask, name: str = "aigerim", address: str = "127.0.0.1") -> FlaskClient:
    client = browser(app, address)
    assert sign_in(client, name).location == "/manage"
    return client


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("session")
    assert cookie
    return cookie.value


def test_a_sign_in_says_where_and_in_what_but_keeps_neither_address_nor_key(app: Flask) -> None:
    make_user()
    client = browser(app, "203.0.113.77")
    sign_in(client, **{"User-Agent": ANDROID})
    (row,) = rows()
    assert (row.network, row.browser) == ("203.0.113.*", "Chrome, Android")
    with client.session_transaction() as cookie:
        key = cookie["sign_in"]
    assert len(key) >= 43
    assert key.encode() not in row.key_hash


def test_a_session_whose_row_is_gone_is_over(app: Flask) -> None:
    make_user()
    here, there = signed_in(app), signed_in(app)
    assert sessions.end_one(service.known_user("aigerim"), rows()[0].id)
    assert not is_signed_in(here)
    assert is_signed_in(there)


def test_a_cookie_that_was_copied_opens_nothing_after_signing_out(app: Flask) -> None:
    make_user()
    client = signed_in(app)
    stolen = cookie_of(client)
    post(client, SIGN_OUT)
    thief = browser(app)
    thief.set_cookie("session", stolen)
    assert not is_signed_in(thief)
    assert rows() == []


def test_signing_in_as_somebody_else_ends_the_session_that_the_browser_had(app: Flask) -> None:
    make_user()
    make_user("bolat")
    client = signed_in(app)
    word = links.make("bolat").word
    choose_password(client, f"/manage/link?word={word}", "quite another one")
    assert [row.user_id for row in rows()] == [service.known_user("bolat").id]


def test_somebody_elses_sessions_go_on(app: Flask) -> None:
    make_user()
    make_user("bolat")
    hers, his = signed_in(app), signed_in(app, "bolat")
    assert not sessions.end_one(service.known_user("bolat"), rows()[0].id)
    sessions.end_sessions("bolat")
    assert is_signed_in(hers)
    assert not is_signed_in(his)


def test_a_deactivated_account_has_no_session(app: Flask) -> None:
    make_user()
    make_user("bolat")
    signed_in(app)
    service.deactivate("aigerim")
    assert rows() == []


def test_a_new_password_on_the_command_line_ends_every_session(app: Flask) -> None:
    make_user()
    client = signed_in(app)
    service.set_password("aigerim", "quite another one")
    assert rows() == []
    assert not is_signed_in(client)


def test_a_session_is_over_after_a_working_day_and_its_row_is_cleaned_away(app: Flask) -> None:
    make_user()
    client, young = signed_in(app), signed_in(app)
    begun = utc_now() - SESSION_HOURS - timedelta(seconds=1)
    db.session.execute(update(SignIn).where(SignIn.id == rows()[0].id).values(begun_at=begun))
    db.session.commit()
    assert not is_signed_in(client)
    assert len(sessions.sessions_of(service.known_user("aigerim").id)) == 1
    assert sessions.clean(utc_now()) == 1
    assert is_signed_in(young)


def test_when_somebody_was_last_seen_is_written_rarely(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user()
    client = signed_in(app)
    (begun,) = [row.seen_at for row in rows()]
    client.get("/manage")
    assert rows()[0].seen_at == begun
    later = utc_now() + SEEN_EVERY + timedelta(seconds=1)
    monkeypatch.setattr(sessions, "utc_now", lambda: later)
    assert is_signed_in(client)
    assert rows()[0].seen_at == later
    assert db.session.scalar(select(User.seen_at)) == later


@contextmanager
def statements() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield said
    event.remove(db.engine, "before_cursor_execute", note)


def test_who_is_signed_in_is_asked_once_with_the_session(app: Flask) -> None:
    make_user()
    client = signed_in(app)
    with statements() as said:
        client.get("/manage/password")
    asked = [statement for statement in said if "sign_in" in statement]
    assert len(asked) == 1
    assert "fs_uniquifier" in asked[0]
    # and the roles, and whether a prepared file is to be told of
    assert len([s for s in said if not s.startswith(("BEGIN", "ROLLBACK"))]) == 3


def test_what_is_ended_is_in_the_log(app: Flask) -> None:
    make_user()
    for _number in range(2):
        signed_in(app)
    assert sessions.end_sessions("aigerim") == 2
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc())).first()
    assert entry
    assert (entry.action, entry.subject, entry.details) == ("sessions_ended", "aigerim", {"count": 2})
    count = db.session.scalar(select(func.count()).select_from(AuditEntry))
    assert sessions.end_sessions("aigerim") == 0
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == count


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.*"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:*"),
        ("::1", "0:0:0:*"),
        ("somewhere", ""),
        (None, ""),
    ],
)
def test_an_address_is_shortened(address: str | None, network: str) -> None:
    assert sessions.network_of(address) == network


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (ANDROID, "Chrome, Android"),
        (ANDROID.replace("Chrome/", "SamsungBrowser/25.0 Chrome/"), "Samsung Internet, Android"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/124.0.0.0 YaBrowser/24.6.0.0 Safari/537.36",
            "Yandex Browser, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox, Linux"),
        ("curl/8.5.0", ""),
        ("", ""),
        ("<script>\x00", ""),
    ],
)
def test_a_browser_is_told_in_words(user_agent: str, words: str) -> None:
    assert browser_in_words(user_agent) == words
