"""Personal links: the code leaves the address at once, survives a change of language, and is filled in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import invitations
from tests.channels.pages.visitor import Visitor

pytestmark = pytest.mark.usefixtures("built_in")
START = "/en/q/adolescent_selfreport"


@pytest.fixture
def code(app: Flask) -> str:
    [made] = invitations.create("adolescent_selfreport", 1, utc_now() + timedelta(days=1))
    db.session.rollback()
    return made


def invited_cookies(visitor: Visitor) -> list[str]:
    return [each.key for each in visitor.cookies() if each.key.startswith("invited_")]


def test_the_code_leaves_the_address_and_is_told_no_page(visitor: Visitor, code: str) -> None:
    answer = visitor.request("GET", f"{START}?code={code.lower()}")
    assert (answer.status_code, answer.headers["Location"]) == (303, START)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "adolescent" not in cookie


def test_a_change_of_language_keeps_it(visitor: Visitor, code: str) -> None:
    visitor.open(f"{START}?code={code}")
    assert visitor.text("//*[@class='code']") == code
    visitor.open("/kk/q/adolescent_selfreport")
    assert visitor.text("//*[@class='code']") == code


def test_it_is_filled_in_where_it_is_asked_for(visitor: Visitor, code: str) -> None:
    visitor.open(f"{START}?code={code}")
    visitor.send(visitor.fields())
    assert visitor.fields()["start/t_code"] == [code]
    assert invited_cookies(visitor) == []
    visitor.next(t_assent="agree")
    assert visitor.boxes("wrong") == []
    visitor.open(START)
    assert visitor.text("//*[@class='code']") != code


def test_another_questionnaire_does_not_get_it(visitor: Visitor, code: str) -> None:
    visitor.open(f"{START}?code={code}").open("/en/q/family_survey")
    assert code not in visitor.response.get_data(as_text=True)


@pytest.mark.parametrize("odd", ["", "ABC", "O0O0O0O0", "x" * 5000, "%00", "АБВГДЕЖЗ"])
def test_what_cannot_be_a_code_is_left_behind(visitor: Visitor, odd: str) -> None:
    visitor.open(f"{START}?code={odd}")
    assert (visitor.address, visitor.response.status_code) == (START, 200)
    assert invited_cookies(visitor) == []


def test_the_quick_exit_takes_it(visitor: Visitor, code: str) -> None:
    visitor.open(f"{START}?code={code}")
    assert invited_cookies(visitor)
    visitor.open("/en/exit")
    assert invited_cookies(visitor) == []
