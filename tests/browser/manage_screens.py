"""Pictures of every page under /manage: `python -m tests.browser.manage_screens FOLDER [--language kk] [--width 360]`.

The walk of `test_manage_looks`, whole pages with all that is folded opened; somebody is to look at them.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from surveyapp.i18n import LANGUAGES
from tests.browser import FLAGS, chromium
from tests.browser.conftest import demonstrating, serving
from tests.browser.desk_furniture import furnish
from tests.browser.test_manage_looks import walk

HEIGHTS = {360: 640, 1200: 900}


def main() -> None:
    """Make the pictures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--language", action="append", choices=LANGUAGES)
    options.add_argument("--width", type=int, default=360, choices=HEIGHTS)
    given = options.parse_args()
    viewport = {"width": given.width, "height": HEIGHTS[given.width]}
    with tempfile.TemporaryDirectory() as instance, demonstrating(Path(instance)) as app:
        desk = furnish(app)
        with serving(app) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
            for language in given.language or LANGUAGES:
                context = browser.new_context(base_url=address, viewport=viewport, locale=language)  # type: ignore[arg-type]  # two numbers
                folder = given.folder / f"{language}-{given.width}"
                folder.mkdir(parents=True, exist_ok=True)
                page = context.new_page()
                for number, screen in enumerate(walk(page, app, desk)):
                    page.evaluate(
                        "for (const each of document.querySelectorAll('details')) each.open = true"
                    )
                    name = re.sub(r"[0-9a-f-]{36}", "record", urlsplit(screen).path.strip("/"))
                    page.screenshot(
                        path=folder / f"{number:03}-{name.replace('/', '-')}.png", full_page=True
                    )
                context.close()
            browser.close()


if __name__ == "__main__":
    main()
