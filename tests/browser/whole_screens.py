"""Pictures of every screen: `python -m tests.browser.whole_screens FOLDER [--only field] [--language kk]`.

360 × 640, light and dark, in three languages: the public pages and stepwise pages, the whole page of every
built-in questionnaire and of small ones with the other kinds of controls, and `/field`. A folder for each walk,
and a sheet with all its screens side by side (`sheet-….png`); somebody is to look at them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from surveyapp.i18n import LANGUAGES
from tests.browser import FLAGS, chromium, screens
from tests.browser.fielding import SMALL_PHONE
from tests.performance.phone_page import served

SCHEMES = ("light", "dark")
#: screens in a row of a sheet, and how large they are on it
ACROSS, SHOWN = 8, (240, 427)


def walks(app: Flask, language: str) -> dict[str, Callable[[Page], Iterator[str]]]:
    """Every walk, by name."""
    questionnaires = (*screens.BUILT_IN, *screens.SMALL)
    return {
        "public": lambda page: screens.public(page, language),
        **{each: lambda page, each=each: screens.whole(page, language, each) for each in questionnaires},  # type: ignore[misc]  # the name is bound
        "interruptions": lambda page: screens.interruptions(page, app, language),
        "twice": lambda page: screens.twice(page, language),
        "field": lambda page: screens.field(page, app, language),
    }


def main() -> None:
    """Make the pictures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--only", action="append", help="one of the walks; may be given several times")
    options.add_argument("--language", action="append", choices=LANGUAGES)
    given = options.parse_args()
    with served() as (base, app), sync_playwright() as playwright:
        screens.publish_small(app)
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        for language in given.language or LANGUAGES:
            for name, walk in walks(app, language).items():
                if name in (given.only or [name]):
                    take(browser, base, given.folder / f"{name}-{language}", walk)
        browser.close()


def take(browser: Browser, base: str, folder: Path, walk: Callable[[Page], Iterator[str]]) -> None:
    """The pictures of one walk, each screen in both colour schemes."""
    folder.mkdir(parents=True, exist_ok=True)
    for former in folder.glob("*.png"):
        former.unlink()
    context = browser.new_context(base_url=base, viewport=SMALL_PHONE, locale="ru")
    page = context.new_page()
    for number, screen in enumerate(walk(page)):
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # two literals
            page.screenshot(path=folder / f"{number:02}-{screen.replace(' ', '-')}-{scheme}.png")
        page.emulate_media(color_scheme="light")
    context.close()
    for scheme in SCHEMES:
        sheet(
            sorted(folder.glob(f"*-{scheme}.png")), folder.parent / f"sheet-{folder.name}-{scheme}.png"
        )
    print(f"{folder.name}: {number + 1} screens", flush=True)


def sheet(pictures: list[Path], target: Path) -> None:
    """All pictures side by side."""
    width, height = SHOWN
    rows = -(-len(pictures) // ACROSS)
    whole = Image.new("RGB", (ACROSS * (width + 8), rows * (height + 8)), "#888")
    for number, picture in enumerate(pictures):
        with Image.open(picture) as each:
            small = each.resize(SHOWN)
        whole.paste(small, ((number % ACROSS) * (width + 8), number // ACROSS * (height + 8)))
    whole.save(target)


if __name__ == "__main__":
    main()
