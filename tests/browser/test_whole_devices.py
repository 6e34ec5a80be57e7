"""Controls that use what a phone has: its camera, its microphone's recorder, its place. Only the devices are fakes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser import FLAGS, chromium
from tests.browser.fielding import SMALL_PHONE
from tests.browser.test_whole import go_on, large_photo, question, text
from tests.browser.test_whole_media import PLAYABLE, sound
from tests.browser.whole import draft, kept, key, open_whole, ready
from tests.channels.pages.workbooks import KINDS, TOYS

pytestmark = pytest.mark.chromium

Publish = Callable[[str], str]
CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
#: Chromium on Linux reads no codes; the second picture of the camera has one
DETECTOR = """
globalThis.BarcodeDetector = class {
  async detect(video) {
    globalThis.looks = (globalThis.looks ?? 0) + 1;
    globalThis.seen = [video.videoWidth > 0, video.srcObject];
    return globalThis.looks < 2 ? [] : [{ rawValue: "4870001234567" }];
  }
};
"""
#: scaling of a photo that has not ended yet when the page is loaded anew
SLOW_SCALING = """
const real = globalThis.createImageBitmap;
globalThis.createImageBitmap = (file) => {
  if (sessionStorage.getItem("slowed")) return real(file);
  sessionStorage.setItem("slowed", "yes");
  globalThis.isScaling = true;
  return new Promise(() => {});
};
"""


@pytest.fixture(scope="module")
def camera(driver: Playwright) -> Iterator[Browser]:
    """Chromium with a camera that shows a moving picture."""
    started = driver.chromium.launch(executable_path=chromium(), args=[*FLAGS, *CAMERA])
    yield started
    started.close()


@pytest.fixture
def page(camera: Browser, served: str) -> Iterator[Page]:
    context = camera.new_context(
        base_url=served, viewport=SMALL_PHONE, permissions=["camera", "geolocation"]
    )
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(f"{error} {error.stack}"))
    yield opened
    context.close()
    assert errors == []


def until_kept(page: Page, answer: str) -> None:
    """Wait until the answer is in the draft."""
    for _try in range(100):
        if any(answer in json.dumps(row) for row in kept(page, "drafts")):
            return
        page.wait_for_timeout(50)
    raise AssertionError(kept(page, "drafts"))


def until(page: Page, name: str) -> None:
    """Go on to the page of that question."""
    for _page in range(12):
        if question(page, name).count():
            return
        go_on(page)
    raise AssertionError(page.locator("main").inner_text())


def test_a_code_is_read_by_the_camera_which_is_let_go_of_then(page: Page, publish: Publish) -> None:
    page.add_init_script(DETECTOR)
    open_whole(page, "kk", publish(KINDS))
    until(page, "bars")
    question(page, "bars").locator("button").click()
    expect(question(page, "bars").locator("[name]")).to_have_value("4870001234567")
    expect(question(page, "bars").locator("video")).to_have_count(0)
    assert page.evaluate("[seen[0], seen[1].getTracks().map((each) => each.readyState)]") == [
        True,
        ["ended"],
    ]
    assert draft(page)["snapshot"]["third"]["bars"] == "4870001234567"


def test_reading_a_code_can_be_stopped(page: Page, publish: Publish) -> None:
    page.add_init_script(DETECTOR.replace("globalThis.looks < 2", "true"))
    open_whole(page, "en", publish(KINDS))
    until(page, "bars")
    question(page, "bars").locator("button").click()
    question(page, "bars").get_by_role("button", name="Stop").click()
    expect(question(page, "bars").locator("video")).to_have_count(0)
    expect(question(page, "bars").locator("button")).to_be_enabled()


def test_a_camera_without_a_picture_can_be_stopped_as_well(page: Page, publish: Publish) -> None:
    page.add_init_script("HTMLMediaElement.prototype.play = () => new Promise(() => {});")
    page.add_init_script(DETECTOR)
    open_whole(page, "en", publish(KINDS))
    until(page, "bars")
    question(page, "bars").locator("button").click()
    question(page, "bars").get_by_role("button", name="Stop").click()
    expect(question(page, "bars").locator("video")).to_have_count(0)
    expect(question(page, "bars").locator("button")).to_be_enabled()


def test_the_camera_is_let_go_of_when_its_question_is_left(page: Page, publish: Publish) -> None:
    page.add_init_script(DETECTOR.replace("globalThis.looks < 2", "true"))
    open_whole(page, "en", publish(KINDS))
    until(page, "bars")
    question(page, "bars").locator("button").click()
    page.wait_for_function("() => globalThis.seen")
    go_on(page)
    page.wait_for_function("() => seen[1].getTracks().every((each) => each.readyState === 'ended')")


def test_where_a_browser_reads_no_codes_they_are_typed(page: Page, publish: Publish) -> None:
    open_whole(page, "en", publish(KINDS))
    until(page, "bars")
    assert question(page, "bars").locator("button").count() == 0
    text(page, "bars", "4870001")
    assert draft(page)["snapshot"]["third"]["bars"] == "4870001"


def stand_at(page: Page, lat: float, lon: float) -> None:
    page.context.set_geolocation({"latitude": lat, "longitude": lon, "accuracy": 5})


def test_a_walk_ends_when_its_question_is_left(page: Page, publish: Publish) -> None:
    stand_at(page, 43.25, 76.95)
    open_whole(page, "en", publish(KINDS))
    until(page, "way")
    walking = question(page, "way").get_by_role("button", name="Record while walking")
    walking.click()
    expect(question(page, "way")).to_contain_text("Places so far: 1")
    page.locator("#back").click()
    stand_at(page, 43.26, 76.95)
    page.locator("[data-q$='way'] button", has_text="Record while walking").wait_for(state="attached")
    until(page, "way")
    expect(question(page, "way")).not_to_contain_text("Places so far: 2")


def test_a_way_is_recorded_by_walking_and_small_steps_are_left_out(page: Page, publish: Publish) -> None:
    stand_at(page, 43.25, 76.95)
    open_whole(page, "en", publish(KINDS))
    until(page, "way")
    way = question(page, "way")
    way.get_by_role("button", name="Record while walking").click()
    expect(way).to_contain_text("Places so far: 1")
    stand_at(page, 43.25001, 76.95)
    for number, lat in enumerate((43.251, 43.252), start=2):
        stand_at(page, lat, 76.95)
        expect(way).to_contain_text(f"Places so far: {number}")
    way.get_by_role("button", name="Stop").click()
    stand_at(page, 43.26, 76.95)
    page.wait_for_timeout(500)
    found = draft(page)["snapshot"]["third"]["way"]
    assert [place["lat"] for place in found] == [43.25, 43.251, 43.252]
    page.reload()
    ready(page)
    assert question(page, "way").locator("[name]").input_value().splitlines()[0] == "43.25 76.95"


def test_an_area_is_closed_by_itself(page: Page, publish: Publish) -> None:
    stand_at(page, 43.25, 76.95)
    open_whole(page, "en", publish(KINDS))
    until(page, "field")
    area = question(page, "field")
    corners = ((43.25, 76.95), (43.26, 76.95), (43.26, 76.96))
    for number, corner in enumerate(corners, start=1):
        stand_at(page, *corner)
        area.get_by_role("button", name="Add the place where I am").click()
        expect(area).to_contain_text(f"Places so far: {number}")
    found = draft(page)["snapshot"]["third"]["field"]
    assert [(place["lat"], place["lon"]) for place in found] == [*corners, corners[0]]


@pytest.mark.parametrize("kind", [("sound", "audio", ".wav"), ("film", "video", ".webm")])
def test_a_sound_and_a_film_are_taken_kept_and_played(
    page: Page, publish: Publish, tmp_path: Path, kind: tuple[str, str, str]
) -> None:
    name, tag, suffix = kind
    path = tmp_path / f"my own name{suffix}"
    path.write_bytes(sound() if tag == "audio" else film(page))
    open_whole(page, "en", publish(KINDS))
    until(page, name)
    field = question(page, name).locator("input[type=file]")
    assert field.get_attribute("accept")
    # the phone's own recorder is opened
    expect(field).to_have_attribute("capture", {"audio": "user", "video": "environment"}[tag])
    # our own words cover those of the browser, which speaks the phone's language
    words = {"audio": "Record sound", "video": "Record a film"}[tag]
    expect(question(page, name).locator(".taking label")).to_have_text(words)
    expect(field).to_have_css("opacity", "0")
    with page.expect_file_chooser():
        question(page, name).get_by_text(words).click(force=True)
    field.set_input_files(path)
    assert question(page, name).locator(tag).evaluate(PLAYABLE) == "ready"
    page.reload()
    ready(page)
    assert question(page, name).locator(tag).evaluate(PLAYABLE) == "ready"
    assert draft(page)["snapshot"]["third"][name].endswith(suffix)


def film(page: Page) -> bytes:
    """Half a second of what the camera shows."""
    page.goto("/en/")
    content: list[int] = page.evaluate(
        """async () => {
          const stream = await navigator.mediaDevices.getUserMedia({ video: true });
          const recorder = new MediaRecorder(stream, { mimeType: "video/webm" });
          const pieces = [];
          recorder.ondataavailable = ({ data }) => pieces.push(data);
          recorder.start();
          await new Promise((done) => setTimeout(done, 500));
          await new Promise((done) => { recorder.onstop = done; recorder.stop(); });
          for (const track of stream.getTracks()) track.stop();
          return [...new Uint8Array(await new Blob(pieces).arrayBuffer())];
        }"""
    )
    return bytes(content)


# ---------------------------------------------------------------- reloads in mid-photo


def test_a_reload_while_the_camera_is_open_loses_neither_answers_nor_place(
    page: Page, publish: Publish
) -> None:
    open_whole(page, "kk", publish(TOYS))
    text(page, "toy_name", "bear")
    with page.expect_file_chooser():
        question(page, "toy_photo").locator("input[type=file]").click()
    # the page is hidden by the camera, and thrown away: what was typed last is kept by then
    page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { value: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    until_kept(page, "bear")
    page.reload()
    ready(page)
    assert key(page) == "1-1"
    assert question(page, "toy_name").locator("[name]").input_value() == "bear"


def test_a_reload_while_a_photo_is_made_small_loses_the_photo_alone(
    page: Page, publish: Publish, tmp_path: Path
) -> None:
    photo = tmp_path / "IMG_1.jpg"
    photo.write_bytes(large_photo())
    page.add_init_script(SLOW_SCALING)
    open_whole(page, "kk", publish(TOYS))
    text(page, "toy_name", "bear")
    text(page, "toy_age", "3")
    page.wait_for_timeout(300)  # so long an answer may take until it is kept
    question(page, "toy_photo").locator("input[type=file]").set_input_files(photo)
    # the field waits as long as its photo is being made small
    expect(question(page, "toy_photo").locator("input[type=file]")).to_be_disabled()
    assert page.evaluate("isScaling")
    page.reload()
    ready(page)
    assert key(page) == "1-1"
    assert draft(page)["snapshot"]["toy"] == [{"toy_name": "bear", "toy_age": 3}]
    assert kept(page, "files") == []
    question(page, "toy_photo").locator("input[type=file]").set_input_files(photo)
    expect(question(page, "toy_photo").locator("img")).to_be_visible()
    page.reload()
    ready(page)
    expect(question(page, "toy_photo").locator("img")).to_be_visible()
