"""The service worker: updates that break no open page, networks that are none, work sent while it sleeps."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from surveyapp.catalogue.models import Access
from tests.browser.conftest import demonstrating, serving
from tests.browser.fielding import KEPT, PIN, SMALL_PHONE, answer, begin, enrol, go_on, stored
from tests.browser.keeping import KILL_ROUNDS, call, kill_browser_of, launch
from tests.collecting import publish

pytestmark = pytest.mark.chromium

Start = Callable[[str, list[tuple[str, str]]], Any]


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Flask]:
    with demonstrating(tmp_path / "instance") as app:
        with app.app_context():
            publish(access=Access.STAFF)
        yield app


@pytest.fixture
def address(application: Flask) -> Iterator[str]:
    with serving(application) as address:
        yield address


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=address, viewport=SMALL_PHONE)
    yield context
    context.close()


@contextmanager
def portal(application: Flask) -> Iterator[list[str]]:
    """Meanwhile the network has a sign-in page of its own for whatever is asked."""
    real, asked = application.wsgi_app, []

    def sign_in(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        asked.append(environ["PATH_INFO"])
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [b"<!doctype html><title>Free Wi-Fi</title><h1>Sign in to go on</h1>"]

    application.wsgi_app = sign_in  # type: ignore[method-assign, assignment]  # Flask documents replacing it
    yield asked
    application.wsgi_app = real  # type: ignore[method-assign]


def new_edition(application: Flask) -> None:
    """Another edition of the program: its pages say something else, so their marks do."""
    made = application.extensions["surveyapp-field"]
    for key, page in list(made.items()):
        if key.startswith("page "):
            text = page.text.replace("</main>", "<p id='newer'>newer</p></main>")
            made[key] = replace(page, text=text, mark="f" + page.mark[1:])


def kept_for_offline(page: Page) -> None:
    expect(page.locator("#copies")).to_have_text(KEPT, timeout=60_000)


def test_an_update_in_mid_draft_breaks_nothing_and_shows_itself_next_time(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    kept_for_offline(page)
    begin(page)
    page.get_by_label("Almaty").check()
    new_edition(application)
    updated = """async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      const changed = new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
      await registration.update();
      await changed;
    }"""
    page.evaluate(updated)
    phone.set_offline(True)  # nothing of the former edition can be had any more
    go_on(page)
    page.locator("#next").click()
    expect(page.locator("#queued")).to_be_visible()
    page.goto("/en/field#outbox")
    expect(page.locator("#newer")).to_be_attached()
    expect(page.locator("#outbox .list .card")).to_have_count(1)


_AGE_COPIES = """async ({ database }) => {
  const name = "named surveyapp questionnaires";
  const copies = await caches.open("surveyapp questionnaires");
  await copies.put("/media/visit/0/old", new Response(""));
  const value = Object.fromEntries((await copies.keys()).map(({ url }) => [url, 0]));
  await database.change(["settings"], ({ settings }) => void settings.put({ name, value }));
}"""


def test_copies_that_a_draft_needs_are_kept_however_old_they_are(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    kept_for_offline(page)
    begin(page)
    page.get_by_label("Astana").check()
    expect(page.locator("#kept")).not_to_have_text("")
    with application.app_context():
        publish(version="2")
    page.goto("/en/field#drafts")
    call(page, _AGE_COPIES, door="field")
    page.reload()
    kept_for_offline(page)
    phone.set_offline(True)
    page.locator("#drafts .card .go").click()
    expect(page.get_by_label("Astana")).to_be_checked()
    assert not page.evaluate("caches.match('/media/visit/0/old').then(Boolean)")


def test_a_draft_goes_on_under_its_version_when_the_questionnaire_changed(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    kept_for_offline(page)
    begin(page)
    page.get_by_label("Astana").check()
    expect(page.locator("#kept")).not_to_have_text("")
    with application.app_context():
        publish(version="2")
    page.goto("/en/field")
    expect(page.locator("#questionnaires .version", has_text=re.compile("^2$"))).to_be_visible()
    kept_for_offline(page)
    phone.set_offline(True)
    page.goto("/en/field#drafts")
    page.locator("#drafts .card .go").click()
    expect(page.get_by_label("Astana")).to_be_checked()
    assert "/q/visit/1/" in page.url


def test_a_sign_in_page_of_some_network_is_never_taken_for_the_server(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    kept_for_offline(page)
    with portal(application) as asked:
        page.goto("/kk/field")
        expect(page.locator("#questionnaires .card")).to_have_count(5)
        page.evaluate(
            "async () => (await navigator.serviceWorker.getRegistration()).update().catch(() => undefined)"
        )
        page.goto("/en/field")
        begin(page)
        answer(page)
        page.locator("#next").click()
        expect(page.locator("#queued")).to_be_visible()
        page.goto("/en/field#outbox")
        expect(page.locator("#outbox .why")).to_contain_text("asks to sign in first")
    assert "/api/v1/submissions" in asked and "/sw.js" in asked
    page.locator("#outbox [data-do=send]").click()
    expect(page.locator("#receipts .card")).to_have_count(1)
    assert stored(application) == 1


def test_no_copy_is_made_of_what_is_not_the_servers(phone: BrowserContext, application: Flask) -> None:
    page = enrol(phone, application)
    kept_for_offline(page)
    keep = """async (address) => {
      const { active } = await navigator.serviceWorker.ready;
      const channel = new MessageChannel();
      const answer = new Promise((done) => (channel.port1.onmessage = ({ data }) => done(data)));
      active.postMessage({ keep: "questionnaires", addresses: [address] }, [channel.port2]);
      return [(await answer).kept, Boolean(await caches.match(address))];
    }"""
    with portal(application):
        assert page.evaluate(keep, "/scripts/vault.js?v=0000000000") == [False, False]
    # another mark than the content's: an address of another edition
    assert page.evaluate(keep, "/scripts/vault.js?v=1111111111") == [False, False]


def test_what_waits_is_sent_by_the_worker_when_the_network_is_back(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    kept_for_offline(page)
    begin(page)
    answer(page)
    phone.set_offline(True)
    page.locator("#next").click()
    expect(page.locator("#queued")).to_be_visible()
    page.goto("about:blank")
    [worker] = phone.service_workers
    phone.set_offline(False)
    # as the browser does it: Playwright's “offline” does not reach its own scheduling
    for _try in range(20):  # the page that was left may still hold the lock
        worker.evaluate(
            """() => new Promise((done) => {
              const event = new ExtendableEvent("sync");
              event.waitUntil = (work) => work.then(done, done);
              self.dispatchEvent(event);
            })"""
        )
        if stored(application):
            break
        time.sleep(0.5)
    assert stored(application) == 1


def at_the_second_try(page: Page) -> None:
    """The draft's page is open; if the browser shows its own page “no network” instead, as somebody loads it again.

    A browser that could not start the worker in this moment asks the network as if there were none (seen in three of
    292 rounds beside a full load); what it shows then is not ours. Whoever reloads must find everything.
    """
    opened, browsers_own = page.locator("html[data-enhanced=yes]"), page.locator("#main-frame-error")
    expect(opened.or_(browsers_own)).to_be_attached()
    if browsers_own.count():
        print("the browser showed its own page; it is loaded again")
        page.reload()
    expect(opened).to_be_attached()


@pytest.mark.parametrize("round_", KILL_ROUNDS)
def test_an_interview_goes_on_after_the_browser_was_killed(
    driver: Playwright, application: Flask, address: str, tmp_path: Path, round_: int
) -> None:
    profile = tmp_path / "profile"
    context = launch(driver, profile, address)
    kept_for_offline(enrol(context, application))
    # a browser writes down lazily which copies of pages it has; they are older than the interview, and only that
    # one is killed here
    context.close()
    context = launch(driver, profile, address)
    page = context.new_page()
    page.goto("/en/field")
    page.locator("#given-pin").fill(PIN)
    page.locator("#unlock form button").click()
    begin(page)
    page.get_by_label("Almaty").check()
    expect(page.locator("#kept")).not_to_have_text("")
    page.locator("#next").click()
    page.wait_for_timeout(400 + 137 * round_ % 300)
    kill_browser_of(profile)
    context = launch(driver, profile, address)
    context.set_offline(True)
    page = context.new_page()
    # the worker's own sending has a network: it may be quicker than the look at what waits
    page.add_init_script("delete ServiceWorkerRegistration.prototype.sync")
    page.goto("/en/field#drafts")
    page.locator("#given-pin").fill(PIN)
    page.locator("#unlock form button").click()
    page.locator("#drafts .card .go").click()
    at_the_second_try(page)
    go_on(page)
    expect(page.locator("#review")).to_contain_text("Almaty")
    page.locator("#next").click()
    expect(page.locator("#queued")).to_be_visible()
    context.close()


def test_a_familys_page_opens_again_without_a_network_in_any_language(
    phone: BrowserContext, application: Flask
) -> None:
    page = phone.new_page()
    page.goto("/kk/q/family_survey")
    page.goto(page.locator("form").get_attribute("data-whole") or "")
    expect(page.locator("html[data-enhanced=yes]")).to_be_attached()
    page.wait_for_function("caches.has('surveyapp questionnaires')", timeout=30_000)
    page.wait_for_function(
        "caches.open('surveyapp questionnaires').then((copies) => copies.keys()).then((keys) => keys.length > 9)"
    )
    page.wait_for_timeout(1000)
    phone.set_offline(True)
    page.reload()
    expect(page.locator("html[data-enhanced=yes]")).to_be_attached()
    page.locator(".languages a[lang=ru]").click()
    expect(page.locator("html[lang=ru][data-enhanced=yes]")).to_be_attached()
    assert page.evaluate("caches.has('surveyapp program')") is False
