"""What forms under /manage answer is for everybody too; and the half that was looked at closely keeps the house's rule.

The house's rule is more than AA: contrast of 7:1, in the dark too, and 48 px for whatever is touched and stands
in no sentence. Always in Russian; `EVERY_SCREEN=yes` in all languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser import desk_answers
from tests.browser.conftest import demonstrating, serving
from tests.browser.desk_furniture import APPROVER, STEWARD, Desk, ask_for_everything, furnish
from tests.browser.test_manage_looks import LANGUAGES, PHONE, addresses, faults
from tests.browser.test_whole_looks import COLOURS, dark, violations

pytestmark = pytest.mark.chromium

#: blueprints whose pages keep the house's rule
HOUSE = (
    "accounts.",
    "me.",
    "factors.",
    "passkeys.",
    "security.",
    "links.",
    "editions.",
    "trials.",
    "languages.",
    "invitations.",
    "posters.",
    "papers.",
    "log.",
    "reports.",
    "approvals.",
)
#: pixels
FINGERTIP = 48
#: what is touched: all but what is inside of a sentence, or unseen until it has the focus
SMALL = """
(lowest) => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")]
  .filter((each) => each.checkVisibility() && !each.matches(".skip"))
  .filter((each) => getComputedStyle(each).display !== "inline"
    || each.closest("p, li, td, dd, div").textContent.trim() === each.textContent.trim())
  .map((each) => each.matches("label input") ? each.closest("label") : each)
  .filter((each) => each.getBoundingClientRect().height < lowest - .5)
  .map((each) => `lower than a fingertip: ${each.outerHTML.slice(0, 160)}`)
"""


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with demonstrating(tmp_path_factory.mktemp("desk")) as app:
        yield app


@pytest.fixture(scope="module")
def desk(application: Flask) -> Desk:
    return furnish(application)


@pytest.fixture
def waiting_desk(application: Flask, desk: Desk) -> Desk:
    """The desk with a full export that waits: it is refused in each language."""
    with application.app_context():
        ask_for_everything(application, APPROVER)
    return desk


@pytest.fixture(scope="module")
def address(application: Flask) -> Iterator[str]:
    with serving(application) as address:
        yield address


def breaches_of_the_house(page: Page) -> list[str]:
    """What is paler or smaller than the house wants, in the light and in the dark; all is opened."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    return violations(page, COLOURS) + dark(page) + list(page.evaluate(SMALL, FINGERTIP))


def told(found: dict[str, list[str]]) -> str:
    return "\n".join(f"{screen}: {wrong}" for screen, wrong in found.items())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_of_a_form_shuts_anybody_out(
    browser: Browser, address: str, waiting_desk: Desk, language: str, tmp_path: Path
) -> None:
    context = browser.new_context(base_url=address, viewport=PHONE, locale=language)
    page = context.new_page()
    found = {}
    for screen in desk_answers.walk(page, waiting_desk, tmp_path):
        wrong = faults(page) + breaches_of_the_house(page)
        if page.get_attribute("html", "lang") != language:
            wrong.append("in another language")
        if wrong:
            found[screen] = wrong
    context.close()
    assert not found, told(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_about_accounts_questionnaires_and_the_log_keep_the_houses_rule(
    browser: Browser, address: str, application: Flask, desk: Desk, language: str
) -> None:
    context = browser.new_context(base_url=address, viewport=PHONE, locale=language)
    page = context.new_page()
    desk_answers.sign_in(page, STEWARD)
    found = {}
    for endpoint, screen in addresses(application, desk, every=False):
        if not endpoint.startswith(HOUSE):
            continue
        page.goto(screen)
        if wrong := breaches_of_the_house(page):
            found[screen] = wrong
    context.close()
    assert not found, told(found)
