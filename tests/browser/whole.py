"""A whole page in Chromium, as tests drive it: opened, looked at, filled in, and what is kept of it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

_KEPT = """
(store) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("surveyapp");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const asked = database.transaction(store).objectStore(store).getAll();
    asked.onsuccess = () => {
      database.close();
      resolve(asked.result);
    };
  };
})
"""


def open_whole(page: Page, language: str, questionnaire: str) -> None:
    """Come from the start page, on one's own phone, and wait for the modules."""
    page.goto(f"/{language}/q/{questionnaire}")
    code = page.locator(".code")
    if code.count():
        page.evaluate("code => sessionStorage.setItem('code', code)", code.inner_text())
    page.locator("input[value=own]").check()
    page.locator("form[data-enhanced=yes] button.main").click()
    ready(page)


def ready(page: Page) -> None:
    """Wait for the whole page's modules."""
    page.locator("html[data-enhanced=yes]").wait_for(timeout=15_000)


def kept(page: Page, store: str) -> list[Any]:
    """The rows of one of the keeper's stores."""
    rows: list[Any] = page.evaluate(_KEPT, store)
    return rows


def draft(page: Page) -> Any:
    """The one draft on this phone, written down now."""
    page.wait_for_timeout(400)
    for _look in range(50):
        if rows := kept(page, "drafts"):
            break
        page.wait_for_timeout(100)
    [row] = rows
    return row["draft"]


def key(page: Page) -> str:
    """The key of the page that is shown: `5`, `5-2`, `review`."""
    return str(page.evaluate("history.state.page"))
