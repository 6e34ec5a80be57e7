"""What the whole page costs a cheap phone: `python -m tests.performance.phone [--rounds 3]`.

Not a test (`tests/browser/test_whole_budget.py` holds bytes and requests). In Chromium at slow 3G
(400 kbit/s, 400 ms) and a sixth of this processor, for the household survey of sixty questions and the
built-in questionnaires; one of five hundred questions at Chrome's fast 3G. Of each, the least of the
rounds, every round in a browser that has never been there:

* the first question can be answered: it is painted, and what lies under a finger is its control; no script
  of ours has run by then
* the modules run: what is answered is checked and kept; bytes and requests until then
* the same of a second visit
* one answer to the next paint, as the browser's own Event Timing has it (steps of 8 ms), beside that of a
  plain page: the same style and one question, no script
* the heap after collecting garbage, and the elements that are laid out

Prints a table, with what peers need for the same beside.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from surveyapp.assets import asset_url
from surveyapp.questionnaires import library
from tests.browser import FLAGS, chromium
from tests.performance.household import QUESTIONNAIRE
from tests.performance.phone_page import LARGE, Visit, address_of, large, served, visit

#: bytes a second, milliseconds: of the issue, and of Chrome's own list
SLOW_3G = (50_000, 400.0)
FAST_3G = (180_000, 562.5)
SLOWER_PROCESSOR = 6
ANSWERS = 12
PHONE: Any = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
#: until the first question can be answered, at slow 3G and a sixth of the processor: KB, first and second visit
PEERS = {
    "ODK Web Forms": ("1,226 KB", "36 s", "12.8 s"),
    "SurveyJS": ("399 KB", "13 s", "–"),
    "Enketo": ("300 KB", "10.9 s", "3.6 s"),
    "a plain HTML page": ("–", "1.5 s", "–"),
}

#: notes when the first control of the page can be touched; frames come only once the style is there
_WATCH = """
(() => {
  const isTouched = (field) => {
    const place = (field.type === "radio" || field.type === "checkbox" ? field.closest("label") : field).getBoundingClientRect();
    const under = document.elementFromPoint(place.x + place.width / 2, Math.min(place.y + place.height / 2, innerHeight - 2));
    return place.height > 0 && (place.y > innerHeight || under === field || field.closest("label, div").contains(under));
  };
  const look = () => {
    const field = document.querySelector("#answers .page:not([hidden]) [data-q]:not([hidden]) :is(input, select, textarea)");
    if (field && isTouched(field)) {
      // behind the frame that shows it
      const channel = new MessageChannel();
      channel.port1.onmessage = () => (globalThis.answerable = performance.now());
      channel.port2.postMessage(0);
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
  globalThis.longest = new Map();
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries())
      if (interactionId) longest.set(interactionId, Math.max(duration, longest.get(interactionId) ?? 0));
  }).observe({ type: "event", durationThreshold: 16 });
})()
"""
_LAID_OUT = """
() => {
  const all = [...document.querySelectorAll("#answers > .page *")];
  return [all.filter((each) => each.getClientRects().length).length, all.length];
}
"""
#: what one question of the page can be answered with: two places to touch, or a field for a key
_ANSWERS = """
() => {
  const isShown = (element) => element?.getClientRects().length > 0;
  const groups = new Map();
  for (const field of document.querySelectorAll("input[type=radio]"))
    if (isShown(field.closest("label"))) groups.set(field.name, [...(groups.get(field.name) ?? []), field.closest("label")]);
  const labels = [...groups.values()].find((each) => each.length > 1)?.slice(0, 2) ?? [];
  labels[0]?.scrollIntoView({ block: "center" });
  const places = labels.map((label) => label.getBoundingClientRect()).map(({ x, y, height }) => [x + 24, y + height / 2]);
  if (!places.length) [...document.querySelectorAll("input[type=text], select")].find(isShown).focus();
  return places;
}
"""
_PLAIN = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Plain</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="{style}">
<main><form id="answers"><section class="page"><fieldset class="q"><legend>One question</legend><div class="rows">
<label><input type="radio" name="a" value="1"><span>One</span></label>
<label><input type="radio" name="a" value="2"><span>Two</span></label></div></fieldset></section></form></main>"""


@dataclass(frozen=True)
class Costs:
    """What one questionnaire costs; times in milliseconds, the heap in bytes, elements laid out and all."""

    first: Visit
    answerable: float
    second: Visit
    answerable_again: float
    answer: float
    is_touched: bool
    heap: float
    laid_out: tuple[int, int]


@contextmanager
def phone(browser: Browser, base: str, network: tuple[int, float]) -> Iterator[tuple[Page, CDPSession]]:
    """A page of a phone that has never been there, behind a slow network."""
    context = browser.new_context(base_url=base, **PHONE)
    context.add_init_script(_WATCH)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    throughput, latency = network
    conditions = {"downloadThroughput": throughput, "uploadThroughput": throughput, "latency": latency}
    session.send("Network.emulateNetworkConditions", {"offline": False, **conditions})
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
    yield page, session
    context.close()


def costs(browser: Browser, base: str, address: str, network: tuple[int, float]) -> Costs:
    """Visit a page twice, and answer on it."""
    with phone(browser, base, network) as (page, session):
        first = visit(page, address)
        answerable = page.evaluate("answerable")
        page.wait_for_load_state("networkidle")
        answer, is_touched = answer_to_paint(page)
        heap = heap_of(session)
        laid_out = tuple(page.evaluate(_LAID_OUT))
        page.goto("about:blank")
        second = visit(page, address)
        return Costs(
            first, answerable, second, page.evaluate("answerable"), answer, is_touched, heap, laid_out
        )


def heap_of(session: CDPSession) -> float:
    """Bytes of the page's JavaScript that are in use."""
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"])


def answer_to_paint(page: Page) -> tuple[float, bool]:
    """Milliseconds until what a choice changes is painted, the median of some; whether it was touched.

    A page whose first section has no choice to touch is answered by keys.
    """
    places = page.evaluate(_ANSWERS)
    is_list = page.evaluate("document.activeElement.tagName") == "SELECT"
    page.evaluate("longest.clear()")
    for turn in range(ANSWERS):
        if places:
            page.touchscreen.tap(*places[turn % len(places)])
        else:
            page.keyboard.press(("ArrowDown", "ArrowUp")[turn % 2] if is_list else f"{turn % 10}")
        page.wait_for_timeout(400)
    found: list[float] = page.evaluate("[...longest.values()]")
    # what the browser does not tell of took less than two frames
    return float(median([*found, *[16.0] * (ANSWERS - len(found))])), bool(places)


def plain_answer_to_paint(browser: Browser, base: str, style: str) -> float:
    """The same on a page that has a question and no script."""
    with phone(browser, base, SLOW_3G) as (page, _session):
        page.route("**/plain", lambda route: route.fulfill(body=_PLAIN.format(style=style)))
        page.goto("/plain")
        page.wait_for_timeout(500)
        return answer_to_paint(page)[0]


def least(found: list[Costs]) -> Costs:
    """The least of each figure."""
    return Costs(
        first=min((each.first for each in found), key=lambda seen: seen.modules),
        answerable=min(each.answerable for each in found),
        second=min((each.second for each in found), key=lambda seen: seen.modules),
        answerable_again=min(each.answerable_again for each in found),
        answer=min(each.answer for each in found),
        is_touched=found[-1].is_touched,
        heap=min(each.heap for each in found),
        laid_out=found[-1].laid_out,
    )


_HEAD = (
    "| | bytes | requests | answerable | modules run | again: bytes | again: answerable | modules run "
    "| an answer to paint | of a plain page | heap | laid out |"
)


def show(questionnaire: str, found: Costs, plain: float) -> None:
    """Print one line of the table."""
    first, second = found.first, found.second
    cells = (
        questionnaire,
        f"{first.weight:,}",
        len(first.loaded),
        *(f"{ms / 1000:.2f} s" for ms in (found.answerable, first.modules)),
        second.weight,
        *(f"{ms / 1000:.2f} s" for ms in (found.answerable_again, second.modules)),
        f"{found.answer:.0f} ms",
        # keys and touches take different ways to the page: they are not compared
        f"{found.answer / plain:.2f} of {plain:.0f} ms" if found.is_touched else "by keys",
        f"{found.heap / 1e6:.1f} MB",
        "{} of {}".format(*found.laid_out),
    )
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    rounds = options.parse_args().rounds
    with served(large()) as (base, app), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        with app.test_request_context():
            style = asset_url("style.css")
        print(_HEAD, "|---" * 12 + "|", sep="\n")
        for questionnaire in (QUESTIONNAIRE, *(each.id for each in library.BUILT_IN), LARGE):
            network = FAST_3G if questionnaire == LARGE else SLOW_3G
            address = address_of(app, questionnaire)
            plain = min(plain_answer_to_paint(browser, base, style) for _ in range(rounds))
            found = [costs(browser, base, address, network) for _ in range(rounds)]
            show(questionnaire, least(found), plain)
        browser.close()
    print("", "| peers, slow 3G | compressed | answerable | again |", "|---" * 4 + "|", sep="\n")
    for name, figures in PEERS.items():
        print("|", " | ".join((name, *figures)), "|")


if __name__ == "__main__":
    main()
