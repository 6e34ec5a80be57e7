"""Personal links and posters: made, printed, revoked on a page."""

from __future__ import annotations

import csv
import io
import re
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.people import invitations
from surveyapp.people.invitations import InvitationStatus
from surveyapp.people.models import AuditEntry, InvitationBatch
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.accounts import browser, make_user, post, sign_in
from tests.manage.test_pages import counted_queries
from tests.questionnaires.test_differences import BEFORE

PAGE = "/manage/q/home/invitations"


@pytest.fixture
def author(app: Flask, client: FlaskClient) -> FlaskClient:
    """A browser in which somebody is signed in who may publish."""
    assert app
    compiled = compile_workbook(BEFORE.encode(), "home.md")
    catalogue.publish(compiled, access=Access.INVITATION, demonstration=True)
    make_user("author", RoleName.ADMINISTRATOR)
    sign_in(client, "author")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def make(client: FlaskClient, **changes: str) -> str:
    form = {"count": "3", "label": "School 7", "language": "ru", "table": "1", **changes}
    answer = post(client, PAGE, form)
    assert answer.status_code == HTTPStatus.OK, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def codes(text: str) -> list[str]:
    return [row[0] for row in list(csv.reader(io.StringIO(text)))[1:]]


def test_a_table_has_codes_that_work_and_links_to_them(author: FlaskClient) -> None:
    text = make(author)
    made = codes(text)
    assert len(set(made)) == 3
    assert {invitations.check(code, "home") for code in made} == {InvitationStatus.VALID}
    assert f"http://localhost/ru/q/home?code={made[0]}" in text
    db.session.rollback()
    family = browser(author.application)
    followed = family.get(f"/ru/q/home?code={made[0]}", follow_redirects=True)
    assert made[0] in followed.get_data(as_text=True)


def test_cards_show_each_code_with_a_picture_once(author: FlaskClient) -> None:
    form = {"count": "2", "label": "7 “A”", "language": "kk", "cards": "1", "last_day": "2099-12-31"}
    page = post(author, PAGE, form)
    text = page.get_data(as_text=True)
    assert page.headers["Cache-Control"] == "no-store"
    assert len(re.findall(r'<p class="typed">[A-Z2-9]{8}</p>', text)) == 2
    assert text.count("<svg") == 2
    assert "2099 жылғы 31 желтоқсан" in text
    again = author.get(PAGE).get_data(as_text=True)
    assert "Used: 0 of 2" in again
    assert not re.search(r'class="typed"', again)


@pytest.mark.parametrize(
    "changes",
    [
        {"count": "0"},
        {"count": "501"},
        {"count": "-3"},
        {"count": "1e3"},
        {"count": "9" * 40},
        {"count": ""},
        {"label": "x" * 81},
        {"label": "a\x00b"},
        {"last_day": "2001-01-01"},
        {"last_day": "yesterday"},
        {"last_day": "9999-12-31"},
        {"language": "xx"},
    ],
)
def test_a_bad_form_makes_nothing(author: FlaskClient, changes: dict[str, str]) -> None:
    form = {"count": "3", "label": "", "language": "ru", "table": "1", **changes}
    assert post(author, PAGE, form).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert db.session.scalars(select(InvitationBatch)).all() == []


def test_a_label_is_no_formula_in_a_spreadsheet(author: FlaskClient) -> None:
    rows = list(csv.reader(io.StringIO(make(author, label="=1+1"))))
    assert {row[2] for row in rows[1:]} == {"'=1+1"}


def test_revoked_links_open_nothing_and_used_ones_stay_used(author: FlaskClient) -> None:
    used, unused, _third = codes(make(author))
    assert invitations.use(db.session, used, "home")
    db.session.commit()
    [batch] = invitations.batches("home")
    assert (batch.used, batch.count) == (1, 3)
    db.session.rollback()
    address = f"{PAGE}/{batch.id}/revoke"
    assert post(author, address).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert post(author, address, {"confirmed": "y"}).status_code == HTTPStatus.SEE_OTHER
    assert invitations.check(unused, "home") is InvitationStatus.EXPIRED
    assert invitations.check(used, "home") is InvitationStatus.USED
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc())).first()
    assert last is not None
    assert (last.action, last.details) == ("invitations_revoked", {"count": 2})


@pytest.mark.parametrize("batch", ["7", "99999999999999999999"])
def test_a_batch_of_another_questionnaire_is_not_here(author: FlaskClient, batch: str) -> None:
    answer = post(author, f"{PAGE}/{batch}/revoke", {"confirmed": "y"})
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_no_code_is_in_the_log(author: FlaskClient) -> None:
    made = codes(make(author))
    text = author.get("/manage/log").get_data(as_text=True)
    assert not [code for code in made if code in text]


@pytest.mark.parametrize("code", ["<b>", "ABCD", "é" * 8, "\x00" * 8, "OOOO1111"])
def test_what_is_no_code_is_not_shown_on_the_start_page(
    app: Flask, author: FlaskClient, code: str
) -> None:
    assert author
    page = browser(app).get("/en/q/home", query_string={"code": code}, follow_redirects=True)
    assert page.status_code == HTTPStatus.OK
    assert "Your code" not in page.get_data(as_text=True)


def test_a_poster_in_each_language_with_its_own_address(author: FlaskClient) -> None:
    text = author.get("/manage/q/home/poster").get_data(as_text=True)
    assert text.count('class="paper poster"') == 3
    assert text.count("<svg") == 3
    for language in ("kk", "ru", "en"):
        assert f"http://localhost/{language}/q/home" in text
    assert "may not get in" in text


def test_the_sentence_of_a_poster_is_the_authors(author: FlaskClient) -> None:
    asked = {"in": "ru", "text_ru": "<b>Расскажите нам</b>"}
    text = author.get("/manage/q/home/poster", query_string=asked).get_data(as_text=True)
    assert text.count('class="paper poster"') == 1
    assert "&lt;b&gt;Расскажите нам&lt;/b&gt;" in text
    for odd in ({"in": "xx"}, {"text_kk": "a\x00b"}, {"text_kk": "x" * 10_000}):
        assert author.get("/manage/q/home/poster", query_string=odd).status_code == HTTPStatus.OK


def test_the_number_of_queries_does_not_grow_with_the_batches(author: FlaskClient) -> None:
    needed = []
    for more in (1, 8):
        for _number in range(more):
            make(author, count="20")
        author.get(PAGE)  # what is kept in memory is there from now on
        with counted_queries() as queries:
            assert author.get(PAGE).status_code == HTTPStatus.OK
        needed.append(len(queries))
    assert needed[0] == needed[1]
