"""A trial version is tried out, and a paper sheet entered, on a small phone without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import FrameLocator, Page, expect
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue import trials
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.trials import Upload
from surveyapp.extensions import db
from surveyapp.people import service
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import entering, sheets
from surveyapp.submissions import trials as answered
from surveyapp.submissions.models import Submission
from tests.accounts import PASSWORD
from tests.browser.conftest import OpenPage
from tests.browser.test_correcting import fits

WORKBOOK = """
| survey |
| | type | name | label::Қазақша (kk) | label::Русский (ru) | label::English (en) | relevant | constraint | calculation |
| | begin_group | home | Үй | Дом | Home | | | |
| | integer | kids | Неше бала? | Сколько детей? | How many kids? | | . < 20 | |
| | end_group | | | | | | | |
| | begin_group | more | Тағы | Ещё | More | ${kids} > 0 | | |
| | calculate | twice | | | | | | ${kids} * 2 |
| | text | wish | ${twice} балаға тілек | Желание для ${twice} детей | A wish for ${twice} kids | | | |
| | end_group | | | | | | | |
| | begin_repeat | child | Бала | Ребёнок | Child | | | |
| | integer | age | Жасы | Возраст | Age | | | |
| | end_repeat | | | | | | | |
| settings |
| | form_id | form_title | version | default_language |
| | FORM | Сынақ | 1 | Қазақша (kk) |
"""


def signed_in(name: str, role: RoleName, app: Flask, served: str, open_page: OpenPage) -> Page:
    """Somebody's phone, on which no script runs."""
    with app.app_context():
        service.add_user(name, [role], PASSWORD)
    page = open_page(locale="en")
    page.goto(f"{served}/manage/sign-in")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.locator("main button.main").click()
    return page


def forward(page: Page | FrameLocator) -> None:
    """Press the button that leads on, and wait for the next page: another press would be lost before."""
    button = page.locator("button.main[value=next]")
    button.evaluate("(button) => { button.dataset.pressed = 'yes'; }")
    button.click()
    expect(page.locator("[data-pressed]")).to_have_count(0)


@pytest.mark.chromium
def test_a_trial_version_is_tried_out_in_its_frame(
    demonstration: Flask, served: str, open_page: OpenPage
) -> None:
    with demonstration.app_context():
        compiled = compile_workbook(WORKBOOK.replace("FORM", "tried_plainly").encode(), "test.md")
        trials.keep(compiled, Upload(name="test.md", access=Access.PUBLIC, demonstration=True))
    page = signed_in("plain-author", RoleName.ADMINISTRATOR, demonstration, served, open_page)
    page.goto(f"{served}/manage/q/tried_plainly/trial?show=en")
    frame = page.frame_locator("iframe")
    frame.locator("[name='home/kids']").fill("50")
    forward(frame)
    expect(frame.locator("#problems")).to_be_visible()
    frame.locator("[name='home/kids']").fill("2")
    forward(frame)
    expect(frame.get_by_text("A wish for 4 kids")).to_be_visible()
    frame.locator("[name='more/wish']").fill("zhumbaq")
    frame.get_by_role("button", name="Русский").click()
    expect(frame.get_by_text("Желание для 4 детей")).to_be_visible()
    expect(frame.locator("[name='more/wish']")).to_have_value("zhumbaq")
    frame.get_by_role("button", name="English").click()
    expect(frame.get_by_text("A wish for 4 kids")).to_be_visible()
    forward(frame)
    frame.locator("[name='child[1]/age']").fill("7")
    forward(frame)
    frame.locator("button[value=add]").click()
    frame.locator("[name='child[2]/age']").fill("5")
    forward(frame)
    forward(frame)
    expect(frame.locator("h1")).to_have_text("Check the answers")
    forward(frame)
    expect(frame.locator("h1")).to_have_text("Tried out")
    with demonstration.app_context():
        [tried] = answered.answered(trials.find("tried_plainly"))  # type: ignore[arg-type]
        assert tried.answers["more"]["wish"] == "zhumbaq"
        assert tried.answers["child"] == [{"age": 7}, {"age": 5}]
        assert not db.session.scalars(select(Submission).filter_by(questionnaire="tried_plainly")).all()


@pytest.mark.chromium
def test_a_trial_version_fits_a_small_phone(
    demonstration: Flask, served: str, open_page: OpenPage
) -> None:
    with demonstration.app_context():
        compiled = compile_workbook(WORKBOOK.replace("FORM", "tried_alone").encode(), "test.md")
        made = trials.keep(compiled, Upload(name="t.md", access=Access.PUBLIC, demonstration=True))
        key = trials.key_of(made)
    page = open_page(locale="kk")
    page.goto(f"{served}/kk/test/{key}")
    page.locator("[name='home/kids']").fill("3")
    assert fits(page)
    forward(page)
    expect(page.get_by_text("6 балаға тілек")).to_be_visible()
    assert fits(page)
    # the testing address again: what is under way is told, and goes on
    page.goto(f"{served}/kk/test/{key}")
    assert fits(page)
    page.get_by_role("link", name="Жалғастыру").click()
    expect(page.get_by_text("6 балаға тілек")).to_be_visible()


def type_sheet(page: Page, code: str, kids: str) -> None:
    """The sheet, from the field for its code to the button that enters it."""
    page.goto("/manage/q/typed_plainly/paper")
    page.fill("[name=code]", code)
    page.get_by_role("button", name="Enter this sheet").click()
    expect(page.get_by_text(f"Sheet {code}")).to_be_visible()
    assert fits(page)
    page.locator("[name='home/kids']").fill(kids)
    forward(page)
    page.locator("[name='more/wish']").fill("7 cats")
    assert fits(page)
    forward(page)
    page.locator("[name='child[1]/age']").fill("7")
    forward(page)
    forward(page)
    expect(page.locator("h1")).to_have_text("Check the answers")
    assert fits(page)
    forward(page)


@pytest.mark.chromium
def test_two_people_enter_a_sheet_and_settle_what_differs(
    demonstration: Flask, served: str, open_page: OpenPage
) -> None:
    with demonstration.app_context():
        compiled = compile_workbook(WORKBOOK.replace("FORM", "typed_plainly").encode(), "test.md")
        catalogue.publish(compiled, access=Access.STAFF, demonstration=True)
    code = sheets.new_code()
    first = signed_in("plain-one", RoleName.INTERVIEWER, demonstration, served, open_page)
    type_sheet(first, code, "3")
    expect(first.get_by_text(f"Sheet {code} is entered")).to_be_visible()
    assert fits(first)
    second = signed_in("plain-two", RoleName.INTERVIEWER, demonstration, served, open_page)
    type_sheet(second, code, "8")
    second.locator("input[value=second]").check()
    second.get_by_role("button", name="Receive the sheet").click()
    expect(second.get_by_text("is received")).to_be_visible()
    with demonstration.app_context():
        query = select(Submission).filter_by(id=sheets.record_of("typed_plainly", code))
        record = db.session.scalars(query).one()
        assert (record.channel, record.answers["home"]) == ("paper", {"kids": 8})
        assert record.answers["child"] == [{"age": 7}]


EVERY_KIND = """
| survey |
| | type | name | label::English (en) | appearance |
| | text | line | A line | |
| | text | lines | Some lines | multiline |
| | integer | whole | A whole number | |
| | decimal | number | A number | |
| | date | day | A day | |
| | time | clock | A time | |
| | select_one fuel | one | One of them | |
| | select_multiple fuel | some | Some of them | |
| | select_one fuel | listed | One of a list | minimal |
| | geopoint | place | A place | |
| choices |
| | list_name | name | label::English (en) |
| | fuel | coal | Coal |
| | fuel | gas | Gas |
| settings |
| | form_id | version | default_language |
| | every_kind | 1 | English (en) |
"""
TYPED = {
    "line": " 7 cats",
    "lines": "one\ntwo",
    "whole": "3",
    "number": "2.50",
    "day@day": "5",
    "day@month": "9",
    "day@year": "2026",
    "clock": "9:05",
}


def type_every_kind(page: Page, code: str, *, has_scripts: bool) -> None:
    """The same sheet, with or without scripts, in whatever fields the page that is open has."""
    page.goto("/manage/q/every_kind/paper")
    page.fill("[name=code]", code)
    page.get_by_role("button", name="Enter this sheet").click()
    page.locator("[name=line]").wait_for()
    for _page in range(10):
        if page.locator("h1:visible").inner_text() == "Check the answers":
            break
        for name, text in TYPED.items():
            for field in page.locator(f"[name='{name}']:visible").all():
                field.fill(text)
        for field in page.locator("[name=one][value=gas]:visible, [name=some]:visible").all():
            field.check(force=True)
        for field in page.locator("select[name=listed]:visible").all():
            field.select_option("gas")
        _go_on(page, has_scripts=has_scripts)
    _go_on(page, has_scripts=has_scripts)


def _go_on(page: Page, *, has_scripts: bool) -> None:
    """With scripts it is the same page, and its button the same, from the first section to the last."""
    if has_scripts:
        page.locator("button.main[value=next]").click()
    else:
        forward(page)


@pytest.mark.chromium
@pytest.mark.parametrize("is_first", [True, False])
def test_what_is_typed_with_and_without_scripts_is_alike(
    demonstration: Flask, served: str, open_page: OpenPage, is_first: bool
) -> None:
    with demonstration.app_context():
        compiled = compile_workbook(EVERY_KIND.encode(), "test.md")
        if catalogue.current("every_kind") is None:
            catalogue.publish(compiled, access=Access.STAFF, demonstration=True)
    code = sheets.new_code()
    for number, has_scripts in enumerate((is_first, not is_first)):
        who = f"kind-{is_first}-{number}".lower()

        def open_it(has_scripts: bool = has_scripts, **more: Any) -> Page:
            return open_page(java_script_enabled=has_scripts, **more)

        page = signed_in(who, RoleName.INTERVIEWER, demonstration, served, open_it)
        type_every_kind(page, code, has_scripts=has_scripts)
        expect(page.get_by_text(code).first).to_be_visible()
        expect(page.locator("h1:visible")).not_to_have_text("Check the answers")
    with demonstration.app_context():
        sheet = entering.find("every_kind", code)
        assert sheet is not None
        differing = [] if sheet.sealed is None else entering.differences(sheet)
        assert [(each.path, each.first, each.second) for each in differing] == []
        query = select(Submission).filter_by(id=sheets.record_of("every_kind", code))
        record = db.session.scalars(query).one()
        assert record.answers["some"] == ["coal", "gas"]
        assert (record.answers["number"], record.answers["day"]) == (2.5, "2026-09-05")
