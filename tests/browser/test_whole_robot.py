"""A robot fills in the built-in questionnaires at random on the whole page.

On every page what is shown must be what the server's interview shows of the same answers, and what JavaRosa,
the engine of ODK Collect, shows of them: which questions, their words, what they offer, what is wrong with
them. What is sent in the end must be stored as it was answered and without a flag: the server found no rule
broken and no calculation that came out differently.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page

from surveyapp.catalogue.service import placeholder_texts
from surveyapp.channels.pages.questions import in_order
from surveyapp.channels.pages.walk import Walk
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.questionnaires import library, partition, xform
from surveyapp.questionnaires.definition import SELECT_TYPES, Question, Valued
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.opening import identity_of
from surveyapp.submissions.showing import find
from tests.browser.beside import Beside, is_computed_or_answered
from tests.browser.conftest import OpenPage
from tests.browser.whole import draft, kept, key, open_whole
from tests.oracle import Oracle, require_java

pytestmark = pytest.mark.chromium

#: how often each questionnaire is filled in; more by hand: `ROBOT_SEEDS=20`
SEEDS = range(1, int(os.environ.get("ROBOT_SEEDS", "1")) + 1)

MOST_PAGES = 150
#: what fits where a constraint asks for a form
FITTING = {"t_age": "14", "a_hhcode": "012-007", "k_code": "AB-12", "h_size": "6", "h_children": "2"}
#: readable and unreadable, small and large
TYPED = (
    "",
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "9",
    "14",
    "17",
    "2,5",
    "-1",
    "250",
    "abc",
    "Аружан",
    "012-007",
)
DAYS = {
    "day": ("1", "5", "31"),
    "month": ("1", "2", "9"),
    "year": ("2019", "2026", "26"),
    "time": ("14:30", "9.05", "x"),
}

#: does one thing to every question of the page; `wanted(name)` says what
FILL = """
async ([wishes, draws]) => {
  let next = 0;
  // what follows from a choice is shown once it is painted
  const shown = () => new Promise((done) => requestAnimationFrame(() => setTimeout(() => setTimeout(done))));
  const draw = (most) => draws[next++ % draws.length] % most;
  const told = (field, kind) => field.dispatchEvent(new Event(kind, { bubbles: true }));
  for (const wrapper of document.querySelectorAll("section.page:not([hidden]) > [data-q]")) {
    if (wrapper.hidden) continue;
    const name = wrapper.dataset.q.split("/").pop();
    const ticks = [...wrapper.querySelectorAll("input[type=radio], input[type=checkbox]")];
    if (ticks.length) {
      // what cannot be chosen together is not, from the second try on
      if (wishes.one) for (const tick of ticks) if (tick.checked && tick.type === "checkbox") tick.click();
      const wanted = ticks.find(({ value }) => value === wishes[name]);
      const chosen = wanted ?? ticks[draw(ticks.length + 1)];
      if (chosen && (chosen.type === "checkbox" || !chosen.checked)) chosen.click();
    }
    for (const select of wrapper.querySelectorAll("select")) {
      select.selectedIndex = draw(select.options.length);
      told(select, "change");
    }
    for (const field of wrapper.querySelectorAll("input[type=text], textarea")) {
      const part = field.name.split("@")[1];
      const values = wishes[part] ?? wishes[name] ?? wishes[""];
      field.value = typeof values === "string" ? values : values[draw(values.length)];
      told(field, "input");
      told(field, "change");
    }
    await shown();
  }
}
"""
#: questions as they are shown: path, words, choices
SHOWN = """
() => [...document.querySelectorAll("section.page:not([hidden]) > [data-q]")].filter(({ hidden }) => !hidden).map((wrapper) => [
  wrapper.dataset.q,
  wrapper.querySelector("legend, .ask, .note > p").textContent.trim(),
  [...wrapper.querySelectorAll("input[type=radio], input[type=checkbox], option")].map(({ value }) => value).filter(Boolean),
])
"""


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    require_java()
    with Oracle() as running:
        yield running


def as_demonstrated(questionnaire: str) -> bytes:
    """The XForm of a built-in questionnaire with the texts of a demonstration."""
    placeholders = placeholder_texts(Settings.from_environment({"DEMONSTRATION": "yes"}))
    workbook = library.workbook(questionnaire)
    return compile_workbook(workbook, f"{questionnaire}.md", placeholders=placeholders).xform


class Robot:
    """One filling of one questionnaire."""

    def __init__(self, page: Page, beside: Beside, seed: int) -> None:
        self.page = page
        self.language = beside.language
        self.random = Random(seed)  # noqa: S311  # no secret
        self.definition = beside.definition
        self.beside = beside
        self.tries = 0

    def interview(self) -> Interview:
        """The server's interview of what is kept on the phone."""
        snapshot = draft(self.page)["snapshot"]
        return Interview(self.definition, snapshot, language=self.language, now=datetime.now(UTC))

    def fill(self) -> None:
        """Answer the page at random; with every try more as it should be."""
        wishes: dict[str, Any] = {"": TYPED, **DAYS}
        if self.tries:
            wishes |= FITTING | {
                "one": True,
                "": ("1", "3", "5"),
                "day": "5",
                "month": "9",
                "year": "2020",
                "time": "14:30",
            }
        wishes |= {"b_consent": "agree", "a_consent": "agree", "t_assent": "agree", "a_visit": "done"}
        if code := self.page.evaluate("sessionStorage.getItem('code')"):
            wishes["t_code"] = code
        draws = [self.random.randrange(1000) for _ in range(97)]
        self.page.evaluate(FILL, [wishes, draws])

    def expected(self) -> list[Any]:
        """What the server would show on this page."""
        interview = self.interview()
        page = Walk(interview).find(key(self.page))
        assert page is not None
        return [
            [path, _folded(interview.text(item.label, path).text), self.offered(interview, path, item)]
            for path, item in page.nodes()
            if interview.relevant(path)
        ]

    def offered(self, interview: Interview, path: str, item: Any) -> list[str]:
        """The names of the choices in the order of the page."""
        if not isinstance(item, Question) or item.type not in SELECT_TYPES:
            return []
        offered, apart = in_order(item, tuple(interview.choices(path)))
        return [choice.name for choice in (*offered, *apart)]

    def compare(self) -> None:
        """Hold what the page shows to what the server would."""
        shown = [
            [path, _folded(label), [] if _is_scale(names) else names]
            for path, label, names in self.page.evaluate(SHOWN)
        ]
        assert shown == self.expected(), key(self.page)
        self.beside.follow(draft(self.page)["snapshot"])
        in_javarosa = self.beside.shown(self.paths())
        assert [[path, label] for path, label, _names in shown] == [each[:2] for each in in_javarosa]
        offered = [
            (sorted(here), there) for (*_, here), (*_, there) in zip(shown, in_javarosa, strict=True)
        ]
        assert [here for here, _ in offered if here] == [there for here, there in offered if here]
        assert self.beside.differing(draft(self.page)["snapshot"]) == []

    def paths(self) -> list[str]:
        """The nodes of the page that is shown, asked or not."""
        page = Walk(self.interview()).find(key(self.page))
        assert page is not None
        return [path for path, _item in page.nodes()]

    def step(self) -> bool:
        """Fill in one page and go on; whether there is another one."""
        before = key(self.page)
        self.fill()
        self.compare()
        self.page.locator("#next").click()
        if key(self.page) == before:
            self.tries += 1
            assert self.tries < 12, self.page.locator("#problems").inner_text()
            self.compare_problems()
        else:
            self.tries = 0
        return key(self.page) != "review"

    def compare_problems(self) -> None:
        """What is listed as wrong is what the server finds wrong, or cannot read."""
        if not self.page.locator(".box.wrong").count():
            return
        links = self.page.locator("#problems a").all()
        listed = {str(link.get_attribute("href")) for link in links}
        typed = draft(self.page)["typed"]
        here = self.paths()
        broken = {error.path for error in self.interview().errors()} | set(typed)
        assert listed == {_field_id(path) for path in here if path in broken}
        # a word where a number should be is no answer to JavaRosa, whose screen would not take it
        self.beside.follow(draft(self.page)["snapshot"])
        in_javarosa = self.beside.broken(here) | (set(typed) & set(here))
        assert listed == {_field_id(path) for path in in_javarosa}


def _field_id(path: str) -> str:
    return "#" + re.sub(r"\]", "", path.replace("[", "-").replace("/", "."))


def _folded(text: str) -> str:
    return " ".join(text.split())


def _is_scale(names: list[str]) -> bool:
    """A scale's steps are numbers, and no list of choices."""
    return bool(names) and all(name.isdecimal() and len(name) < 3 for name in names)


def stored(demonstration: Flask, identifier: str, beside: Beside) -> tuple[dict[str, Any], list[str]]:
    """Answers of a stored record by path, the sealed ones too, as far as they hold something; its flags."""
    with demonstration.app_context():
        row = find(UUID(identifier))
        leaves = partition.leaves(beside.definition, row.answers, is_computed_or_answered)
        answers = {path: value for path, _item, value in leaves} | dict(identity_of(keys_of(), row))
        flags = [*row.flags, *(str(each) for each in row.errors)]
        db.session.remove()
    return {path: value for path, value in answers.items() if value not in (None, [], "")}, flags


def is_no_invitation(item: Valued) -> bool:
    """An invitation's code is cut out on receipt, and kept nowhere."""
    return is_computed_or_answered(item) and not partition.is_invitation(item)


def answered(robot: Robot) -> dict[str, Any]:
    """What the page keeps and JavaRosa holds for asked, by path."""
    snapshot = draft(robot.page)["snapshot"]
    leaves = partition.leaves(robot.definition, snapshot, is_no_invitation)
    return {path: value for path, _item, value in leaves if path in robot.beside.relevant()}


@pytest.fixture
def beside(oracle: Oracle, questionnaire: str, language: str, tmp_path: Path) -> Beside:
    """JavaRosa with the questionnaire that the test is about."""
    content = as_demonstrated(questionnaire)
    return Beside(oracle, content, xform.parse(content), language, tmp_path)


@pytest.mark.java
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("questionnaire", "language"),
    [
        ("family_survey", "kk"),
        ("adolescent_selfreport", "ru"),
        ("site_safety", "en"),
        ("household_baseline", "ru"),
    ],
)
def test_page_server_and_javarosa_agree_and_the_record_is_stored_as_it_was_answered(
    open_page: OpenPage, demonstration: Flask, beside: Beside, questionnaire: str, seed: int
) -> None:
    page = open_page(java_script_enabled=True)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_whole(page, beside.language, questionnaire)
    robot = Robot(page, beside, seed)
    for _page in range(MOST_PAGES):
        if not robot.step():
            break
    assert key(page) == "review"
    beside.follow(draft(page)["snapshot"])
    expected = answered(robot)
    page.locator("#next").click()
    page.locator("#sent .code").wait_for()
    assert page.locator("#sent .looked-at").is_hidden()
    [receipt] = kept(page, "receipts")
    assert receipt["status"] == "stored"
    assert stored(demonstration, receipt["id"], beside) == (expected, [])
    assert errors == []
