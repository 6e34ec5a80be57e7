"""A demonstration served on a loopback port, and Chromium to look at it with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from surveyapp import create_app
from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.preparing import upgrade_database
from tests.browser import FLAGS, chromium

#: opens a page at 360 × 640; arguments are Playwright's for a context
OpenPage: TypeAlias = Callable[..., Page]
SMALL_PHONE = {"width": 360, "height": 640}


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running demonstration on SQLite."""
    environment = {
        "INSTANCE_PATH": str(tmp_path_factory.mktemp("browser")),
        "DEMONSTRATION": "yes",
        "LOG_LEVEL": "ERROR",
    }
    settings = Settings.from_environment(environment)
    app = create_app(settings)
    with app.app_context():
        upgrade_database()
        catalogue.publish_built_in(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium."""
    executable = chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
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
