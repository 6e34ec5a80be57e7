"""A paper sheet typed by keyboard alone, by two people, until it is a record."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.people import service
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import sheets
from surveyapp.submissions.models import Submission
from tests.accounts import PASSWORD
from tests.browser.conftest import OpenPage

WORKBOOK = """
| survey |
| | type | name | label::English (en) | required |
| | begin_group | home | Home | |
| | image | front | Take a picture of the house | yes |
| | geopoint | place | Where is it? | yes |
| | integer | rooms | How many rooms? | |
| | select_one fuel | heating | What do you heat with? | |
| | text | remark | Remark | |
| | end_group | | | |
| | begin_group | more | More | |
| | select_multiple fuel | others | What else? | |
| | end_group | | | |
| choices |
| | list_name | name | label::English (en) |
| | fuel | coal | Coal |
| | fuel | gas | Gas |
| | fuel | wood | Wood |
| settings |
| | form_id | version | default_language |
| | typed_in | 1 | English (en) |
"""


def typist(name: str, app: Flask, served: str, open_page: OpenPage) -> Page:
    """Somebody who collects, signed in."""
    with app.app_context():
        if catalogue.current("typed_in") is None:
            compiled = compile_workbook(WORKBOOK.encode(), "typed.md")
            catalogue.publish(compiled, access=Access.STAFF, demonstration=True)
        service.add_user(name, [RoleName.INTERVIEWER], PASSWORD)
    page = open_page(locale="en", java_script_enabled=True)
    page.goto(f"{served}/manage/sign-in")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.locator("main button.main").click()
    page.goto(f"{served}/manage/paper")
    page.get_by_role("link", name="typed_in").or_(
        page.locator("a[href$='typed_in/paper']")
    ).first.click()
    return page


def type_sheet(page: Page, code: str, rooms: str) -> None:
    """The sheet, without a mouse."""
    page.fill("[name=code]", code)
    page.keyboard.press("Enter")
    page.locator("html[data-enhanced=yes] [data-words][data-typing=yes]").wait_for()
    expect(page.get_by_text("Take a picture of the house")).to_be_hidden()
    page.locator("[name='home/rooms']").focus()
    page.keyboard.type(rooms)
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    expect(page.locator("[name='home/remark']")).to_be_focused()
    page.keyboard.type("7 cats")
    page.keyboard.press("Enter")
    expect(page.locator("[name='more/others']").first).to_be_focused()
    page.keyboard.press("1")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.locator("#review h1")).to_be_visible()
    page.locator("#next").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sent h1")).to_be_visible()


@pytest.mark.chromium
def test_two_people_type_it_and_settle_what_differs(
    demonstration: Flask, served: str, open_page: OpenPage
) -> None:
    code = sheets.new_code()
    first = typist("typist-one", demonstration, served, open_page)
    type_sheet(first, code, "3")
    second = typist("typist-two", demonstration, served, open_page)
    type_sheet(second, code, "8")
    second.get_by_role("link", name="Compare them").click()
    # the random code of a sheet may have an 8 too
    second.get_by_role("radio", name="8 (").check()
    second.get_by_role("button", name="Receive the sheet").click()
    expect(second.get_by_text("is received")).to_be_visible()
    with demonstration.app_context():
        query = select(Submission).filter_by(id=sheets.record_of("typed_in", code))
        record = db.session.scalars(query).one()
        assert record.answers == {
            "home": {"rooms": 8, "heating": "gas", "remark": "7 cats"},
            "more": {"others": ["coal", "wood"]},
        }
        assert record.channel == "paper"
