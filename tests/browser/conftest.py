"""A demonstration served on a loopback port, and Chromium to look at it with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright
from werkzeug.serving import make_server

from surveyapp import create_app
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.migrating import upgrade_database
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.browser import FLAGS, chromium

#: opens a page at 360 × 640; arguments are Playwright's for a context
OpenPage: TypeAlias = Callable[..., Page]
SMALL_PHONE = {"width": 360, "height": 640}
#: milliseconds; a machine that does other work at the same time is slow, and nothing waits longer than it must
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


@contextmanager
def demonstrating(instance: Path) -> Iterator[Flask]:
    """The application of a demonstration on SQLite, with the built-in questionnaires."""
    environment = {"INSTANCE_PATH": str(instance), "DEMONSTRATION": "yes", "LOG_LEVEL": "ERROR"}
    environment["SECOND_FACTOR"] = "optional"
    settings = Settings.from_environment(environment)
    app = create_app(settings)
    with app.app_context():
        upgrade_database()
        catalogue.publish_built_in(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Address at which an application is served meanwhile."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration that tests share."""
    with demonstrating(tmp_path_factory.mktemp("browser")) as app:
        yield app


@pytest.fixture
def publish(demonstration: Flask) -> Callable[[str], str]:
    """Publishes a small workbook of a test's own, open to everybody; returns its id."""

    def publish_workbook(workbook: str) -> str:
        with demonstration.app_context():
            compiled = compile_workbook(workbook.encode(), name="test.md")
            if catalogue.current(compiled.id) is None:
                catalogue.publish(compiled, access=Access.PUBLIC, demonstration=True)
            return compiled.id

    return publish_workbook


@pytest.fixture(scope="session")
def served(demonstration: Flask) -> Iterator[str]:
    """Address of the running demonstration."""
    with serving(demonstration) as address:
        yield address


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    """Playwright."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(driver: Playwright) -> Iterator[Browser]:
    """Chromium."""
    started = driver.chromium.launch(executable_path=chromium(), args=list(FLAGS))
    yield started
    started.close()


@pytest.fixture
def open_page(browser: Browser, served: str) -> Iterator[OpenPage]:
    """Opens pages as a small phone has them, by default without scripts."""
    contexts = []

    def open_page(**options: Any) -> Page:
        defaults: dict[str, Any] = {"java_script_enabled": False, "viewport": SMALL_PHONE}
        options = defaults | {"base_url": served} | options
        context = browser.new_context(**options)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small JPEG to upload."""
    path = tmp_path / "wall.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0" + b"a wall")
    return path
