"""Paper sheets: printed, entered by two people, compared, settled, and only then received."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import entering, sheets
from surveyapp.submissions.models import Submission
from surveyapp.submissions.sheet_models import PaperSheet
from tests.accounts import CHANGE_PASSWORD, browser, make_user, post, sign_in, token_of
from tests.manage.test_pages import counted_queries
from tests.questionnaires.test_differences import BEFORE

LIST = "/manage/q/home/paper"
ROSTER = """
| | begin_repeat | child | Бала | Child |
| | integer | age | Жасы | Age |
| | end_repeat | | | |
| choices |"""
SAME = {"home": {"rooms": 3, "heating": "coal"}, "remark": "zhumbaq", "child": [{"age": 7}]}


@pytest.fixture(autouse=True)
def home(app: Flask) -> None:
    assert app
    text = BEFORE.replace("\n| choices |", ROSTER)
    catalogue.publish(
        compile_workbook(text.encode(), "home.md"), access=Access.STAFF, demonstration=True
    )


def somebody(app: Flask, name: str, role: RoleName = RoleName.INTERVIEWER) -> FlaskClient:
    make_user(name, role)
    client = browser(app)
    sign_in(client, name)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def first(app: Flask) -> FlaskClient:
    return somebody(app, "aigerim")


@pytest.fixture
def second(app: Flask) -> FlaskClient:
    return somebody(app, "erlan")


def enter(client: FlaskClient, code: str, answers: dict[str, Any], **more: Any) -> TestResponse:
    item = {
        "id": str(uuid4()),
        "questionnaire": "home",
        "version": "1",
        "language": "kk",
        "answers": answers,
        "started_at": "2026-11-27T09:00:00+05:00",
        "finished_at": "2026-11-27T09:05:00+05:00",
        **more,
    }
    headers = {"X-CSRFToken": token_of(client, CHANGE_PASSWORD)}
    return client.post(f"{LIST}/{code}", json=item, headers=headers)


def stored() -> list[Submission]:
    db.session.rollback()
    return list(db.session.scalars(select(Submission)))


def test_a_code_tells_when_it_is_mistyped() -> None:
    for _try in range(50):
        code = sheets.new_code()
        assert sheets.read_code(f" {code.lower().replace('-', ' ')} ") == code
        for at, letter in enumerate(code):
            other = "A" if letter != "A" else "B"
            if letter != "-":
                assert sheets.read_code(code[:at] + other + code[at + 1 :]) is None
    for typed in ("", "A", "\x00" * 8, "OOOO-1111", "A" * 10_000):
        assert sheets.read_code(typed) is None


def test_the_form_is_printed_with_a_code_for_each_copy(first: FlaskClient) -> None:
    page = first.get("/manage/q/home/paper-form/en?copies=3&blocks=2").get_data(as_text=True)
    codes = re.findall(r'class="sheet-code">([A-Z2-9-]{9})<', page)
    assert len(set(codes)) == 3
    assert str(sheets.record_of("home", codes[0])) in page
    assert "How many rooms?" in page
    assert page.count("Age") == 6
    for query in ("copies=0", "copies=999", "blocks=x", "copies=-1"):
        answer = first.get(f"/manage/q/home/paper-form/kk?{query}")
        assert answer.status_code == HTTPStatus.OK, query


def test_nothing_is_received_before_somebody_else_entered_the_same(
    first: FlaskClient, second: FlaskClient
) -> None:
    code = sheets.new_code()
    assert enter(first, code, SAME).get_json() == {"number": code, "faults": 0}
    assert stored() == []
    assert enter(first, code, SAME).status_code == HTTPStatus.CONFLICT
    assert stored() == []
    assert enter(second, code, SAME).get_json()["faults"] == 0
    [record] = stored()
    assert (record.id, record.channel) == (sheets.record_of("home", code), "paper")
    assert record.answers["home"] == {"rooms": 3, "heating": "coal"}
    sheet = db.session.scalars(select(PaperSheet)).one()
    assert (sheet.state, sheet.sealed, sheet.data_key) == ("accepted", None, None)
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.serial)))
    assert actions[-1] == "sheet_accepted"


def test_who_enters_it_in_the_same_instant_is_the_second(
    first: FlaskClient, second: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, find = sheets.new_code(), entering.find
    enter(first, code, SAME)
    looked: list[str] = []

    def found(questionnaire: str, number: str) -> PaperSheet | None:
        """Nothing yet at the second's first look but that of the view."""
        looked.append(number)
        return None if len(looked) == 2 else find(questionnaire, number)

    monkeypatch.setattr(entering, "find", found)
    assert enter(second, code, SAME).get_json() == {"number": code, "faults": 0}
    assert len(stored()) == 1


def test_the_second_does_not_see_what_the_first_entered(first: FlaskClient, second: FlaskClient) -> None:
    code = sheets.new_code()
    enter(first, code, SAME)
    for page in (LIST, f"{LIST}/{code}", f"{LIST}/{code}/settle"):
        assert "zhumbaq" not in second.get(page).get_data(as_text=True)
    row = db.session.scalars(select(PaperSheet)).one()
    assert row.sealed is not None
    assert b"zhumbaq" not in row.sealed


def test_differences_are_settled_answer_by_answer(first: FlaskClient, second: FlaskClient) -> None:
    code = sheets.new_code()
    enter(first, code, SAME)
    other = {"home": {"rooms": 8, "heating": "gas"}, "remark": "zhumbaq", "child": [{"age": 7}]}
    assert enter(second, code, other).get_json()["faults"] == 1
    assert stored() == []
    page = second.get(f"{LIST}/{code}/settle").get_data(as_text=True)
    assert "How many rooms?" in page
    assert "Coal" in page
    assert "Gas" in page
    assert "Remark" not in page
    assert first.get(f"{LIST}/{code}/settle").status_code == HTTPStatus.NOT_FOUND
    half = post(second, f"{LIST}/{code}/settle", {"is home/rooms": "first"})
    assert half.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    said = {"is home/rooms": "first", "is home/heating": "second"}
    assert post(second, f"{LIST}/{code}/settle", said).status_code == HTTPStatus.SEE_OTHER
    [record] = stored()
    assert record.answers["home"] == {"rooms": 3, "heating": "gas"}


def test_what_one_left_out_can_be_put_in_or_taken_out(first: FlaskClient, second: FlaskClient) -> None:
    code = sheets.new_code()
    enter(first, code, {"home": {"rooms": 3}, "child": [{"age": 7}]})
    enter(second, code, {"remark": "only here", "child": [{"age": 7}]})
    said = {"is home/rooms": "first", "is remark": "first"}
    assert post(second, f"{LIST}/{code}/settle", said).status_code == HTTPStatus.SEE_OTHER
    [record] = stored()
    assert record.answers["home"]["rooms"] == 3
    assert "remark" not in record.answers


def test_the_offset_of_a_typists_computer_is_no_difference(
    first: FlaskClient, second: FlaskClient
) -> None:
    text = BEFORE.replace(
        "| | text | remark |", "| | time | seen | Уақыты | Time |\n| | text | remark |"
    )
    text = text.replace("| home | 1 |", "| home | 3 |")
    compiled = compile_workbook(text.encode(), "home.md")
    catalogue.publish(compiled, access=Access.STAFF, demonstration=True)
    for other, is_alike in (("09:05:00+00:00", True), ("09:06:00+05:00", False)):
        code = sheets.new_code()
        enter(first, code, {"seen": "09:05:00+05:00"}, version="3")
        told = enter(second, code, {"seen": other}, version="3").get_json()
        assert told["faults"] == int(not is_alike), other


def test_another_number_of_children_is_entered_once_more(
    first: FlaskClient, second: FlaskClient
) -> None:
    code = sheets.new_code()
    enter(first, code, {"child": [{"age": 7}, {"age": 3}]})
    enter(second, code, {"child": [{"age": 7}]})
    page = second.get(f"{LIST}/{code}/settle").get_data(as_text=True)
    assert "Enter the sheet once more" in page
    assert post(second, f"{LIST}/{code}/settle", {"is child[2]/age": "first"}).status_code == 422
    assert stored() == []
    enter(second, code, {"child": [{"age": 7}, {"age": 3}]})
    assert len(stored()) == 1


def test_a_sheet_that_was_received_is_not_entered_again(first: FlaskClient, second: FlaskClient) -> None:
    code = sheets.new_code()
    enter(first, code, SAME)
    enter(second, code, SAME)
    assert enter(second, code, {"remark": "other"}).status_code == HTTPStatus.CONFLICT
    assert len(stored()) == 1
    again = second.get(f"{LIST}/{code}", follow_redirects=True).get_data(as_text=True)
    assert "received already" in again


def test_what_cannot_be_is_refused(first: FlaskClient) -> None:
    code = sheets.new_code()
    assert enter(first, code, SAME, questionnaire="school").status_code == HTTPStatus.CONFLICT
    assert enter(first, code, SAME, id="x").status_code == HTTPStatus.BAD_REQUEST
    assert enter(first, "AAAA-AAAB", SAME).status_code == HTTPStatus.NOT_FOUND
    without = first.post(f"{LIST}/{code}", json={})
    assert without.status_code == HTTPStatus.BAD_REQUEST, "a page of another site has no token"
    assert post(first, LIST, {"code": "nothing"}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert post(first, LIST, {"code": code}).location.endswith(code)
    assert db.session.scalars(select(PaperSheet)).all() == []


def test_who_may_not_collect_enters_nothing(app: Flask) -> None:
    client = somebody(app, "dana", RoleName.ANALYST)
    code = sheets.new_code()
    assert enter(client, code, SAME).status_code == HTTPStatus.FORBIDDEN
    assert client.get(LIST).status_code == HTTPStatus.FORBIDDEN


def test_the_list_says_who_is_next(first: FlaskClient, second: FlaskClient) -> None:
    code = sheets.new_code()
    enter(first, code, SAME)
    assert "Enter it a second time" not in first.get(LIST).get_data(as_text=True)
    assert "Enter it a second time" in second.get(LIST).get_data(as_text=True)
    assert entering.page("home", None, 10)[0].code == code


def test_the_number_of_queries_does_not_grow_with_the_sheets(first: FlaskClient) -> None:
    needed = []
    for more in (2, 20):
        for _number in range(more):
            enter(first, sheets.new_code(), SAME)
        first.get(LIST)  # what is kept in memory is there from now on
        with counted_queries() as queries:
            assert first.get(LIST).status_code == HTTPStatus.OK
        needed.append(len(queries))
    assert needed[0] == needed[1]


# --- sheets that were printed of an earlier version -------------------------------------------------


@pytest.fixture
def next_version(home: None) -> None:
    text = BEFORE.replace("\n| choices |", ROSTER).replace("| home | 1 |", "| home | 2 |")
    text = text.replace("How many rooms?", "Rooms in all?")
    catalogue.publish(
        compile_workbook(text.encode(), "home.md"), access=Access.STAFF, demonstration=True
    )


def test_with_one_version_nobody_is_asked_for_it(first: FlaskClient) -> None:
    assert 'name="version"' not in first.get(LIST).get_data(as_text=True)


def test_a_sheet_is_entered_by_the_version_that_is_printed_on_it(
    next_version: None, first: FlaskClient, second: FlaskClient
) -> None:
    code = sheets.new_code()
    assert 'value="2" selected' in first.get(LIST).get_data(as_text=True)
    newest = post(first, LIST, {"code": code, "version": "2"}).location
    assert "Rooms in all?" in first.get(newest).get_data(as_text=True)
    older = post(first, LIST, {"code": code, "version": "1"}).location
    page = first.get(older).get_data(as_text=True)
    assert "How many rooms?" in page
    assert "version 1" in page
    # in another language it is the same version
    assert re.search(r"paper/[A-Z0-9-]+\?version=1&amp;in=en", page)
    assert enter(first, code, SAME).get_json()["faults"] == 0
    # whoever is second chooses nothing: the first entry has said it
    assert "How many rooms?" in second.get(f"{LIST}/{code}").get_data(as_text=True)
    assert "version 1" in second.get(LIST).get_data(as_text=True)
    assert enter(second, sheets.new_code(), SAME).get_json()["faults"] == 0
    assert enter(second, code, SAME).get_json()["faults"] == 0
    [record] = stored()
    assert record.version == "1"


def test_a_version_that_there_never_was_is_refused(first: FlaskClient) -> None:
    code = sheets.new_code()
    assert first.get(f"{LIST}/{code}?version=\x00").status_code == HTTPStatus.OK
    assert "How many rooms?" in first.get(f"{LIST}/{code}?version=9").get_data(as_text=True)
    assert enter(first, code, SAME, version="9").status_code == HTTPStatus.CONFLICT
    assert db.session.scalars(select(PaperSheet)).all() == []
