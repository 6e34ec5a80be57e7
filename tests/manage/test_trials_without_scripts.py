"""A trial version tried out without scripts: step by step, by the server's logic, apart from real data."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from flask import Flask
from sqlalchemy import func, select

from surveyapp.catalogue import trials
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.trial_models import Trial
from surveyapp.catalogue.trials import Upload
from surveyapp.channels.pages.models import Draft, DraftPhoto
from surveyapp.extensions import db
from surveyapp.people.models import Invitation
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import trials as answered
from surveyapp.submissions.models import KeptFile, Quarantined, Submission
from tests.accounts import browser
from tests.channels.pages.visitor import Visitor
from tests.files.pictures import jpeg

WORKBOOK = """
| survey |
| | type | name | label::Қазақша (kk) | label::Русский (ru) | label::English (en) | relevant | constraint | calculation | bind::survey:invitation |
| | begin_group | home | Үй | Дом | Home | | | | |
| | text | pass | Код | Код | Code | | | | yes |
| | integer | rooms | Неше бөлме? | Сколько комнат? | How many rooms? | | . < 50 | | |
| | end_group | | | | | | | | |
| | begin_group | more | Тағы | Ещё | More | ${rooms} > 2 | | | |
| | calculate | twice | | | | | | ${rooms} * 2 | |
| | text | why | ${twice} үшін неге? | Почему ${twice}? | Why ${twice}? | | | | |
| | image | photo | Сурет | Снимок | Photo | | | | |
| | end_group | | | | | | | | |
| | begin_repeat | child | Бала | Ребёнок | Child | | | | |
| | integer | age | Жасы | Возраст | Age | | | | |
| | end_repeat | | | | | | | | |
| settings |
| | form_id | form_title | version | default_language | namespaces |
| | home | Үй | {version} | Қазақша (kk) | survey="https://surveyapp.example/xmlns/survey" |
"""
#: what a real record, or a real person's answers, would lie in
REAL = (Submission, Quarantined, KeptFile, Invitation)


def keep(version: int = 1) -> Trial:
    compiled = compile_workbook(WORKBOOK.replace("{version}", str(version)).encode(), "home.md")
    said = Upload(name="home.md", access=Access.PUBLIC, demonstration=True)
    return trials.keep(compiled, said)


def kept() -> Trial:
    db.session.rollback()
    found = trials.find("home")
    assert found is not None
    return found


@pytest.fixture
def address(app: Flask) -> str:
    """The testing address, without its language."""
    assert app
    return f"/test/{trials.key_of(keep())}"


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(browser(app))


def counts(*tables: type) -> list[int]:
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def test_it_is_answered_step_by_step_with_its_logic(visitor: Visitor, address: str) -> None:
    visitor.open(f"/en{address}").next(rooms="99")
    assert visitor.address.startswith(f"/en{address}/page/")
    assert visitor.boxes("wrong"), "a constraint"
    visitor.next(rooms="3")
    assert visitor.text("//label[@class='ask']") == "Why 6?", "uncovered, with what was calculated"
    visitor.next(why="zhumbaq")
    visitor.next(age="7").press("add").next(age="5").next()
    assert visitor.heading == "Check the answers"
    assert kept().questionnaire_id == "home"
    assert answered.count(kept()) == 0
    visitor.next()
    assert visitor.address == f"/en{address}/done"
    [only] = answered.answered(kept())
    assert f"Number in the list: {only.serial}" in visitor.text()
    assert (only.channel, only.language, only.fits, only.errors) == ("web", "en", True, ())
    assert only.answers["home"]["rooms"] == 3
    assert only.answers["more"]["why"] == "zhumbaq"
    assert only.answers["child"] == [{"age": 7}, {"age": 5}]
    assert counts(*REAL) == [0, 0, 0, 0]


def test_what_is_not_asked_is_not_sent(visitor: Visitor, address: str) -> None:
    visitor.open(f"/en{address}").walk({"rooms": "1"}).next()
    [only] = answered.answered(kept())
    assert not only.answers.get("more", {}).get("why")


def test_the_language_is_changed_on_the_way(visitor: Visitor, address: str) -> None:
    visitor.open(f"/kk{address}").next(rooms="4")
    assert visitor.text("//label[@class='ask']") == "8 үшін неге?"
    visitor.press("language-ru", why="потому")
    assert visitor.address.startswith(f"/ru{address}/page/")
    assert visitor.text("//label[@class='ask']") == "Почему 8?"
    assert "потому" in visitor.response.get_data(as_text=True)
    assert "ничего не учитывается" in visitor.text("//p[@class='trial']")


def test_our_own_pages_alone_may_frame_it(visitor: Visitor, address: str) -> None:
    visitor.open(f"/en{address}").next(rooms="1")
    for page in (visitor.address, f"/en{address}/review"):
        headers = visitor.request("GET", page).headers
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_answers_under_way_are_offered_or_thrown_away(visitor: Visitor, address: str) -> None:
    visitor.open(f"/en{address}")
    assert "under way" not in visitor.text()
    visitor.next(rooms="4")
    page = visitor.address
    visitor.open(f"/en{address}")
    assert "under way" in visitor.text("//noscript")
    [link] = visitor.all("//noscript//a")
    assert link.get("href") == page
    visitor.request("POST", f"/en{address}", data={"@again": "yes"})
    assert "under way" not in visitor.open(f"/en{address}").text()
    assert counts(Draft) == [0]
    assert visitor.request("GET", page).location == f"/en{address}"


def test_the_first_page_again_takes_nothing_away(visitor: Visitor, address: str) -> None:
    visitor.open(f"/en{address}").next(rooms="4")
    visitor.next(why="zhumbaq")
    visitor.open(f"/en{address}")
    visitor.request("POST", f"/en{address}", data={"@whole": "1", "home/rooms": "4"})
    page = visitor.open(f"/en{address}/review").text()
    assert "zhumbaq" in page


def test_sent_it_can_be_tried_once_more(visitor: Visitor, address: str) -> None:
    for number in (1, 2):
        visitor.open(f"/en{address}").walk({"rooms": "1"}).next()
        assert visitor.heading == "Tried out", number
    assert answered.count(kept()) == 2
    assert counts(DraftPhoto) == [0]


def test_a_double_click_is_one_record(visitor: Visitor, address: str) -> None:
    visitor.open(f"/en{address}").walk({"rooms": "1"})
    fields = visitor.filled({}) | {"@go": ["next"]}
    review = visitor.address
    visitor.send(fields)
    again = visitor.request("POST", review, data=fields)
    assert again.location == f"/en{address}/done"
    assert answered.count(kept()) == 1


def test_a_file_is_told_of_by_name(visitor: Visitor, address: str) -> None:
    visitor.open(f"/en{address}").walk({"rooms": "3", "photo": jpeg()}).next()
    [only] = answered.answered(kept())
    assert [file["type"] for file in only.files] == ["image/jpeg"]
    assert counts(KeptFile, DraftPhoto) == [0, 0], "files are told of by name"


def test_a_code_of_an_invitation_is_not_looked_up(visitor: Visitor, address: str) -> None:
    visitor.open(f"/en{address}").next({"pass": "ABCD-EFGH", "rooms": "1"})
    assert not visitor.boxes("wrong")


def test_the_next_trial_version_is_begun_anew(visitor: Visitor, address: str) -> None:
    visitor.open(f"/en{address}").next(rooms="4")
    page, fields = visitor.address, visitor.filled({"why": "x"}) | {"@go": ["next"]}
    keep(2)
    assert visitor.request("GET", page).location == f"/en{address}"
    assert visitor.request("POST", page, data=fields).location == f"/en{address}"
    assert "under way" not in visitor.open(f"/en{address}").text()


def test_other_sites_and_keys_begin_nothing(visitor: Visitor, address: str) -> None:
    form = {"@whole": "1", "home/rooms": "3"}
    foreign = {"Origin": "https://evil.example"}
    for page in (address, f"{address}/page/1", f"{address}/review"):
        answer = visitor.request("POST", f"/en{page}", data=form, headers=foreign)
        assert answer.status_code == HTTPStatus.FORBIDDEN, page
        wrong = page.replace(address, f"{address}A")
        assert visitor.request("POST", f"/en{wrong}", data=form).status_code == HTTPStatus.NOT_FOUND
    assert visitor.request("POST", f"/en{address}", data={"rooms": "3"}).location == f"/en{address}"
    assert counts(Draft) == [0]


def test_its_draft_is_nobodys_own(visitor: Visitor, address: str) -> None:
    """Under the name of a family's cookie it is no draft of that questionnaire."""
    visitor.open(f"/en{address}").next(rooms="4")
    [cookie] = [each for each in visitor.cookies() if each.key.startswith("apart_")]
    assert (cookie.http_only, cookie.same_site, cookie.max_age) == (True, "Lax", None)
    trials.publish(kept())
    from surveyapp.channels.pages.browser import cookie_name

    visitor.client.set_cookie(cookie_name("home"), cookie.value)
    assert "under way" not in visitor.open("/en/q/home").text()
