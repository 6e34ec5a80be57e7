"""Whether Chromium's own downloads go on after the line broke; by hand, not by pytest.

    apt-get install --no-install-recommends chromium
    python -m tests.exports.chromium_downloads

Somebody prepares a file on the page and downloads it over a line that breaks in the middle; it is gone on
with as the browser itself does it, else by “Resume” on its page of downloads.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.migrating import upgrade_database
from surveyapp.people import service
from surveyapp.people.rights import RoleName
from tests.accounts import PASSWORD
from tests.breaking_line import Line, line_to
from tests.browser import FLAGS, chromium
from tests.exports import visits
from tests.factories import store_rows, submission_row
from tests.live import free_port, live_server

#: bytes after which the line breaks
PIECE = 300_000
PATIENCE = 30.0


def main() -> None:
    """Prepare, download, break, go on, and compare."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _fill(folder / "instance")
        with (
            live_server(folder / "instance", prepared=True) as address,
            line_to(address.removeprefix("http://")) as line,
            _browser(folder) as page,
        ):
            sha256 = _prepare(page, f"http://{line.host}")
            line.once = True
            _download(page, line)
            print("broken once:", _outcome(folder, sha256), _asked(line.heard))
            line.once = False
            _download(page, line)
            time.sleep(2)
            print("broken for longer:", _outcome(folder, sha256), _asked(line.heard))
            line.heard.clear()
            line.mend()
            _resume(page)
            print("“Resume”:", _outcome(folder, sha256), _asked(line.heard))


def _download(page: Page, line: Line) -> None:
    line.heard.clear()
    line.back = PIECE
    page.get_by_role("link", name="Download").first.click()
    _wait(lambda: line.back in {0, None})


def _resume(page: Page) -> None:
    """As somebody does it on the browser's own page."""
    shown = page.context.new_page()
    shown.goto("chrome://downloads")
    shown.locator("downloads-item #more-actions").first.click()
    shown.locator("downloads-item #pause-or-resume").first.click()


def _outcome(folder: Path, sha256: str) -> str:
    """The newest download, when it has been still for a while."""
    files = list((folder / "downloads").glob("*"))
    sizes: list[int] = []
    while len(sizes) < 3 or len(set(sizes[-3:])) > 1:
        time.sleep(1)
        files = list((folder / "downloads").glob("*"))
        sizes.append(sum(file.stat().st_size for file in files))
    newest = max(files, key=lambda file: file.stat().st_mtime)
    is_whole = hashlib.sha256(newest.read_bytes()).hexdigest() == sha256
    return f"{newest.name}, {newest.stat().st_size} bytes, {'whole' if is_whole else 'not whole'};"


def _fill(instance: Path) -> None:
    app = create_app(Settings.from_environment({"INSTANCE_PATH": str(instance), "DEMONSTRATION": "yes"}))
    with app.app_context():
        upgrade_database()
        visits.publish("1")
        service.add_user("exporter", [RoleName.ADMINISTRATOR], PASSWORD)
        store_rows([submission_row(visits.ID, {"visit": {"size": n}}) for n in range(6000)])
        db.session.remove()
        db.engine.dispose()


@contextmanager
def _browser(folder: Path) -> Iterator[Page]:
    """Chromium as people have it: its downloads are its own, not those of whoever drives it."""
    profile, downloads, port = folder / "profile", folder / "downloads", free_port()
    (profile / "Default").mkdir(parents=True)
    preferences = {"download": {"default_directory": str(downloads), "prompt_for_download": False}}
    (profile / "Default" / "Preferences").write_text(json.dumps(preferences), encoding="utf-8")
    command = [
        chromium(),
        *FLAGS,
        "--headless=new",
        f"--remote-debugging-port={port}",
        f"--user-data-dir={profile}",
        "about:blank",
    ]
    with (folder / "chromium.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        with sync_playwright() as playwright:
            _wait(
                lambda: (
                    "DevTools listening"
                    in (folder / "chromium.log").read_text(encoding="utf-8", errors="replace")
                )
            )
            browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
            own = {"behavior": "allow", "downloadPath": str(downloads)}
            browser.new_browser_cdp_session().send("Browser.setDownloadBehavior", own)
            yield browser.contexts[0].pages[0]
    finally:
        process.terminate()
        process.wait(30)


def _prepare(page: Page, address: str) -> str:
    page.goto(f"{address}/manage/sign-in")
    page.fill("#username", "exporter")
    page.fill("#password", PASSWORD)
    page.click("form button.main")
    page.wait_for_url("**/manage")
    page.goto(f"{address}/manage/q/{visits.ID}/export?lang=en")
    page.get_by_role("button", name="Prepare a file").click()
    page.get_by_role("link", name="Download").first.wait_for(timeout=60_000)
    found = re.search(r"SHA-256 ([0-9a-f]{64})", page.content())
    assert found is not None
    return found[1]


def _asked(heard: bytearray) -> list[str]:
    """Ranges and conditions of the requests."""
    wanted = re.compile(
        rb"^(?:GET|Range|If-Range|If-Match|If-None-Match|If-Unmodified-Since)\b.*",
        re.MULTILINE | re.IGNORECASE,
    )
    return [line.decode().strip() for line in wanted.findall(heard)]


def _wait(is_so: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


if __name__ == "__main__":
    main()
