"""Every screen that somebody can come to, one after the other: of the public pages, the whole page and `/field`.

Each walk is a generator that names the screen which the page shows now; whoever walks looks at it, takes
its picture, changes its colours or its language, and goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Page, expect

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.channels.pages.whole import offered_whole
from surveyapp.extensions import db
from surveyapp.i18n import LANGUAGES
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.browser.fielding import PIN, new_code
from tests.browser.whole import key, open_whole, ready
from tests.channels.pages.workbooks import KINDS, TOYS
from tests.performance import household

BUILT_IN = ("family_survey", "adolescent_selfreport", "site_safety", "household_baseline")
#: small questionnaires with what the built-in ones lack, and the one that budgets are measured with
SMALL = ("kinds", "toys")
TABS = ("questionnaires", "drafts", "outbox", "returned", "phone")
NOBODYS = "3f0c8f0e-0000-4000-8000-000000000000"

#: the title of the family's questionnaire, in each language
FAMILY = re.compile("Отбасы сауалнамасы|Опрос семьи|Family survey")

#: answers every question with its first choice, or something that fits; `t_code` is the invitation's
FILL = """
() => {
  const words = { a_hhcode: "012-007", k_code: "AB-12", h_size: "5", h_children: "1", day: "5", month: "9", year: "2026",
                  time: "14:30", b_age: "7", b_time: "5", c_age: "9", c_name: "Айша", k_children: "30", toy_name: "Bear", t_age: "14",
                  t_code: sessionStorage.getItem("code") };
  for (const wrapper of document.querySelectorAll("section.page:not([hidden]) > [data-q]:not([hidden])")) {
    const tick = wrapper.querySelector("input[type=radio], input[type=checkbox]");
    if (tick && !wrapper.querySelector("input:checked")) tick.click();
    for (const [number, field] of wrapper.querySelectorAll("input[type=text], select").entries()) {
      const name = field.name.split(/[/@]/).pop();
      if (field.tagName === "SELECT") field.selectedIndex = number + 1;
      else if (words[name]) field.value = words[name];
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}
"""


#: whether the worker has a questionnaire in all of these languages, with its logic
KEPT = """
(languages) => caches.keys()
  .then((names) => Promise.all(names.map((name) => caches.open(name).then((each) => each.keys()))))
  .then((found) => found.flat().map(({ url }) => new URL(url).pathname))
  .then((paths) => languages.every((each) =>
    ["q", "logic"].every((kind) => paths.some((path) => path.startsWith(`/${each}/${kind}/`)))))
"""

#: a browser that tells of ten megabytes
LITTLE_ROOM = "navigator.storage.estimate = async () => ({ quota: 60e6, usage: 50e6 })"


def publish_small(app: Flask) -> None:
    """Publish what these walks need besides the built-in questionnaires."""
    with app.app_context():
        made = [compile_workbook(each.encode(), name="small.md") for each in (KINDS, TOYS)]
        for compiled in (*made, household.compiled()):
            if catalogue.current(compiled.id) is None:
                catalogue.publish(compiled, access=Access.PUBLIC, demonstration=True)
        db.session.commit()


# ---------------------------------------------------------------- the whole page


def sections(page: Page) -> Iterator[str]:
    """Each screen of an open whole page as it comes, with its mistakes, asked again; to the review."""
    yield f"{key(page)} as it comes"
    for _step in range(120):
        before = key(page)
        if before == "review":
            return
        page.locator("#next").click()
        if page.locator("#problems").count():
            yield f"{before} with mistakes"
        if key(page) == before:
            page.evaluate(FILL)
            page.locator("#next").click()
        if page.locator("#problems.look").count():
            yield f"{before} asked again"
        _pass(page, before)
        yield key(page)


def _pass(page: Page, before: str) -> None:
    """Go on until another page is shown: what became relevant meanwhile is filled in too."""
    for _press in range(20):
        if key(page) != before:
            return
        page.evaluate(FILL)
        page.locator("#next").click()
        page.wait_for_timeout(50)
    raise AssertionError(f"{before}: {page.locator('#summary').inner_text()}")


def whole(page: Page, language: str, questionnaire: str) -> Iterator[str]:
    """The screens of a questionnaire's whole page: its sections, the review, waiting, thanks."""
    open_whole(page, language, questionnaire)
    yield from sections(page)
    prepared(page)
    page.context.set_offline(True)
    page.locator("#next").click()
    page.locator("#queued").wait_for()
    yield "queued"
    page.context.set_offline(False)
    page.locator("#sent").wait_for()
    yield "sent"


def prepared(page: Page) -> None:
    """Wait until the page has what finishing needs, and is on the phone in every language."""
    for _look in range(300):
        if page.evaluate(KEPT, list(LANGUAGES)):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the page is not kept on the phone")


def interruptions(page: Page, app: Flask, language: str) -> Iterator[str]:
    """What a whole page says when it is open twice, when something is removed, when its draft is gone."""
    open_whole(page, language, "toys")
    page.evaluate(FILL)
    page.locator("#next").click()
    page.locator(".instances [data-do=remove]").first.click()
    page.locator("dialog.sure").wait_for()
    yield "removal"
    page.locator("dialog.sure button").first.click()
    page.wait_for_timeout(400)
    second = page.context.new_page()
    second.goto(page.url)
    second.locator("#notice button").wait_for()
    second.close()
    page.goto("about:blank")
    with app.test_request_context():
        edition = catalogue.current("toys")
        assert edition is not None
        address = offered_whole(edition, language)
    page.goto(f"{address}#{NOBODYS}")
    page.locator("#gone").wait_for()
    yield "gone"


def twice(page: Page, language: str) -> Iterator[str]:
    """A second window on the same draft."""
    open_whole(page, language, "family_survey")
    page.evaluate(FILL)
    page.locator("#next").click()
    page.wait_for_timeout(400)
    holder = page.context.new_page()
    address = page.url
    page.goto("about:blank")
    holder.goto(address)
    ready(holder)
    page.goto(address)
    page.locator("#notice button").wait_for()
    yield "elsewhere"
    holder.close()


# ---------------------------------------------------------------- public pages


def public(page: Page, language: str) -> Iterator[str]:
    """The pages around the questionnaires, and one questionnaire as stepwise pages; scripts off or on."""
    for name, address in {
        "choice of language": "/",
        "home": f"/{language}/",
        "privacy": f"/{language}/privacy",
        "accessibility": f"/{language}/accessibility",
        "receipt": f"/{language}/receipt",
        "nothing here": f"/{language}/nothing-here",
        **{f"start of {each}": f"/{language}/q/{each}" for each in BUILT_IN},
    }.items():
        page.goto(address)
        yield name
    page.goto(f"/{language}/receipt")
    page.locator("main input[name=code]").fill("WRONG-CODE")
    page.locator("main form button").click()
    yield "receipt not found"
    yield from stepwise(page, language, "family_survey")


def stepwise(page: Page, language: str, questionnaire: str) -> Iterator[str]:
    """A questionnaire's stepwise pages with their mistakes, to the thanks."""
    page.goto(f"/{language}/q/{questionnaire}")
    page.locator("input[name=phone][value=shared]").check()
    page.locator("form button.main").last.click()
    yield "first step"
    for _step in range(80):
        step = urlsplit(page.url).path.rpartition("/")[2]
        if step == "thanks":
            return
        page.locator("#answers button.main").click()
        page.wait_for_load_state()
        if page.locator(".box.wrong").count():
            yield f"step {step} with mistakes"
            page.evaluate(
                FILL.replace("section.page:not([hidden]) > [data-q]:not([hidden])", "#answers .q")
            )
            page.locator("#answers button.main").click()
            page.wait_for_load_state()
        yield f"step {urlsplit(page.url).path.rpartition('/')[2]}"


# ---------------------------------------------------------------- /field


def field(page: Page, app: Flask, language: str) -> Iterator[str]:
    """The field staff's program from an empty phone to a locked one that has work waiting."""
    page.goto(f"/{language}/field")
    page.locator("#enrol").wait_for()
    yield "empty phone"
    code = new_code(app)
    page.goto("about:blank")
    page.goto(f"/{language}/field#enrol={code}")
    expect(page.locator("#code")).to_have_value(code)
    yield "enrolment"
    # a code stays in no address: whoever changes the language here types it again
    page.locator("#code").fill(code)
    page.locator("#enrol button.main").click()
    page.locator("#pin").wait_for()
    yield "PIN"
    page.locator("#new-pin").fill(PIN)
    page.locator("#again").fill("000000")
    page.locator("#pin button.main").click()
    page.locator("#said").wait_for()
    yield "PIN mistyped"
    for name in ("#new-pin", "#again"):
        page.locator(name).fill(PIN)
    page.locator("#pin button.main").click()
    page.locator("#questionnaires .card").first.wait_for(timeout=30_000)
    for tab in TABS:
        yield from _tab(page, language, tab, "empty")
    yield from _work(page, language)
    for tab in TABS:
        yield from _tab(page, language, tab, "with work")
    yield from _locking(page, language)


def _tab(page: Page, language: str, tab: str, state: str) -> Iterator[str]:
    page.goto(f"/{language}/field#{tab}")
    page.locator(f"#{tab}").wait_for()
    page.wait_for_timeout(300)
    yield f"{tab} {state}"


def _work(page: Page, language: str) -> Iterator[str]:
    """One record received, one draft, one record that waits; from there on without a network."""
    for state in ("received", "draft", "waiting"):
        page.goto(f"/{language}/field#questionnaires")
        page.locator("#questionnaires .card", has_text=FAMILY).get_by_role("button").click()
        ready(page)
        if state == "draft":
            page.evaluate(FILL)
            page.wait_for_timeout(500)
            continue
        for _screen in sections(page):
            pass
        if state == "waiting":
            prepared(page)
            page.context.set_offline(True)
        page.locator("#next").click()
        page.locator("#sent" if state == "received" else "#queued").wait_for()
        yield f"{state} at the field door"


def _locking(page: Page, language: str) -> Iterator[str]:
    page.goto(f"/{language}/field#drafts")
    page.locator("#drafts [data-do=delete]").first.click()
    page.locator("#ask").wait_for()
    yield "deletion"
    page.locator("#ask [value=no]").click()
    page.locator("#drafts [data-do=rename]").first.click()
    page.locator("#ask").wait_for()
    yield "naming"
    page.locator("#ask [value=no]").click()
    page.locator("#drafts [data-do=hand]").first.click()
    page.locator("#hand").wait_for()
    yield "handing over"
    page.locator("#hand [data-do=to-file]").click()
    page.locator("#hand-code").wait_for()
    yield "code of the file"
    page.locator("#hand-code button").click()
    page.locator("#drafts summary").click()
    yield "taking over"
    page.add_init_script(LITTLE_ROOM)
    page.reload()
    page.locator("#low").wait_for()
    page.locator("#drafts .card").first.wait_for()
    yield "little room"
    page.goto(f"/{language}/field#phone")
    page.locator("[data-do=lock]").click()
    page.locator("#unlock").wait_for()
    yield "locked"
    page.locator("#given-pin").fill("111111")
    page.locator("#unlock button.main").click()
    page.locator("#said").wait_for()
    yield "wrong PIN"
