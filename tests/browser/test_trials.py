"""A trial version in its frame: the real page, its logic at work, and nothing left on the phone."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import FrameLocator, Page, expect

from surveyapp.catalogue import trials
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.trials import Upload
from surveyapp.people import service
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import trials as answered
from tests.accounts import PASSWORD
from tests.browser.conftest import OpenPage

WORKBOOK = """
| survey |
| | type | name | label::Қазақша (kk) | label::Русский (ru) | label::English (en) | relevant |
| | integer | kids | Неше бала? | Сколько детей? | How many kids? | |
| | text | wish | Тілегіңіз | Ваше желание | Your wish | ${kids} > 0 |
| settings |
| | form_id | form_title | version | default_language |
| | tried_out | Сынақ | 1 | Қазақша (kk) |
"""


@pytest.fixture
def author(demonstration: Flask, served: str, open_page: OpenPage) -> Page:
    """The page of a trial version, opened by somebody who may publish."""
    with demonstration.app_context():
        if trials.find("tried_out") is None:
            compiled = compile_workbook(WORKBOOK.encode(), "test.md")
            trials.keep(compiled, Upload(name="test.md", access=Access.PUBLIC, demonstration=True))
            service.add_user("trial-author", [RoleName.ADMINISTRATOR], PASSWORD)
    page = open_page(locale="en", java_script_enabled=True)
    page.goto(f"{served}/manage/sign-in")
    page.fill("[name=username]", "trial-author")
    page.fill("[name=password]", PASSWORD)
    page.locator("main button.main").click()
    page.goto(f"{served}/manage/q/tried_out/trial?show=ru")
    return page


def phone(page: Page) -> FrameLocator:
    frame = page.frame_locator("iframe")
    frame.locator("html[data-enhanced=yes]").wait_for()
    return frame


@pytest.mark.chromium
def test_it_is_tried_out_in_the_frame_and_listed(author: Page, demonstration: Flask) -> None:
    assert author.locator("iframe").bounding_box()["width"] <= 360  # type: ignore[index]
    frame = phone(author)
    frame.locator("[name=kids]").fill("0")
    frame.locator("#next").click()
    expect(frame.locator("#review h1")).to_be_visible()
    frame.locator("#back").click()
    frame.locator("[name=kids]").fill("2")
    frame.locator("#next").click()
    expect(frame.locator("[data-q=wish]")).to_be_visible()
    frame.locator("[name=wish]").fill("zhumbaq")
    # the language is changed on the way, and what was answered stays
    frame.locator(".languages a", has_text="English").click()
    frame.locator("html[lang=en][data-enhanced=yes]").wait_for()
    expect(frame.locator("[name=wish]")).to_have_value("zhumbaq")
    frame.locator("#next").click()
    expect(frame.locator("#review h1")).to_be_visible()
    frame.locator("#next").click()
    expect(frame.locator("#sent h1")).to_be_visible()
    assert re.fullmatch(r"\d+", frame.locator("#sent .code").inner_text())
    # nothing of it lies where real answers lie
    assert author.evaluate("async () => (await indexedDB.databases()).length") == 0
    assert author.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length") == 0
    with demonstration.app_context():
        [tried] = answered.answered(trials.find("tried_out"))  # type: ignore[arg-type]
        assert tried.answers == {"kids": 2, "wish": "zhumbaq"}
    author.get_by_role("link", name="What was answered").click()
    expect(author.locator("dd", has_text="zhumbaq")).to_be_visible()


@pytest.mark.chromium
def test_another_site_cannot_show_it_in_a_frame(author: Page, served: str) -> None:
    address = author.locator("iframe").get_attribute("src")
    author.goto("about:blank")
    author.set_content(f'<iframe src="{served}{address}"></iframe>')
    author.wait_for_timeout(500)
    assert author.frames[1].url.startswith("chrome-error:")
