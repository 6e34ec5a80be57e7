"""The field staff's program as a phone's own: Chromium would install it, and it keeps an author's media."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, Playwright, expect

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.i18n import LANGUAGES
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.browser.conftest import demonstrating, serving
from tests.browser.fielding import KEPT, begin, enrol
from tests.browser.keeping import launch
from tests.browser.test_whole import go_on, question
from tests.browser.test_whole_media import HEARD, PLAYABLE, picture, sound

pytestmark = pytest.mark.chromium

#: a launcher may cut away all but this part of a maskable icon (W3C, “Web Application Manifest”: a circle of 80 %)
SAFE = 0.4


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with demonstrating(tmp_path_factory.mktemp("installing")) as app:
        with app.app_context():
            files = {"small.png": picture(40), "large.png": picture(400), "word.wav": sound()}
            compiled = compile_workbook(HEARD.encode(), name="heard.md")
            catalogue.publish(compiled, access=Access.STAFF, demonstration=True, files=files)
            db.session.commit()
        yield app


@pytest.fixture(scope="module")
def address(application: Flask) -> Iterator[str]:
    with serving(application) as address:
        yield address


@pytest.fixture
def phone(driver: Playwright, address: str, tmp_path: Path) -> Iterator[BrowserContext]:
    """With a profile of its own: Chromium installs nothing from a private window."""
    context = launch(driver, tmp_path / "profile", address)
    yield context
    context.close()


def test_chromium_would_install_it_in_every_language(
    phone: BrowserContext, application: Flask, address: str
) -> None:
    page = enrol(phone, application)
    session = phone.new_cdp_session(page)
    for language in LANGUAGES:
        page.goto(f"/{language}/field")
        page.wait_for_function("() => navigator.serviceWorker.controller")  # browsers of 2022 want one
        assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] == [], language
        found = session.send("Page.getAppManifest")
        assert found["errors"] == [], language
        told = json.loads(found["data"])
        assert (told["lang"], told["display"], told["start_url"]) == (language, "standalone", "/field")
        assert told["name"] and len(told["short_name"]) <= 15  # longer ones are cut off below an icon
        purposes = {
            icon["purpose"]: page.request.get(address + icon["src"]).body() for icon in told["icons"]
        }
        assert set(purposes) == {"any", "maskable"}
        _holds_the_mark_within_the_circle(purposes["maskable"])


def _holds_the_mark_within_the_circle(picture: bytes) -> None:
    with Image.open(io.BytesIO(picture)) as opened:
        icon = opened.convert("RGBA")
    (width, height), ground = icon.size, icon.getpixel((0, 0))
    assert (width, height) == (512, 512)
    outside = {
        icon.getpixel((x, y))
        for x in range(0, width, 4)
        for y in range(0, height, 4)
        if (x - width / 2) ** 2 + (y - height / 2) ** 2 > (SAFE * width) ** 2
    }
    assert outside == {ground} and isinstance(ground, tuple) and ground[3] == 255
    assert icon.getpixel((width // 2, height // 2)) is not None


def test_an_authors_pictures_and_sounds_are_there_without_a_network_before_they_were_seen(
    phone: BrowserContext, application: Flask
) -> None:
    page = enrol(phone, application)
    expect(page.locator("#copies")).to_have_text(KEPT, timeout=60_000)
    phone.set_offline(True)
    begin(page, "heard")
    shown = question(page, "first").locator("img")
    assert shown.evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 40
    go_on(page)
    assert question(page, "second").locator("audio").evaluate(PLAYABLE) == "ready"
    heavy = question(page, "third").locator("img")
    heavy.scroll_into_view_if_needed()
    assert heavy.evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 400
