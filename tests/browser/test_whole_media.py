"""An author's pictures and sounds on the whole page: there without a network, loaded when they are looked at."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.browser.conftest import OpenPage
from tests.browser.test_whole import go_on, question
from tests.browser.whole import key, open_whole, ready
from tests.channels.pages.workbooks import workbook
from tests.files import pictures

pytestmark = pytest.mark.chromium

HEARD = workbook(
    "heard",
    """| | type | name | label | media::image | media::audio |
| | begin_group | one | One |
| | text | first | First | small.png | |
| | end_group | one |
| | begin_group | two | Two |
| | text | second | Second | | word.wav |
| | text | third | Third | large.png | |
| | end_group | two |
""",
)
#: whether a sound or a film can be played from here
PLAYABLE = """
(element) => new Promise((resolve) => {
  element.addEventListener("loadeddata", () => resolve("ready"), { once: true });
  element.addEventListener("error", () => resolve("failed"), { once: true });
  element.preload = "auto";
  element.load();
})
"""


def sound() -> bytes:
    """A tenth of a second of silence."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes([128]) * 800)
    return target.getvalue()


def picture(edge: int) -> bytes:
    target = io.BytesIO()
    pictures.drawing().resize((edge, edge)).save(target, "BMP" if edge > 200 else "PNG")
    return target.getvalue()


@pytest.fixture
def heard(demonstration: Flask) -> str:
    """A questionnaire with a light picture, a heavy one and a sound."""
    files = {"small.png": picture(40), "large.png": picture(400), "word.wav": sound()}
    with demonstration.app_context():
        compiled = compile_workbook(HEARD.encode(), name="heard.md")
        if catalogue.current(compiled.id) is None:
            catalogue.publish(compiled, access=Access.PUBLIC, demonstration=True, files=files)
    return "heard"


@pytest.fixture
def page(open_page: OpenPage) -> Iterator[Page]:
    opened = open_page(java_script_enabled=True)
    opened.set_default_timeout(20_000)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(f"{error} {error.stack}"))
    yield opened
    assert errors == []


def kept_media(page: Page) -> list[str]:
    """Suffixes of the media that the service worker has copies of."""
    names: list[str] = page.evaluate(
        """async () => {
          const copies = await caches.open("surveyapp questionnaires");
          return (await copies.keys()).map(({ url }) => url).filter((url) => url.includes("/media/"));
        }"""
    )
    return sorted(name.rpartition(".")[2] for name in names)


def wait_for_copies(page: Page, suffixes: list[str]) -> None:
    for _look in range(100):
        if kept_media(page) == suffixes:
            return
        page.wait_for_timeout(200)
    assert kept_media(page) == suffixes


def test_light_pictures_and_sounds_are_there_without_a_network_before_they_were_seen(
    page: Page, heard: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_whole(page, "ru", heard)
    wait_for_copies(page, ["png", "wav"])
    assert [each for each in asked if each.endswith(".wav")] == [], "nobody has listened to it yet"
    page.context.set_offline(True)
    page.reload()
    ready(page)
    shown = question(page, "first").locator("img")
    expect(shown).to_be_visible()
    assert shown.evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 40
    question(page, "first").locator("[name]").fill("a")
    go_on(page)
    assert key(page) == "2"
    assert question(page, "second").locator("audio").evaluate(PLAYABLE) == "ready"


def test_a_heavy_picture_is_loaded_when_it_is_looked_at_and_kept_from_then_on(
    page: Page, heard: str
) -> None:
    open_whole(page, "kk", heard)
    wait_for_copies(page, ["png", "wav"])
    page.reload()
    ready(page)
    go_on(page)
    expect(page).to_have_url(re.compile("#"))  # the place is kept, though nothing is answered
    shown = question(page, "third").locator("img")
    shown.scroll_into_view_if_needed()
    wait_for_copies(page, ["png", "png", "wav"])
    page.context.set_offline(True)
    page.reload()
    ready(page)
    shown.scroll_into_view_if_needed()
    assert shown.evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 400
