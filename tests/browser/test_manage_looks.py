"""Every page under /manage for everybody: axe-core, a small phone, three languages, light and dark.

The pages are those of the map of addresses: a new one is walked as soon as `desk_furniture` has an example for
every argument of its address, and fails by its name until then. Always one page of each kind, in Russian and
in the light; `EVERY_SCREEN=yes` looks at all states, all languages and the dark.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from flask import Flask, url_for
from playwright.sync_api import Browser, Page, ViewportSize
from sqlalchemy import select
from werkzeug.routing import Rule

from surveyapp.catalogue import service as catalogue
from surveyapp.extensions import db
from surveyapp.submissions import correcting
from surveyapp.submissions.correcting import Correction
from surveyapp.submissions.models import Submission
from tests.accounts import PASSWORD
from tests.browser.conftest import demonstrating, serving
from tests.browser.desk_furniture import STEWARD, Desk, furnish
from tests.browser.test_pages import overflows
from tests.browser.test_whole_looks import COLOURS, nameless, violations

pytestmark = pytest.mark.chromium

EVERY_SCREEN = os.environ.get("EVERY_SCREEN") == "yes"
#: WCAG 2.2 at levels A and AA: administrators' pages promise no more
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
}
PHONE: ViewportSize = {"width": 360, "height": 640}
#: pixels, WCAG 2.2's 2.5.8; without its leave for what has room around it
SMALLEST = 24
#: what is no page, and why
NOT_WALKED = {
    "editions.workbook": "a file",
    "editions.xform": "a file",
    "exporting.fetch": "a file",
    "factors.after_codes": "leads to factors.overview",
    "languages.published_table": "a file",
    "languages.tried_table": "a file",
    "paper.sheet_logic": "read by a page alone",
    "records.file": "a file",
    "second_step.after_passkey": "a step of signing in: test_second_factor looks at it",
    "second_step.ask": "a step of signing in: test_second_factor looks at it",
    "second_step.confirm": "only for whoever has a second factor: test_second_factor looks at it",
    "security.login": "leads on whoever is signed in: looked at before",
    "single_sign_on.ask_to_link": "a step of signing in elsewhere",
    "single_sign_on.back": "a step of signing in elsewhere",
    "single_sign_on.link": "a step of signing in elsewhere",
    "single_sign_on.start": "a step of signing in elsewhere",
}
#: pages whose address is found on another page
BY_HAND = {
    "correcting.page",
    "correcting.summary",
    "correction_onto.choices",
    "paper.sheet_page",
    "paper.sheet_review",
}
#: what can be touched and is smaller than a fingertip; links in a sentence are as high as its letters
TINY = """
(smallest) => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")]
  .filter((each) => each.checkVisibility() && getComputedStyle(each).display !== "inline")
  .map((each) => each.matches("label input") ? each.closest("label") : each)
  .filter((each) => { const box = each.getBoundingClientRect(); return box.width < smallest || box.height < smallest; })
  .map((each) => `tiny: ${each.outerHTML.slice(0, 120)}`)
"""
LANGUAGES = ("kk", "ru", "en") if EVERY_SCREEN else ("ru",)


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with demonstrating(tmp_path_factory.mktemp("desk")) as app:
        yield app


@pytest.fixture(scope="module")
def desk(application: Flask) -> Desk:
    return furnish(application)


@pytest.fixture(scope="module")
def address(application: Flask) -> Iterator[str]:
    with serving(application) as address:
        yield address


def rules(app: Flask) -> Iterator[Rule]:
    """What can be opened under /manage and is a page."""
    for rule in app.url_map.iter_rules():
        is_opened = rule.rule.startswith("/manage") and "GET" in (rule.methods or ())
        if is_opened and rule.endpoint not in NOT_WALKED:
            yield rule


def without_example(app: Flask, desk: Desk) -> dict[str, set[str]]:
    """Pages for whose arguments the desk has no example."""
    missing = {rule.endpoint: rule.arguments - set(desk.examples) for rule in rules(app)}
    return {endpoint: names for endpoint, names in missing.items() if names and endpoint not in BY_HAND}


def addresses(app: Flask, desk: Desk, *, every: bool) -> list[tuple[str, str]]:
    """Endpoint and address of one page of each kind, or of every one on the desk."""
    found = []
    with app.test_request_context():
        for rule in rules(app):
            if rule.endpoint in BY_HAND:
                continue
            others = desk.others.get(rule.endpoint, []) if every else []
            for further in [{}, *others]:
                values = {name: value for name, value in desk.examples.items() if name in rule.arguments}
                more = {"word": desk.examples["word"]} if rule.endpoint == "links.opened" else {}
                found.append((rule.endpoint, url_for(rule.endpoint, **values | further | more)))
    return sorted(found)


def walk(page: Page, app: Flask, desk: Desk, *, every: bool = True) -> Iterator[str]:
    """Sign in, and open page after page; each is told by its address."""
    page.goto("/manage/sign-in")
    yield "/manage/sign-in"
    page.fill("#username", STEWARD)
    page.fill("#password", PASSWORD)
    page.click("form button.main")
    page.wait_for_url("**/manage")
    for endpoint, address in addresses(app, desk, every=every):
        answer = page.goto(address)
        assert answer and answer.status == 200, f"{endpoint}: {address} is no page"
        yield address
        if endpoint == "correcting.contents":
            yield from correction(page, app, desk)
        if endpoint == "paper.sheet":
            yield from steps_of_sheet(page)


def correction(page: Page, app: Flask, desk: Desk) -> Iterator[str]:
    """A correction that is begun, a page of it, and how it goes on from a newer revision."""
    page.locator("form button.main").first.click()
    page.wait_for_load_state()
    yield page.url
    contents = page.url
    page.locator("a.tall[href*='/edit/page/']").first.click()
    page.wait_for_load_state()
    yield page.url
    page.goto(f"{contents}/save")
    yield page.url
    page.goto(contents)
    for each in [link.get_attribute("href") for link in page.locator("a.tall").all()]:
        page.goto(each or "")
        if page.locator("[name='place/code']").count():
            page.fill("[name='place/code']", overtake(app, desk) + "-1")
            page.locator("main form button.main").first.click()
            page.wait_for_load_state()
            break
    page.goto(f"{contents}/onto")
    assert page.locator("fieldset.pair").count() == 1, "nothing that both changed"
    yield page.url


def overtake(app: Flask, desk: Desk) -> str:
    """Somebody else corrects the code of the household; what it is now."""
    with app.app_context():
        mine = select(Submission).filter_by(id=desk.examples["submission_id"])
        found = db.session.scalars(mine).one()
        edition = catalogue.edition(found.questionnaire, found.version)
        assert edition
        answers = correcting.answers_of(found, edition.definition)
        answers["place"]["code"] += "-0"
        one = Correction(
            submission_id=found.id, revision=found.revision, answers=answers, reason="misheard"
        )
        correcting.correct(one, None)
        return str(answers["place"]["code"])


def steps_of_sheet(page: Page) -> Iterator[str]:
    """What a sheet's first section leads to where no script takes it."""
    first = page.url
    page.evaluate("HTMLFormElement.prototype.submit.call(document.querySelector('main form'))")
    page.wait_for_url("**/page/**")
    yield page.url
    page.goto(page.url.partition("/page/")[0] + f"/review?{page.url.partition('?')[2]}")
    yield page.url
    page.goto(first)  # it tells what is under way
    yield first


def faults(page: Page) -> list[str]:
    """What keeps somebody out of the page that is open; all that is folded is opened."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    found = violations(page, RULES) + nameless(page)
    found += page.evaluate(TINY, SMALLEST)
    found += ["wider than the screen"] if overflows(page) else []
    found += [] if page.locator("h1:visible").count() == 1 else ["not one h1"]
    return found


def spoken_at(screen: str, language: str) -> str:
    """The language of what is printed stands at the end of its address; elsewhere it is the reader's."""
    last = screen.rpartition("/")[2]
    return last if last in {"kk", "ru", "en"} else language


def in_the_dark(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark")
    found = violations(page, COLOURS | {"rules": {"color-contrast-enhanced": {"enabled": False}}})
    page.emulate_media(color_scheme="light")
    return [f"dark: {each}" for each in found]


def test_every_page_has_an_example(application: Flask, desk: Desk) -> None:
    assert without_example(application, desk) == {}
    endpoints = {rule.endpoint for rule in application.url_map.iter_rules()}
    assert set(NOT_WALKED) | BY_HAND | set(desk.others) <= endpoints


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_shuts_anybody_out(
    browser: Browser, address: str, application: Flask, desk: Desk, language: str
) -> None:
    context = browser.new_context(base_url=address, viewport=PHONE, locale=language)
    page = context.new_page()
    found = {}
    for screen in walk(page, application, desk, every=EVERY_SCREEN):
        wrong = faults(page) + (in_the_dark(page) if EVERY_SCREEN else [])
        if page.get_attribute("html", "lang") != spoken_at(screen, language):
            wrong.append("in another language")
        if wrong:
            found[screen] = wrong
    context.close()
    told = "\n".join(f"{screen}: {wrong}" for screen, wrong in found.items())
    assert not found, told
