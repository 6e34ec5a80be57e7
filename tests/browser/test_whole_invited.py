"""A personal link on one's own phone: its code is filled in on the whole page, and is in no address."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import invitations
from tests.browser.conftest import OpenPage
from tests.browser.test_whole import question
from tests.browser.whole import ready

pytestmark = pytest.mark.chromium


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_code_of_a_personal_link_is_filled_in(
    open_page: OpenPage, demonstration: Flask, language: str
) -> None:
    with demonstration.app_context():
        [code] = invitations.create("adolescent_selfreport", 1, utc_now() + timedelta(days=1))
        db.session.commit()
    page = open_page(java_script_enabled=True)
    page.goto(f"/{language}/q/adolescent_selfreport?code={code}")
    assert code not in page.url
    page.locator("input[value=own]").check()
    page.locator("form[data-enhanced=yes] button.main").click()
    ready(page)
    expect(question(page, "t_code").locator("[name]")).to_have_value(code)
    assert code not in page.url
    page.reload()
    ready(page)
    expect(question(page, "t_code").locator("[name]")).to_have_value(code)
