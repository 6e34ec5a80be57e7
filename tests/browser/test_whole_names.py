"""Questions whose names are those of properties, or of the page's own elements, on the whole page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import OpenPage
from tests.browser.whole import draft, kept, open_whole, ready

pytestmark = pytest.mark.chromium

#: what the modules ask a form for, and what an author may well call a question
NAMES = (
    *("dataset", "hidden", "elements", "children", "form", "submit", "action", "method", "id", "name"),
    *("querySelector", "querySelectorAll", "addEventListener", "insertBefore", "getAttribute"),
    *("parentNode", "length", "target", "remove", "closest", "matches", "constructor", "toString"),
    # ids of the page's own elements
    *("next", "back", "review", "step", "progress", "kept", "notice", "summary", "problems", "wrong"),
    *("unsure", "card", "sure", "sent", "queued", "gone", "answers", "main"),
    # what fields of forms of questions, or of staff, are or were called
    *("go", "revision", "whole", "csrf_token", "phone", "replace"),
)
#: Playwright asks forms by their own methods too, and would find the questions: everything goes by the document
_ANSWER = """
(names) => {
  for (const name of names) {
    for (const field of document.getElementsByName(name)) {
      field.value = `x ${name}`;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}
"""
_NEXT = "document.getElementById('next').click()"
_HEAD = """| survey |
| | type | name | label::English (en) |
"""
_TAIL = """| settings |
| | form_title | form_id | version | default_language |
| | Names | own_names | 1 | English (en) |
"""


def workbook() -> str:
    """A line to write for each of the names."""
    return _HEAD + "".join(f"| | text | {name} | About {name} |\n" for name in NAMES) + _TAIL


def test_questions_may_be_called_like_the_properties_of_a_form(
    open_page: OpenPage, publish: Callable[[str], str]
) -> None:
    page = open_page(java_script_enabled=True)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    open_whole(page, "en", publish(workbook()))
    page.evaluate(_ANSWER, ["dataset"])
    # taken up again, what is not answered yet has no answer
    assert draft(page)["snapshot"] == {"dataset": "x dataset"}
    page.reload()
    ready(page)
    for _screen in NAMES:
        page.evaluate(_ANSWER, list(NAMES))
        if page.evaluate("history.state.page") == "review":
            break
        page.evaluate(_NEXT)
    written = draft(page)["snapshot"]
    assert written == {name: f"x {name}" for name in NAMES}
    page.evaluate(_NEXT)
    page.locator("#sent .code").wait_for()
    assert kept(page, "drafts") == []
    assert [each["status"] for each in kept(page, "receipts")] == ["stored"]
    assert wrong == []
