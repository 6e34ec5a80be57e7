"""The pages about people: inviting, giving and taking roles, getting somebody in and out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from surveyapp.extensions import db
from surveyapp.manage.queries import PAGE
from surveyapp.people import granting, service, tokens
from surveyapp.people.models import ApiToken, AuditEntry, User
from surveyapp.people.rights import Place, RoleName
from surveyapp.people.tokens import Scope
from tests.accounts import PASSWORD, browser, choose_password, is_signed_in, make_user, post, sign_in
from tests.manage.rows import SITE, publish_site
from tests.people.second_factors import set_up_app

PEOPLE = "/manage/people"
ALMATY = "750000000"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """An administrator, who reads English."""
    make_user("bolat", RoleName.ADMINISTRATOR)
    signed_in = browser(app)
    signed_in.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(signed_in, "bolat")
    return signed_in


def page_of(client: FlaskClient, address: str, status: HTTPStatus = HTTPStatus.OK) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return unescape(answer.get_data(as_text=True))


def numbered(name: str) -> int:
    return service.known_user(name).id


def account_of(name: str) -> str:
    return f"{PEOPLE}/{numbered(name)}"


def told(client: FlaskClient, address: str, form: dict[str, str] | None = None) -> str:
    """What the page says after a form was sent and led back to it."""
    answer = post(client, address, form)
    assert answer.status_code == HTTPStatus.SEE_OTHER, answer.status
    return page_of(client, answer.location)


def actions() -> list[tuple[str, str]]:
    db.session.rollback()
    rows = db.session.execute(
        select(AuditEntry.action, AuditEntry.subject)
        .where(AuditEntry.user_id == numbered("bolat"), AuditEntry.action != "signed_in")
        .order_by(AuditEntry.serial)
    )
    return [(row.action, row.subject) for row in rows]


def grants_of(name: str) -> list[tuple[str, str, str]]:
    db.session.rollback()
    held = service.known_user(name).grants
    return [(grant.role.name, grant.questionnaire, grant.region) for grant in held]


# --- inviting ---------------------------------------------------------------------------------------

NEW = {"name": "Erlan", "roles": "supervisor", "questionnaire": SITE, "region": ALMATY}


def test_an_administrator_invites_somebody_who_then_signs_in(app: Flask, client: FlaskClient) -> None:
    publish_site()
    page = post(client, f"{PEOPLE}/new", NEW).get_data(as_text=True)
    link = re.search(r"http://localhost(/manage/link\?word=[\w-]+)", page)
    assert link
    assert "<svg" in page
    assert grants_of("erlan") == [("supervisor", SITE, ALMATY)]
    newcomer = browser(app)
    assert choose_password(newcomer, link[1]).location == "/manage/me"
    assert is_signed_in(newcomer)
    assert actions() == [("user_added", "erlan"), ("link_made", "erlan")]


def test_the_link_is_nowhere_to_be_seen_again(client: FlaskClient) -> None:
    page = post(client, f"{PEOPLE}/new", NEW | {"questionnaire": "", "region": ""})
    word = re.search(r"word=([\w-]+)", page.get_data(as_text=True))
    assert word
    for address in (account_of("erlan"), PEOPLE, "/manage/log"):
        assert word[1] not in page_of(client, address)
    assert "A link is waiting" in page_of(client, account_of("erlan"))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "Enter a user name"),
        ({"name": "a b"}, "Two to 64 letters"),
        ({"name": "x\x00y"}, "Two to 64 letters"),
        ({"name": "y" * 5000}, "Two to 64 letters"),
        ({"roles": ""}, "Choose at least one role"),
        ({"roles": "king"}, "king"),
        ({"questionnaire": "nothing"}, "Not a valid choice"),
        ({"region": "' OR 1=1"}, "Not a valid choice"),
    ],
)
def test_a_bad_invitation_says_what_is_wrong_beside_the_field(
    client: FlaskClient, wrong: dict[str, str], words: str
) -> None:
    form = {"name": "erlan", "roles": "supervisor", "questionnaire": "", "region": ""}
    answer = post(client, f"{PEOPLE}/new", form | wrong)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert words in unescape(answer.get_data(as_text=True))
    assert db.session.scalars(select(User.username)).all() == ["bolat"]


def test_a_name_that_is_taken_is_said_beside_it(client: FlaskClient) -> None:
    answer = post(client, f"{PEOPLE}/new", NEW | {"name": "BOLAT", "questionnaire": "", "region": ""})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Somebody has this name already" in answer.get_data(as_text=True)


def test_a_role_that_is_ticked_twice_is_given_once(client: FlaskClient) -> None:
    form = NEW | {"roles": ["analyst", "analyst"], "questionnaire": "", "region": ""}
    assert post(client, f"{PEOPLE}/new", form).status_code == HTTPStatus.OK  # type: ignore[arg-type]
    assert grants_of("erlan") == [("analyst", "", "")]


# --- roles ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "region", "role"),
    [
        ("kk", "Алматы қаласы", "супервайзер"),
        ("ru", "город Алматы", "супервайзер"),
        ("en", "Almaty", "supervisor"),
    ],
)
def test_roles_and_their_places_are_in_the_readers_language(
    client: FlaskClient, language: str, region: str, role: str
) -> None:
    make_user("erlan", RoleName.INTERVIEWER)
    granting.give("erlan", RoleName.SUPERVISOR, Place(None, ALMATY))
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    for page in (PEOPLE, account_of("erlan")):
        html = page_of(client, page)
        assert region in html
        assert role in html


def test_a_role_is_given_and_taken(client: FlaskClient) -> None:
    publish_site()
    make_user("erlan", RoleName.INTERVIEWER)
    form = {"role": "reviewer", "questionnaire": SITE, "region": ""}
    assert "The role is given" in told(client, f"{account_of('erlan')}/give", form)
    assert "have this role already" in told(client, f"{account_of('erlan')}/give", form)
    assert grants_of("erlan") == [("interviewer", "", ""), ("reviewer", SITE, "")]
    number = {"number": str(service.known_user("erlan").grants[1].id)}
    assert "The role is taken" in told(client, f"{account_of('erlan')}/take", number)
    assert "do not have this role" in told(client, f"{account_of('erlan')}/take", number)
    assert grants_of("erlan") == [("interviewer", "", "")]
    assert actions() == [("role_granted", "erlan"), ("role_taken", "erlan")]


def test_a_role_is_not_taken_from_somebody_else_by_its_number(client: FlaskClient) -> None:
    make_user("erlan", RoleName.INTERVIEWER)
    mine = {"number": str(service.known_user("bolat").grants[0].id)}
    assert "do not have this role" in told(client, f"{account_of('erlan')}/take", mine)
    assert grants_of("bolat") == [("administrator", "", "")]


@pytest.mark.parametrize("number", ["", "x", "-1", "0", "99999999999999999999", "1\x00"])
def test_a_number_that_is_none_takes_nothing(client: FlaskClient, number: str) -> None:
    told(client, f"{account_of('bolat')}/take", {"number": number})
    assert grants_of("bolat") == [("administrator", "", "")]


def test_somebody_is_left_who_can_give_rights(client: FlaskClient) -> None:
    number = {"number": str(service.known_user("bolat").grants[0].id)}
    assert "Nobody would be left" in told(client, f"{account_of('bolat')}/take", number)
    assert grants_of("bolat") == [("administrator", "", "")]


def test_an_administrator_of_a_part_is_told_what_that_lacks(client: FlaskClient) -> None:
    make_user("erlan", RoleName.INTERVIEWER)
    granting.give("erlan", RoleName.ADMINISTRATOR, Place(None, ALMATY))
    assert "only come with this role for everything" in page_of(client, account_of("erlan"))


@pytest.mark.parametrize("form", [{}, {"role": "king"}, {"role": "reviewer", "region": "Mars"}])
def test_a_bad_role_is_refused_in_words(client: FlaskClient, form: dict[str, str]) -> None:
    answer = post(client, f"{account_of('bolat')}/give", form)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'class="bad"' in answer.get_data(as_text=True)
    assert len(grants_of("bolat")) == 1


# --- in and out -------------------------------------------------------------------------------------


def test_a_link_to_reset_a_password_is_shown_and_logged_and_told(
    app: Flask, client: FlaskClient
) -> None:
    make_user("steward", RoleName.DATA_STEWARD)
    page = post(client, f"{account_of('steward')}/link").get_data(as_text=True)
    link = re.search(r"/manage/link\?word=[\w-]+", page)
    assert link
    assert "They are told that you made this link" in page
    assert actions() == [("link_made", "steward")]
    choose_password(browser(app), link[0], "quite another one")
    steward = browser(app)
    sign_in(steward, "steward", "quite another one", **{"Accept-Language": "en"})
    home = steward.get("/manage", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "Your password was reset" in home
    assert "bolat" in home


def test_nobody_resets_or_deactivates_their_own_account(client: FlaskClient) -> None:
    make_user("other", RoleName.ADMINISTRATOR)
    own = account_of("bolat")
    assert "Change your own password" in told(client, f"{own}/link")
    assert "Another administrator" in told(client, f"{own}/deactivate", {"confirmed": "y"})
    assert is_signed_in(client)


def test_sessions_of_somebody_are_seen_and_ended(app: Flask, client: FlaskClient) -> None:
    make_user("erlan", RoleName.SUPERVISOR)
    his = browser(app, "203.0.113.9")
    sign_in(his, "erlan", **{"User-Agent": "Mozilla/5.0 (Linux; Android 9) Chrome/99.0 Mobile"})
    page = page_of(client, account_of("erlan"))
    assert "Chrome, Android" in page
    assert "203.0.113.*" in page
    assert "203.0.113.9" not in page
    assert "Nowhere." in told(client, f"{account_of('erlan')}/sessions")
    assert not is_signed_in(his)


def test_ending_ones_own_sessions_there_keeps_this_one(app: Flask, client: FlaskClient) -> None:
    elsewhere = browser(app)
    sign_in(elsewhere, "bolat")
    told(client, f"{account_of('bolat')}/sessions")
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)


def test_an_account_is_deactivated_only_if_it_is_meant_and_comes_back(
    app: Flask, client: FlaskClient
) -> None:
    make_user("erlan", RoleName.SUPERVISOR)
    token = tokens.create_token("erlan", [Scope.EXPORT], label="x")
    his = browser(app)
    sign_in(his, "erlan")
    address = account_of("erlan")
    assert "Tick the box" in told(client, f"{address}/deactivate")
    assert is_signed_in(his)
    assert "is deactivated" in told(client, f"{address}/deactivate", {"confirmed": "y"})
    assert not is_signed_in(his)
    assert "Activate the account first" in told(client, f"{address}/link")
    assert "is active again" in told(client, f"{address}/activate")
    assert sign_in(browser(app), "erlan").location == "/manage"
    assert tokens.holder_of(token) is None
    assert actions() == [("user_deactivated", "erlan"), ("user_activated", "erlan")]


def test_a_lost_second_factor_is_taken_away_only_if_it_is_meant(app: Flask, client: FlaskClient) -> None:
    make_user("erlan", RoleName.SUPERVISOR)
    his = browser(app)
    sign_in(his, "erlan")
    set_up_app(his)
    address = account_of("erlan")
    assert "Set up:" in page_of(client, address)
    assert "Tick the box" in told(client, f"{address}/forget-factor")
    assert is_signed_in(his)
    page = told(client, f"{address}/forget-factor", {"confirmed": "y"})
    assert "The second factor is taken away" in page
    assert "Set up:" not in page
    assert not is_signed_in(his)
    assert sign_in(browser(app), "erlan").location == "/manage"
    assert actions() == [("factor_forgotten", "erlan")]


def test_nobody_takes_their_own_second_factor_away_there(client: FlaskClient) -> None:
    assert "Replace your own" in told(client, f"{account_of('bolat')}/forget-factor", {"confirmed": "y"})


def test_a_token_of_somebody_is_revoked_only_on_their_own_page(client: FlaskClient) -> None:
    make_user("erlan", RoleName.SUPERVISOR)
    make_user("dana", RoleName.SUPERVISOR)
    token = tokens.create_token("erlan", [Scope.SUBMIT], label="tablet")
    form = {"number": str(db.session.scalars(select(ApiToken.id)).one()), "confirmed": "y"}
    assert "no such token" in told(client, f"{account_of('dana')}/revoke-token", form)
    page = page_of(client, account_of("erlan"))
    assert "tablet" in page
    assert token[:11] in page
    assert token not in page
    assert "Tick the box" in told(
        client, f"{account_of('erlan')}/revoke-token", form | {"confirmed": ""}
    )
    assert "The token is revoked" in told(client, f"{account_of('erlan')}/revoke-token", form)
    assert tokens.holder_of(token) is None


# --- the list ---------------------------------------------------------------------------------------


def names_on(html: str) -> list[str]:
    return re.findall(r'href="/manage/people/\d+">([^<]+)<', html)


def test_people_are_listed_by_name_in_pages_that_neither_skip_nor_repeat(client: FlaskClient) -> None:
    for number in range(PAGE + 5):
        db.session.add(User(username=f"person{number:03}", fs_uniquifier=f"u{number}"))
    db.session.commit()
    first = page_of(client, PEOPLE)
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = page_of(client, following[1])
    listed = names_on(first) + names_on(second)
    assert listed == sorted(listed)
    assert len(listed) == len(set(listed)) == PAGE + 6
    assert 'rel="next"' not in second
    assert "person" not in following[1]


def test_a_search_stays_out_of_the_address_and_can_be_undone(client: FlaskClient) -> None:
    for name in ("aigerim", "aigul", "erlan", "a_b", "a%b"):
        db.session.add(User(username=name, fs_uniquifier=name))
    db.session.commit()
    answer = post(client, PEOPLE, {"name": " AIG "})
    assert answer.location == PEOPLE
    assert names_on(page_of(client, PEOPLE)) == ["aigerim", "aigul"]
    post(client, PEOPLE, {"name": "_"})
    assert names_on(page_of(client, PEOPLE)) == ["a_b"]
    post(client, PEOPLE, {"name": "nobody here"})
    assert "Nobody is found" in page_of(client, PEOPLE)
    post(client, PEOPLE)
    assert "erlan" in names_on(page_of(client, PEOPLE))


@pytest.mark.parametrize("typed", ["\x00", "x" * 100_000, "'; DROP TABLE user", "ә\u0301"])
def test_odd_searches_find_nobody_or_everybody_but_never_fail(client: FlaskClient, typed: str) -> None:
    post(client, PEOPLE, {"name": typed})
    page_of(client, PEOPLE)


@pytest.mark.parametrize("after", ["0", "-1", "x", "99999999999999999999", "4711"])
def test_a_bad_place_in_the_list_never_fails(client: FlaskClient, after: str) -> None:
    page_of(client, f"{PEOPLE}?after={after}")


@pytest.mark.parametrize("number", ["0", "4711", "99999999999999999999"])
@pytest.mark.parametrize("act", ["", "/give", "/take", "/link", "/sessions", "/deactivate", "/activate"])
def test_an_account_that_is_not_there_is_not_found(client: FlaskClient, number: str, act: str) -> None:
    address = f"{PEOPLE}/{number}{act}"
    answer = post(client, address) if act else client.get(address)
    assert answer.status_code == HTTPStatus.NOT_FOUND


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield said
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("page", ["list", "account"])
def test_the_number_of_queries_does_not_grow_with_people(client: FlaskClient, page: str) -> None:
    address = PEOPLE if page == "list" else account_of("bolat")

    def count() -> int:
        with counted_queries() as said:
            page_of(client, address)
        return len(said)

    before = count()
    for number in range(8):
        service.add_user(f"person{number}", [RoleName.ANALYST, RoleName.REVIEWER], PASSWORD)
        tokens.create_token("bolat", [Scope.EXPORT], label=f"{number}")
        granting.give("bolat", RoleName.ANALYST, Place(f"q{number}", None))
        sign_in(browser(client.application), "bolat")
    assert count() == before
