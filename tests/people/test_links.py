"""One-time links: they let one person in, once, and tell nobody else anything."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from threading import Barrier
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from passlib.context import CryptContext
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import inviting, links, service
from surveyapp.people.errors import BadGrant, BadLink, Deactivated, NameTaken, NotForOneself, UnknownUser
from surveyapp.people.models import AccountLink, AuditEntry, User
from surveyapp.people.rights import EVERYWHERE, Place, RoleName
from tests.accounts import (
    LINK,
    PASSWORD,
    browser,
    choose_password,
    is_signed_in,
    make_user,
    post,
    sign_in,
    token_of,
)

ANOTHER = "quite another one"
NOT_VALID = "This link is not valid"


def invited(name: str = "aigerim") -> str:
    """The address of the link of a new account."""
    return link_of(inviting.invite(name, [RoleName.ADMINISTRATOR], EVERYWHERE, None))


def link_of(made: links.NewLink) -> str:
    return f"{LINK}?word={made.word}"


def opened(client: FlaskClient, link: str) -> TestResponse:
    return client.get(link, headers={"Accept-Language": "en"})


def has_form(client: FlaskClient, link: str) -> bool:
    return 'name="new_password"' in opened(client, link).get_data(as_text=True)


def actions() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.serial)))


# --- one person, once -------------------------------------------------------------------------------


def test_an_invited_person_chooses_a_password_and_is_signed_in(client: FlaskClient) -> None:
    answer = choose_password(client, invited())
    assert answer.location == "/manage/me"
    assert is_signed_in(client)
    assert sign_in(browser(client.application)).location == "/manage"
    assert actions()[:3] == ["user_added", "link_made", "link_used"]


def test_opening_a_link_any_number_of_times_uses_nothing_up(app: Flask, client: FlaskClient) -> None:
    link = invited()
    for preview in (browser(app), browser(app), client):
        assert has_form(preview, link)
    assert client.head(link).status_code == HTTPStatus.OK
    assert choose_password(client, link).status_code == HTTPStatus.SEE_OTHER


def test_a_link_works_once(app: Flask, client: FlaskClient) -> None:
    link = invited()
    token = token_of(client, link)
    choose_password(browser(app), link)
    assert not has_form(client, link)
    form = {"word": link.split("=")[1], "new_password": ANOTHER, "new_password_confirm": ANOTHER}
    assert client.post(LINK, data={**form, "csrf_token": token}).status_code == HTTPStatus.NOT_FOUND
    assert sign_in(browser(app), password=ANOTHER).location is None


def test_of_many_who_bring_a_link_at_once_one_gets_in(app: Flask) -> None:
    word = invited().split("=")[1]
    together = Barrier(4)

    def bring(number: int) -> bool:
        with app.app_context():
            together.wait()
            try:
                links.use(word, f"quite another one {number}", "")
            except BadLink:
                return False
            return True

    db.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(bring, range(4))) == 1
    assert actions().count("link_used") == 1


def test_a_new_link_replaces_the_former(client: FlaskClient) -> None:
    former = invited()
    newer = link_of(links.make("aigerim"))
    assert not has_form(client, former)
    assert has_form(client, newer)


def test_a_link_is_over_after_three_days(client: FlaskClient) -> None:
    link = invited()
    ends = db.session.scalars(select(AccountLink.expires_at)).one()
    assert timedelta(hours=71) < ends - utc_now() <= timedelta(hours=72)
    db.session.execute(update(AccountLink).values(expires_at=utc_now() - timedelta(seconds=1)))
    db.session.commit()
    assert not has_form(client, link)
    assert links.clean(utc_now()) == 1


@pytest.mark.parametrize(
    "what", ["wrong", "used", "replaced", "over", "deactivated", "long", "odd", "nul"]
)
def test_whatever_is_wrong_with_a_link_the_answer_is_the_same(
    app: Flask, client: FlaskClient, what: str
) -> None:
    make_user("bolat")
    link = invited()
    if what == "used":
        choose_password(browser(app), link)
    elif what == "replaced":
        links.make("aigerim")
    elif what == "over":
        db.session.execute(update(AccountLink).values(expires_at=utc_now()))
        db.session.commit()
    elif what == "deactivated":
        service.deactivate("aigerim")
    else:
        odd = {"wrong": "x" * 43, "long": "x" * 9000, "odd": "%D0%BF%FF", "nul": "a%00b"}
        link = f"{LINK}?word={odd[what]}"
    answer = opened(client, link)
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert NOT_VALID in answer.get_data(as_text=True)
    assert opened(client, LINK).get_data(as_text=True).count(NOT_VALID) > 0


@pytest.mark.parametrize(
    ("password", "again"),
    [
        ("short", "short"),
        (ANOTHER, "not the same one"),
        ("my name is Aigerim", "my name is Aigerim"),
        ("x" * 129, "x" * 129),
        ("", ""),
    ],
)
def test_a_bad_password_is_told_beside_its_field_and_the_link_stays_good(
    client: FlaskClient, password: str, again: str
) -> None:
    link = invited()
    answer = choose_password(client, link, password, again)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'class="bad"' in answer.get_data(as_text=True)
    assert not is_signed_in(client)
    assert choose_password(client, link).status_code == HTTPStatus.SEE_OTHER


# --- those who guess, and what can be seen ------------------------------------------------------------


def test_trying_links_is_limited_as_guessing_passwords_is(app: Flask) -> None:
    link = invited()
    guesser = browser(app, "203.0.113.5")
    for _number in range(links.TRYING.ceiling):
        assert opened(guesser, f"{LINK}?word=guess").status_code == HTTPStatus.NOT_FOUND
    assert opened(guesser, link).status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert has_form(browser(app, "198.51.100.7"), link)


def test_a_link_is_kept_as_a_keyed_hash(app: Flask) -> None:
    word = invited().split("=")[1]
    kept = db.session.scalars(select(AccountLink.token_hash)).one()
    assert word.encode() not in kept
    written = " ".join(f"{e.subject} {e.details}" for e in db.session.scalars(select(AuditEntry)))
    assert word not in written


def test_the_page_of_a_link_tells_no_other_page_where_it_is(client: FlaskClient) -> None:
    link = invited()
    for page in (link, f"{LINK}?word=wrong"):
        assert opened(client, page).headers["Referrer-Policy"] == "no-referrer"
    title = opened(client, link).get_data(as_text=True).split("<title>")[1].split("</title>")[0]
    assert "aigerim" not in title


def test_a_form_without_its_token_changes_nothing(client: FlaskClient) -> None:
    form = {"word": invited().split("=")[1], "new_password": ANOTHER, "new_password_confirm": ANOTHER}
    assert client.post(LINK, data=form).status_code == HTTPStatus.BAD_REQUEST
    assert db.session.scalars(select(User.password)).one() is None


def test_an_account_without_a_password_cannot_be_told_from_others_at_the_sign_in(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user("bolat")
    invited()
    hashed: list[str] = []

    def counted(way: str) -> None:
        real = getattr(CryptContext, way)

        def hashing(*arguments: Any, **named: Any) -> Any:
            hashed.append(way)
            return real(*arguments, **named)

        monkeypatch.setattr(CryptContext, way, hashing)

    counted("hash")
    counted("verify")
    pages = set()
    for name in ("bolat", "aigerim", "nobody"):
        hashed.clear()
        page = sign_in(client, name, "not the password").get_data(as_text=True)
        assert len(hashed) == 1, name
        pages.add(page.split("role=")[1].split("<form")[0].replace(name, ""))
    assert len({page.split('alert">')[-1].split("</p>")[0] for page in pages}) == 1


@pytest.mark.parametrize("password", ["", " ", "None", "x"])
def test_nobody_signs_in_where_no_password_was_chosen(client: FlaskClient, password: str) -> None:
    invited()
    sign_in(client, "aigerim", password)
    assert not is_signed_in(client)


# --- a reset ------------------------------------------------------------------------------------------


def test_a_reset_ends_every_session_and_the_password_of_before(app: Flask, client: FlaskClient) -> None:
    make_user()
    sign_in(client)
    link = link_of(links.make("aigerim"))
    assert is_signed_in(client)  # until it is used, nothing changes
    choose_password(browser(app), link, ANOTHER)
    assert not is_signed_in(client)
    assert sign_in(client).location is None
    assert sign_in(client, password=ANOTHER).location == "/manage"


def test_the_person_is_told_who_had_the_password_reset_at_each_sign_in(app: Flask) -> None:
    make_user("bolat")
    make_user("steward", RoleName.DATA_STEWARD)
    link = link_of(links.make("steward", made_by=service.known_user("bolat").id))

    def told(password: str) -> str:
        client = browser(app)
        sign_in(client, "steward", password, **{"Accept-Language": "en"})
        return client.get("/manage", headers={"Accept-Language": "en"}).get_data(as_text=True)

    assert "A link to reset your password was made" in told(PASSWORD)
    choose_password(browser(app), link, ANOTHER)
    for _sign_in in range(2):
        page = told(ANOTHER)
        assert "Your password was reset" in page
        assert "bolat" in page
    entry = db.session.scalars(select(AuditEntry).filter_by(action="link_made")).one()
    assert entry.subject == "steward"
    assert entry.details == {"link": "reset", "roles": ["data_steward"]}


def test_somebody_who_signs_in_without_a_password_is_told_of_a_link_too(app: Flask) -> None:
    invited()
    db.session.execute(update(User).values(seen_at=utc_now()))
    db.session.commit()
    assert links.make("aigerim").purpose is links.Purpose.RESET
    assert links.last_reset(service.known_user("aigerim").id)


def test_after_a_while_it_is_told_no_more_but_stays_on_ones_account(app: Flask) -> None:
    make_user()
    choose_password(browser(app), link_of(links.make("aigerim")), ANOTHER)
    used = utc_now() - links.TOLD - timedelta(minutes=1)
    db.session.execute(update(AccountLink).values(used_at=used))
    db.session.commit()
    client = browser(app)
    sign_in(client, password=ANOTHER, **{"Accept-Language": "en"})
    page = client.get("/manage", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "Your password was reset" not in page
    own = client.get("/manage/me", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "The password was reset by a link" in own
    assert links.clean(utc_now()) == 0


def test_an_unused_link_is_good_no_more_once_the_password_was_changed(
    app: Flask, client: FlaskClient
) -> None:
    make_user()
    sign_in(client)
    link = link_of(links.make("aigerim"))
    form = {"password": PASSWORD, "new_password": ANOTHER, "new_password_confirm": ANOTHER}
    post(client, "/manage/password", form)
    assert not has_form(browser(app), link)


def test_a_second_factor_is_asked_for_after_a_link_too(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugins = client.application.extensions["security"].two_factor_plugins
    asked = Response("the second factor", HTTPStatus.ACCEPTED)
    monkeypatch.setattr(plugins, "tf_enter", lambda *_given, **_named: asked)
    answer = choose_password(client, invited())
    assert answer.status_code == HTTPStatus.ACCEPTED
    assert not is_signed_in(client)


def test_links_are_for_accounts_that_are_there_active_and_somebody_elses(app: Flask) -> None:
    make_user()
    make_user("erlan")
    service.deactivate("erlan")
    with pytest.raises(UnknownUser):
        links.make("nobody")
    with pytest.raises(Deactivated):
        links.make("erlan")
    with pytest.raises(NotForOneself):
        links.make("aigerim", made_by=service.known_user("aigerim").id)


def test_an_invitation_is_made_whole_or_not_at_all(app: Flask) -> None:
    make_user()
    with pytest.raises(NameTaken):
        inviting.invite("Aigerim", [RoleName.ANALYST], EVERYWHERE, None)
    with pytest.raises(BadGrant):
        inviting.invite("erlan", [RoleName.ANALYST], Place("x\x00", None), None)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(User)) == 1
    assert db.session.scalar(select(func.count()).select_from(AccountLink)) == 0


# --- in whose language --------------------------------------------------------------------------------


def speaking(name: str, language: str) -> None:
    db.session.execute(update(User).where(User.username == name).values(language=language))
    db.session.commit()


def test_a_link_speaks_the_language_of_its_account(app: Flask, client: FlaskClient) -> None:
    make_user("dana", RoleName.REVIEWER)
    speaking("dana", "kk")
    link = link_of(links.make("dana"))
    page = opened(client, link).get_data(as_text=True)
    assert '<html lang="kk">' in page
    assert "Құпиясөз" in page
    refused = choose_password(client, link, "short").get_data(as_text=True)
    assert '<html lang="kk">' in refused


def test_an_account_without_a_language_is_spoken_to_in_the_browsers(
    app: Flask, client: FlaskClient
) -> None:
    page = opened(client, invited()).get_data(as_text=True)
    assert '<html lang="en">' in page


def test_what_is_told_of_a_reset_is_in_the_language_of_the_account(app: Flask) -> None:
    make_user("dana", RoleName.REVIEWER)
    speaking("dana", "ru")
    links.make("dana")
    client = browser(app)
    sign_in(client, "dana", **{"Accept-Language": "en"})
    page = client.get("/manage/me", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "A link to reset your password" not in page
    assert "Создана ссылка для смены вашего пароля" in page
