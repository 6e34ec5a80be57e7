"""A record is corrected on a small phone without JavaScript, and nothing sticks out of the screen."""

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
from surveyapp.submissions.models import Submission
from tests.accounts import PASSWORD
from tests.browser.conftest import OpenPage
from tests.collecting import envelope, send

WORKBOOK = """
| survey |
| | type | name | label::Қазақша (kk) | label::Русский (ru) | label::English (en) | relevant | bind::survey:identity |
| | begin_group | home | Үй | Дом | Home | | |
| | text | mother | Анасының аты | Имя матери | Mother's name | | yes |
| | integer | kids | ${mother} неше баласы бар? | Сколько детей у ${mother}? | How many kids has ${mother}? | | |
| | select_one yn | school | Мектепке бара ма? | Ходят ли в школу? | Do they go to school? | ${kids} > 0 | |
| | end_group | | | | | | |
| choices |
| | list_name | name | label::Қазақша (kk) | label::Русский (ru) | label::English (en) |
| | yn | yes | Иә | Да | Yes |
| | yn | no | Жоқ | Нет | No |
| settings |
| | form_id | form_title | version | default_language | namespaces |
| | corrected | Түзету | 1 | Қазақша (kk) | survey="https://surveyapp.example/xmlns/survey" |
"""


@pytest.fixture
def record(demonstration: Flask, served: str, open_page: OpenPage) -> Page:
    """The page of a submission, opened by a reviewer without scripts."""
    with demonstration.app_context():
        compiled = compile_workbook(WORKBOOK.encode(), "test.md")
        catalogue.publish(compiled, access=Access.STAFF, demonstration=True)
        service.add_user("corrector", [RoleName.REVIEWER], PASSWORD)
        given = {"home": {"mother": "zhumbaq7391", "kids": 0}}
        (result,) = send(envelope(questionnaire="corrected", answers=given))
    page = open_page(locale="en")
    page.goto(f"{served}/manage/sign-in")
    page.fill("[name=username]", "corrector")
    page.fill("[name=password]", PASSWORD)
    page.locator("main button.main").click()
    page.goto(f"{served}/manage/q/corrected/s/{result.id}")
    return page


def fits(page: Page) -> bool:
    """Whether nothing sticks out to the right; styles alone decide that, scripts are off."""
    boxes = page.locator("main *:visible").all()
    return all((box["x"] + box["width"]) <= 361 for each in boxes if (box := each.bounding_box()))


@pytest.mark.chromium
def test_answers_are_corrected_without_scripts(record: Page, demonstration: Flask) -> None:
    record.get_by_role("link", name="Correct the answers").click()
    assert fits(record)
    record.get_by_role("button", name="Begin").click()
    record.get_by_role("link", name="Home").click()
    expect(record.locator("main")).to_contain_text("points at a person: kept apart")
    record.locator("button.main").click()
    expect(record.get_by_text("How many kids has …?")).to_be_visible()
    assert fits(record)
    record.locator("[name='home/kids']").fill("2 or 3")
    record.locator("button.main").click()
    expect(record.locator("#problems")).to_be_visible()
    expect(record.locator("[name='home/kids']")).to_have_value("2 or 3")
    record.locator("[name='home/kids']").fill("2")
    record.locator("button.main").click()
    # the answer uncovers a question, which is asked now
    record.get_by_label("Yes").check()
    record.locator("button.main").click()
    assert fits(record)
    expect(record.locator(".changes")).to_contain_text("was 0")
    record.get_by_label("Why it is changed").fill("the mother said so")
    record.get_by_role("button", name="Save the correction").click()
    expect(record.locator("main")).to_contain_text("Corrected: this is revision 2.")
    expect(record.locator("main")).not_to_contain_text("zhumbaq")
    with demonstration.app_context():
        found = db.session.scalars(select(Submission).filter_by(questionnaire="corrected")).one()
        assert found.answers == {"home": {"kids": 2, "school": "yes"}}
        assert found.identity_sealed is not None
