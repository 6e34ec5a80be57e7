"""How fast the phone's logic is: `python -m tests.performance.phone_logic [--rounds 300]`.

Not a test. On the household questionnaire and on a made-up one of 60 questions and 90 expressions, filled
in, it times one full pass (everything worked out anew, and judged) and one answer, on the server, in the
embedded V8 and in Chromium. Prints minimum and median, and the bytes that a phone loads.
"""

from __future__ import annotations

import argparse
import gzip
import json
from datetime import UTC, datetime
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from playwright.sync_api import sync_playwright

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.javascript import LOGIC, PARTS, Engine
from surveyapp.questionnaires.logic import document
from surveyapp.questionnaires.synthetic import synthesise
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.scripts import join_modules
from tests.browser import FLAGS, chromium
from tests.performance.engine import expressions_of, filled_interview
from tests.performance.sized_forms import sized_workbook
from tests.questionnaires.compiled import built_in

NOW = datetime(2026, 9, 1, 14, tzinfo=UTC)
_TIMED = """
((form, answers, path, values, rounds) => {
  const plan = new logic.Plan(form);
  const begin = () =>
    new logic.Interview(plan, { language: "kk", now: "2026-09-01T14:00:00.000+00:00", answers, random: () => 0.5 });
  const filled = begin();
  const timed = (work) => {
    const times = [];
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      // clocks of browsers are coarse
      for (let turn = 0; turn < 20; turn++) work(round * 20 + turn);
      times.push((performance.now() - start) / 20);
    }
    return times;
  };
  return JSON.stringify({
    "one full pass": timed(() => { filled.finish(); filled.errors(); }),
    "one answer": timed((turn) => filled.set(path, values[turn % 2])),
    "beginning with answers": timed(begin),
  });
})
"""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=300)
    rounds = options.parse_args().rounds
    weigh()
    household = xform.parse(built_in("household_baseline").xform)
    answers = synthesise(household, Random(7), language="kk", finished_at=NOW)  # noqa: S311  # no secret
    measure("household_baseline", household, (answers, "child[1]/c_age", [3, 9], rounds))
    sized = xform.parse(compile_workbook(sized_workbook(60, 90).encode(), "sized.md").xform)
    filled = filled_interview(sized)
    path = next(item.path for item in sized.walk() if getattr(item, "type", "") == "integer")
    measure("60 questions", sized, (filled.snapshot(), path, [30, 31], rounds))


def weigh() -> None:
    """Print what a phone loads."""
    for entry in (LOGIC, *sorted(PARTS.glob("*.js"))):
        text = join_modules(entry).module.encode()
        packed = len(gzip.compress(text, compresslevel=6, mtime=0))
        print(f"{entry.name}: {len(text)} bytes, {packed} gzipped")


def measure(name: str, form: Questionnaire, filling: tuple[Any, ...]) -> None:
    """Print the figures of one questionnaire: its answers, a path, its values in turn, rounds."""
    print(f"{name}: {len(expressions_of(form))} expressions")
    given = [json.dumps(each) for each in (document(form, ["kk"]), *filling)]
    show("server", on_server(form, *filling))
    call = f"{_TIMED}({', '.join(given)})"
    with Engine() as engine:
        # a bare V8 has no clock but the calendar's
        engine.evaluate("globalThis.performance ??= { now: () => Date.now() }")
        show("embedded V8", json.loads(engine.evaluate(call)))
    show("Chromium", in_chromium(call))


def on_server(form: Questionnaire, answers: Any, path: str, values: Any, rounds: int) -> Any:
    """Milliseconds of the same in Python."""
    filled = Interview(form, answers, language="kk", now=NOW)

    def full_pass(_turn: int) -> None:
        filled.finish()
        filled.errors()

    works = {
        "one full pass": full_pass,
        "one answer": lambda turn: filled.set(path, values[turn % 2]),
        "beginning with answers": lambda turn: Interview(form, answers, language="kk", now=NOW),
    }
    return {what: [timed(work, turn) for turn in range(rounds)] for what, work in works.items()}


def timed(work: Any, turn: int) -> float:
    """Milliseconds of one call."""
    start = perf_counter()
    work(turn)
    return (perf_counter() - start) * 1000


def in_chromium(call: str) -> Any:
    """Milliseconds in a real browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = browser.new_page()
        page.add_script_tag(content=join_modules(LOGIC).script("logic"))
        found = json.loads(page.evaluate(call))
        browser.close()
    return found


def show(where: str, times: dict[str, list[float]]) -> None:
    """Print minimum and median."""
    for what, milliseconds in times.items():
        print(f"  {what}, {where}: {min(milliseconds):.3f} ms (median {median(milliseconds):.3f})")


if __name__ == "__main__":
    main()
