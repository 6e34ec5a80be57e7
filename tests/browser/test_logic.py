"""The phone's logic in a real browser: the served modules, imported by a page under our own policy."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page

from surveyapp.assets import FOR_AN_HOUR, FOR_EVER
from surveyapp.questionnaires import logic, xform
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.javascript import LOGIC
from surveyapp.scripts import join_modules
from tests.browser.conftest import OpenPage
from tests.questionnaires.compiled import built_in
from tests.questionnaires.forms import MOMENT

#: what is answered, in this order, and looked at afterwards
ANSWERS: list[tuple[str, Any]] = [
    ("visit/a_region", "100000000"),
    ("visit/a_visit", "done"),
    ("consent/a_consent", "agree"),
    ("consent/a_private", "yes"),
    ("household/h_size", 4),
    ("household/h_children", 2),
    ("child[1]/c_age", 7),
    ("child[2]/c_age", 30),
]
_FILL = """
async ([address, form, answers]) => {
  const { Interview, Plan } = await import(address);
  const interview = new Interview(new Plan(form), { language: "kk", now: "2026-09-01T14:03:07.000+05:00" });
  const changed = answers.map(([path, value]) => Object.keys(interview.set(path, value)).length);
  const errors = interview.errors().map(({ path, code }) => [path, code]);
  return { changed, errors, answers: interview.answers(), snapshot: interview.snapshot() };
}
"""

pytestmark = pytest.mark.chromium


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    page = open_page(java_script_enabled=True)
    page.goto("/en/")
    return page


def without_chance(answers: Any) -> Any:
    """Answers without what is drawn."""
    return json.loads(re.sub(r'"x_(seed|n)": "[0-9]*"', '"x_drawn": ""', json.dumps(answers)))


@pytest.mark.parametrize("address", ["/scripts/logic.js", "/static/logic/logic.js"])
def test_an_interview_in_chromium_is_that_of_the_server(page: Page, address: str) -> None:
    form = xform.parse(built_in("household_baseline").xform)
    theirs = page.evaluate(_FILL, [address, logic.document(form, ["kk"]), ANSWERS])
    ours = Interview(form, language="kk", now=MOMENT)
    for path, value in ANSWERS:
        ours.set(path, value)
    assert all(theirs["changed"])
    assert theirs["errors"] == [[error.path, error.code] for error in ours.errors()]
    assert without_chance(theirs["answers"]) == without_chance(ours.answers())
    assert without_chance(theirs["snapshot"]) == without_chance(ours.snapshot())


@pytest.mark.parametrize(
    "part",
    ["checklists", "elements", "encodings", "geography", "indexed", "patterns", "search", "shuffling"],
)
def test_a_part_beside_the_logic_is_imported_and_installed(page: Page, part: str) -> None:
    added = page.evaluate(
        """async (part) => {
          const logic = await import("/scripts/logic.js");
          const { install } = await import(`/scripts/${part}.js`);
          const before = Object.keys({ ...logic.FUNCTIONS, ...logic.FORMS }).length;
          install(logic);
          return Object.keys({ ...logic.FUNCTIONS, ...logic.FORMS }).length - before;
        }""",
        part,
    )
    assert added > 0


def test_a_script_is_kept_for_ever_only_under_its_mark(page: Page, served: str) -> None:
    plain = page.request.get("/scripts/logic.js")
    assert plain.headers["cache-control"] == FOR_AN_HOUR
    assert plain.headers["content-type"].startswith("text/javascript")
    assert page.request.get("/scripts/nothing.js").status == 404
    marked = page.request.get(f"/scripts/logic.js?v={join_modules(LOGIC).mark}")
    assert marked.headers["cache-control"] == FOR_EVER
