"""The page of prepared files looks again by itself, in its place."""

from __future__ import annotations

from threading import Event

import pytest
from flask import Flask
from playwright.sync_api import expect

from surveyapp.exports.running import run_next
from surveyapp.people import service
from surveyapp.people.rights import RoleName
from tests.accounts import PASSWORD
from tests.browser.conftest import OpenPage


@pytest.mark.chromium
def test_a_file_that_got_ready_meanwhile_is_shown_without_loading_the_page_again(
    demonstration: Flask, open_page: OpenPage
) -> None:
    with demonstration.app_context():
        service.add_user("exporter", [RoleName.ADMINISTRATOR], PASSWORD)
    page = open_page(java_script_enabled=True, locale="en")
    page.goto("/manage/sign-in")
    page.fill("#username", "exporter")
    page.fill("#password", PASSWORD)
    page.click("form button.main")
    page.wait_for_url("**/manage")
    page.goto("/manage/q/site_safety/export")
    page.clock.install()
    page.get_by_role("button", name="Prepare a file").click()
    expect(page.get_by_role("link", name="Look again")).to_be_visible()
    page.evaluate("document.title = 'the same page'")
    with demonstration.app_context():
        assert run_next(Event())
    page.clock.fast_forward(6000)
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    expect(page.get_by_role("link", name="Look again")).to_have_count(0)
    expect(page).to_have_title("the same page")
