"""Tests in a real browser: Chromium, driven by Playwright, against the application on a loopback port.

A test here carries `@pytest.mark.chromium`. The executable is the one in `CHROMIUM`, else the first of
the usual names on the path.
"""

from __future__ import annotations

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
#: nothing that calls home, and nothing that needs a screen or a sandbox of the container's own
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """The browser's executable; without one the test is skipped by name, under `CI=true` it fails."""
    named = os.environ.get("CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail("CI=true, but there is no Chromium on the path")
    pytest.skip("needs Chromium (on the path, or named by CHROMIUM)")
