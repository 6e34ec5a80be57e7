"""Paper sheets typed without scripts, step by step; compared, settled and received as the others are."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.channels.pages.models import Draft
from surveyapp.extensions import db
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import entering, sheets
from surveyapp.submissions.models import Submission
from surveyapp.submissions.sheet_models import PaperSheet
from tests.accounts import browser, make_user, post, sign_in
from tests.channels.pages.visitor import Visitor
from tests.manage.test_paper import LIST, SAME, enter, home, next_version, somebody

__all__ = ["home", "next_version"]

RULED = """
| survey |
| | type | name | label::Қазақша (kk) | label::English (en) | relevant | required | constraint | default |
| | begin_group | top | Бас | Top | | | | |
| | integer | rooms | Неше бөлме? | How many rooms? | | yes | . < 50 | |
| | image | front | Сурет | Photo | | yes | | |
| | geopoint | where | Қайда? | Where? | | | | 43.2 76.9 0 0 |
| | end_group | | | | | | | |
| | begin_group | more | Тағы | More | ${rooms} > 2 | | | |
| | text | csrf_token | Неге? | Why so many? | | | | |
| | end_group | | | | | | | |
| settings |
| | form_id | version | default_language |
| | ruled | 1 | Қазақша (kk) |
"""


@pytest.fixture
def first(app: Flask) -> FlaskClient:
    return somebody(app, "aigerim")


@pytest.fixture
def second(app: Flask) -> FlaskClient:
    return somebody(app, "erlan")


def stored() -> list[Submission]:
    db.session.rollback()
    return list(db.session.scalars(select(Submission)))


def waiting() -> list[PaperSheet]:
    db.session.rollback()
    return list(db.session.scalars(select(PaperSheet)))


def drafts() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Draft)) or 0


def opened(client: FlaskClient, code: str, version: str = "1") -> Visitor:
    """The sheet's first page, as the form of its code leads to it."""
    visitor = Visitor(client)
    visitor.response = client.get(f"{LIST}/{code}?version={version}&in=en")
    visitor.address = f"{LIST}/{code}"
    return visitor


def typed(visitor: Visitor, rooms: str, heating: str = "coal") -> Visitor:
    """The sheet `SAME`, up to the review."""
    visitor.next(rooms=rooms, heating=heating).next(remark="zhumbaq")
    return visitor.next(age="7").next()


def test_two_people_type_it_and_it_is_a_record(first: FlaskClient, second: FlaskClient) -> None:
    code = sheets.new_code()
    visitor = typed(opened(first, code), "3")
    assert visitor.heading == "Check the answers"
    assert f"Sheet {code} · version 1 · first entry" in visitor.text("//p[@class='trial']")
    assert waiting() == []
    visitor.next()
    assert visitor.address == LIST
    assert f"Sheet {code} is entered" in visitor.text()
    assert ([each.code for each in waiting()], stored(), drafts()) == ([code], [], 0)
    typed(opened(second, code), "3").next()
    [record] = stored()
    assert (record.id, record.channel) == (sheets.record_of("home", code), "paper")
    assert record.answers["home"] == {"rooms": 3, "heating": "coal"}
    assert record.answers["child"] == [{"age": 7}]


def test_what_differs_is_settled_as_ever(first: FlaskClient, second: FlaskClient) -> None:
    code = sheets.new_code()
    typed(opened(first, code), "3").next()
    visitor = typed(opened(second, code), "8").next()
    assert visitor.address == f"{LIST}/{code}/settle"
    assert "How many rooms?" in visitor.text()
    assert "What do you heat with?" not in visitor.text()
    settled = post(second, f"{LIST}/{code}/settle", {"is home/rooms": "second"})
    assert settled.status_code == HTTPStatus.SEE_OTHER
    [record] = stored()
    assert record.answers["home"]["rooms"] == 8


@pytest.mark.parametrize("is_first", [True, False])
def test_with_and_without_scripts_the_same_is_the_same(
    first: FlaskClient, second: FlaskClient, is_first: bool
) -> None:
    code = sheets.new_code()
    if is_first:
        typed(opened(first, code), "3").next()
        assert enter(second, code, SAME).get_json()["faults"] == 0
    else:
        enter(first, code, SAME)
        typed(opened(second, code), "3").next()
    assert len(stored()) == 1


def test_the_second_person_never_sees_the_first_entry(first: FlaskClient, second: FlaskClient) -> None:
    code = sheets.new_code()
    typed(opened(first, code), "3").next()
    visitor = opened(second, code)
    assert "second entry" in visitor.text("//p[@class='trial']")
    visitor.next(rooms="3")
    for page in (visitor.address, f"{LIST}/{code}", f"{LIST}/{code}/review"):
        html = second.get(page, query_string={"version": "1"}).get_data(as_text=True)
        assert "zhumbaq" not in html, page


def test_whoever_entered_it_cannot_type_it_again(first: FlaskClient) -> None:
    code = sheets.new_code()
    typed(opened(first, code), "3").next()
    for page in ("", "/page/1", "/review"):
        assert first.get(f"{LIST}/{code}{page}").location == LIST, page
        assert post(first, f"{LIST}/{code}{page}", {"@whole": "1"}).location == LIST, page
    assert len(waiting()) == 1


def test_another_account_in_the_same_browser_does_not_go_on(app: Flask, first: FlaskClient) -> None:
    code = sheets.new_code()
    page = opened(first, code).next(rooms="3").address
    first.post("/manage/sign-out")
    make_user("dana", RoleName.INTERVIEWER)
    post(first, "/manage/sign-out")
    sign_in(first, "dana")
    assert f"{LIST}/{code}?version=1" in str(first.get(page).location)
    assert "under way" not in opened(first, code).text()
    assert app


def test_what_is_under_way_is_offered_and_can_be_begun_anew(first: FlaskClient) -> None:
    code = sheets.new_code()
    visitor = opened(first, code).next(rooms="3", heating="gas")
    assert "under way" not in opened(first, sheets.new_code()).text()
    again = opened(first, code)
    assert "under way" in again.text("//noscript")
    [link] = again.all("//noscript//a")
    assert link.get("href").startswith(visitor.address)
    assert post(first, f"{LIST}/{code}?version=1", {"@again": "yes"}).status_code == 303
    assert drafts() == 0
    assert "under way" not in opened(first, code).text()


def test_a_form_without_its_token_types_nothing(first: FlaskClient) -> None:
    code = sheets.new_code()
    for page in ("", "/page/1", "/review", "/withdraw"):
        answer = first.post(f"{LIST}/{code}{page}", data={"@whole": "1", "home/rooms": "3"})
        assert answer.status_code == HTTPStatus.BAD_REQUEST, page
    assert drafts() == 0


def test_rules_hold_and_what_only_a_phone_answers_is_not_asked(first: FlaskClient) -> None:
    compiled = compile_workbook(RULED.encode(), "ruled.md")
    catalogue.publish(compiled, access=Access.STAFF, demonstration=True)
    code = sheets.new_code()
    sheet = f"/manage/q/ruled/paper/{code}"
    visitor = Visitor(first)
    visitor.response = first.get(f"{sheet}?in=en")
    visitor.address = sheet
    visitor.next()
    assert visitor.boxes("wrong"), "it is required"
    assert "Photo" not in visitor.text() and "Where?" not in visitor.text()
    visitor.next(rooms="77")
    assert visitor.boxes("wrong"), "a constraint"
    visitor.next(rooms="3")
    assert visitor.text("//label[@class='ask']") == "Why so many?"
    # a question that is called as the session's token, which comes first in the form
    fields = visitor.fields()
    assert len(fields["csrf_token"]) == 1
    visitor.send(fields | {"more/csrf_token": ["twins"], "@go": ["language-kk"]})
    assert visitor.text("//label[@class='ask']") == "Неге?"
    visitor.next()
    assert "Неше бөлме?" in visitor.text()
    assert "Сурет" not in visitor.text(), "there is nothing to look at"
    visitor.next()
    [sheet_of_it] = waiting()
    # a place that the questionnaire proposes is none that stands on the sheet
    assert entering._opened(sheet_of_it)["first"]["answers"] == {
        "top": {"rooms": 3},
        "more": {"csrf_token": "twins"},
    }


# --- a wrong version --------------------------------------------------------------------------------


def test_another_version_is_chosen_on_the_page(next_version: None, first: FlaskClient) -> None:
    code = sheets.new_code()
    visitor = opened(first, code, "2")
    [link] = visitor.all("//footer//a")
    assert link.get("href") == f"{LIST}?code={code}"
    page = visitor.next(rooms="3")
    assert page.all("//footer//a")[0].get("href") == f"{LIST}?code={code}"
    chosen = first.get(f"{LIST}?code={code}").get_data(as_text=True)
    assert f'name="code" value="{code}"' in chosen
    older = post(first, LIST, {"code": code, "version": "1"}).location
    assert "version 1" in first.get(older).get_data(as_text=True)
    # what was begun by the other version is not mixed into this one
    assert "under way" not in opened(first, code, "1").text()
    typed(opened(first, code, "1"), "3").next()
    assert [each.version for each in waiting()] == ["1"]


def test_an_entry_by_the_wrong_version_is_taken_back(
    next_version: None, first: FlaskClient, second: FlaskClient
) -> None:
    code = sheets.new_code()
    enter(first, code, SAME, version="2")
    assert "was the wrong version" in first.get(LIST).get_data(as_text=True)
    assert "was the wrong version" not in second.get(LIST).get_data(as_text=True)
    assert post(second, f"{LIST}/{code}/withdraw").status_code == HTTPStatus.NOT_FOUND
    assert len(waiting()) == 1
    answer = post(first, f"{LIST}/{code}/withdraw")
    assert answer.location == f"{LIST}?code={code}"
    assert waiting() == []
    last = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc())).first()
    assert last is not None
    assert (last.action, last.subject) == ("sheet_withdrawn", f"home {code}")
    enter(first, code, SAME)
    enter(second, code, SAME)
    [record] = stored()
    assert record.version == "1"


def test_whoever_reviews_may_take_it_back_too(app: Flask, first: FlaskClient) -> None:
    code = sheets.new_code()
    enter(first, code, SAME)
    boss = somebody(app, "boss", RoleName.ADMINISTRATOR)
    assert "was the wrong version" in boss.get(LIST).get_data(as_text=True)
    assert post(boss, f"{LIST}/{code}/withdraw").status_code == HTTPStatus.SEE_OTHER
    assert waiting() == []


def test_a_record_is_not_taken_back(first: FlaskClient, second: FlaskClient) -> None:
    code = sheets.new_code()
    enter(first, code, SAME)
    enter(second, code, SAME)
    assert "was the wrong version" not in first.get(LIST).get_data(as_text=True)
    assert post(first, f"{LIST}/{code}/withdraw").status_code == HTTPStatus.NOT_FOUND
    assert len(stored()) == 1
    assert len(waiting()) == 1


def test_no_number_that_is_no_code_opens_a_page(app: Flask, first: FlaskClient) -> None:
    for page in ("page/1", "review"):
        assert first.get(f"{LIST}/AAAA-AAAB/{page}").status_code == HTTPStatus.NOT_FOUND
    assert browser(app).get(f"{LIST}/{sheets.new_code()}/page/1").status_code == HTTPStatus.FOUND
