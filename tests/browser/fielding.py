"""What tests of the field staff's program share: a phone that is set up, and a questionnaire filled in."""

from __future__ import annotations

from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, Page, ViewportSize, expect
from sqlalchemy import func, select

from surveyapp.extensions import db
from surveyapp.people import enrolments
from surveyapp.submissions.models import Submission

PIN = "135790"
SMALL_PHONE: ViewportSize = {"width": 360, "height": 640}
KEPT = "Questionnaires are on this phone and open without a network."


def new_code(application: Flask, name: str = "Aigerim's phone", **options: Any) -> str:
    with application.app_context():
        made = enrolments.enrol(name, **options)
        db.session.commit()
        return made.in_groups


def enrol(phone: BrowserContext, application: Flask, language: str = "en", pin: str = PIN) -> Page:
    """A page of a phone that has just been set up."""
    page = phone.new_page()
    page.goto(f"/{language}/field#enrol={new_code(application)}")
    page.locator("#enrol button.main").click()
    page.locator("#new-pin").fill(pin)
    page.locator("#again").fill(pin)
    page.locator("#pin button.main").click()
    expect(page.locator("#questionnaires .card")).to_have_count(5, timeout=30_000)
    return page


def begin(page: Page, title: str = "T") -> None:
    """Begin a questionnaire from the list."""
    page.locator("#questionnaires .card", has=page.get_by_text(title, exact=True)).get_by_role(
        "button"
    ).click()
    expect(page.locator("html[data-enhanced=yes]")).to_be_attached()


def answer(page: Page, region: str = "Almaty") -> None:
    """Answer the small questionnaire up to its review."""
    page.get_by_label(region).check()
    go_on(page)


def go_on(page: Page) -> None:
    for _ in range(9):
        if page.locator("#review").is_visible():
            return
        page.locator("#next").click()
        page.wait_for_timeout(150)
    raise AssertionError(page.locator("main").inner_text())


def stored(application: Flask) -> int:
    with application.app_context():
        count = db.session.scalar(select(func.count()).select_from(Submission)) or 0
        db.session.remove()
    return count
