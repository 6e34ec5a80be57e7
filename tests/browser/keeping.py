"""What tests of a page's keeping share: calling the keeper in a page, and killing the browser."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright

from tests.browser import FLAGS, chromium

#: how often the browser is killed in each of the tests that do; many more by hand: `KILL_ROUNDS=100`
KILL_ROUNDS = range(int(os.environ.get("KILL_ROUNDS", "1")))

_WITH_KEEPER = """
async ([door, argument]) => {
  const { openKeeper } = await import("/scripts/keeper.js");
  window.keepers ??= {};
  const keeper = (window.keepers[door] ??= await openKeeper({ door, onLocked: () => (window.asked = true) }));
  const codeOf = (work) => work.then(() => "kept", (error) => error.code ?? String(error));
  return (%s)(keeper, argument, codeOf);
}
"""


def call(page: Page, script: str, argument: Any = None, door: str = "web") -> Any:
    """What a script makes of `(keeper, argument, codeOf)`; `codeOf` tells how a promise ended."""
    return page.evaluate(_WITH_KEEPER % script, [door, argument])


def launch(driver: Playwright, profile: Path, address: str) -> BrowserContext:
    """A browser with a profile of its own, which can be killed and started again."""
    return driver.chromium.launch_persistent_context(
        str(profile), executable_path=chromium(), args=list(FLAGS), base_url=address
    )


def kill_browser_of(profile: Path) -> None:
    """`kill -9` of the browser that has this profile, and of all that it started."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _has_profile(folder, profile):
            os.kill(int(folder.name), signal.SIGKILL)


def _has_profile(process: Path, profile: Path) -> bool:
    try:
        command = (process / "cmdline").read_bytes()
    except OSError:  # it has ended
        return False
    return f"--user-data-dir={profile}".encode() in command.split(b"\0")
