"""Whole pages served and visited, and what a visit loads until the modules run.

`tests/browser/test_whole_budget.py` holds the weights, `tests/performance/phone.py` measures the times.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server

from surveyapp import create_app
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.channels.pages.whole import offered_whole
from surveyapp.config import Settings
from surveyapp.migrating import upgrade_database
from surveyapp.questionnaires.xlsform import CompiledWorkbook, compile_workbook
from tests.performance.household import compiled
from tests.performance.sized_forms import sized_workbook

#: the made-up questionnaire of five hundred questions
LARGE = "sized"

#: until the modules run: address and compressed bytes of each thing that came over the network, and times
_LOADED = """
() => {
  const [{ startTime: modules }] = performance.getEntriesByName("modules");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter(({ name, startTime, transferSize }) => name.startsWith("http") && startTime < modules && transferSize)
    .map(({ name, encodedBodySize }) => [name.split("?")[0], encodedBodySize]);
  return { modules, painted: paint?.startTime ?? 0, loaded: Object.fromEntries(loaded) };
}
"""


@dataclass(frozen=True)
class Visit:
    """What one visit loaded until the modules ran: addresses with compressed bytes; milliseconds."""

    loaded: dict[str, int]
    painted: float
    modules: float

    @property
    def weight(self) -> int:
        """All bytes."""
        return sum(self.loaded.values())


def visit(page: Page, address: str) -> Visit:
    """Visit a whole page until its modules run."""
    page.goto(address)
    page.locator("html[data-enhanced=yes]").wait_for(timeout=120_000)
    return Visit(**page.evaluate(_LOADED))


class _Silent(WSGIRequestHandler):
    def log_request(self, _code: int | str = "-", _size: int | str = "-") -> None:
        """Nothing: figures are printed between."""


def large() -> CompiledWorkbook:
    """The workbook of five hundred questions and nine hundred expressions."""
    return compile_workbook(sized_workbook(500, 900).encode(), "sized.md")


@contextmanager
def served(*more: CompiledWorkbook) -> Iterator[tuple[str, Flask]]:
    """A demonstration on a loopback port, with the household survey and more."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(
            {"INSTANCE_PATH": folder, "DEMONSTRATION": "yes", "LOG_LEVEL": "CRITICAL"}
        )
        app = create_app(settings)
        with app.app_context():
            upgrade_database()
            catalogue.publish_built_in(settings)
            for workbook in (compiled(), *more):
                catalogue.publish(workbook, access=Access.PUBLIC, demonstration=True)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", app
        server.shutdown()


def address_of(app: Flask, questionnaire: str, language: str = "kk") -> str:
    """The path of a questionnaire's whole page."""
    with app.test_request_context():
        edition = catalogue.current(questionnaire)
        assert edition is not None
        return offered_whole(edition, language)
