"""Forms that were made to try the engine, opened on the whole page and answered at random, beside the server."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.channels.pages.walk import Walk
from surveyapp.extensions import db
from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.browser.conftest import OpenPage
from tests.browser.test_whole_robot import DAYS, FILL, SHOWN, TYPED
from tests.browser.whole import draft, key, open_whole
from tests.oracle import golden

pytestmark = pytest.mark.chromium

FORMS = ("basics", "cascade", "dates", "repeats", "triggers")
MOST_STEPS = 12


def published(app: Flask, name: str) -> tuple[str, Questionnaire]:
    """A form of the oracle's, open to everybody; its id and definition."""
    path = golden.FORMS / f"{name}.md"
    compiled = compile_workbook(path.read_bytes(), name=path.name)
    with app.app_context():
        if catalogue.current(compiled.id) is None:
            catalogue.publish(compiled, access=Access.PUBLIC, demonstration=True)
        db.session.remove()
    return compiled.id, xform.parse(compiled.xform)


def shown_by_server(page: Page, definition: Questionnaire, language: str) -> list[Any]:
    """Path and words of what the server would show where the page is."""
    interview = Interview(definition, draft(page)["snapshot"], language=language, now=datetime.now(UTC))
    place = Walk(interview).find(key(page))
    assert place is not None
    return [
        [path, " ".join(interview.text(item.label, path).text.split())]
        for path, item in place.nodes()
        if interview.relevant(path)
    ]


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_was_made_to_try_the_engine_is_answered_as_on_the_server(
    open_page: OpenPage, demonstration: Flask, name: str
) -> None:
    identifier, definition = published(demonstration, name)
    page = open_page(java_script_enabled=True)
    page.set_default_timeout(15_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_whole(page, "en", identifier)
    draw = Random(name)  # noqa: S311  # no secret
    for _step in range(MOST_STEPS):
        if key(page) == "review":
            break
        page.evaluate(FILL, [{"": TYPED, **DAYS}, [draw.randrange(1000) for _ in range(97)]])
        here = [[path, " ".join(label.split())] for path, label, _names in page.evaluate(SHOWN)]
        assert here == shown_by_server(page, definition, "en")
        page.locator("#next").click()
    assert here
    assert errors == []
