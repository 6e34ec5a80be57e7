"""Every page can be used by everybody: labels, headings, languages, one forward button, contrast, weight."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from surveyapp.assets import FOLDER
from tests.channels.pages.conftest import Publish
from tests.channels.pages.test_journeys import FAMILY, HOUSEHOLD, JPEG, SITE, YOUNG
from tests.channels.pages.visitor import Visitor, words
from tests.channels.pages.workbooks import KINDS, TOYS

MOST_BYTES = 12 * 1024
MOST_STYLE_BYTES = 5 * 1024
BUILT_IN = {
    "family_survey": FAMILY,
    "adolescent_selfreport": YOUNG,
    "household_baseline": HOUSEHOLD,
    "site_safety": SITE,
}


def walked(
    visitor: Visitor, language: str, questionnaire: str, wishes: dict[str, object]
) -> Iterator[str]:
    """Each page on the way to the receipt, with its mistakes once."""
    visitor.open(f"/{language}/q/{questionnaire}")
    yield visitor.address
    wishes = wishes | {"t_code": visitor.text("//*[@class='code']")}
    visitor.send(visitor.fields())
    while not visitor.address.endswith("/thanks"):
        yield visitor.address
        if not visitor.fragment and not visitor.address.endswith("/review"):
            visitor.next()
            yield f"{visitor.address} with mistakes"
        visitor.next(wishes)
    yield visitor.address


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("questionnaire", BUILT_IN)
@pytest.mark.usefixtures("built_in")
def test_every_page_of_a_built_in_questionnaire_is_accessible_and_light(
    visitor: Visitor, questionnaire: str, language: str
) -> None:
    for place in walked(visitor, language, questionnaire, dict(BUILT_IN[questionnaire])):
        assert list(shortcomings(visitor, language)) == [], place
        assert weight(visitor) <= MOST_BYTES, place


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("address", ["", "privacy", "accessibility", "exit", "nowhere"])
@pytest.mark.usefixtures("built_in")
def test_every_other_page_is_accessible_and_light(visitor: Visitor, language: str, address: str) -> None:
    visitor.open(f"/{language}/{address}")
    assert list(shortcomings(visitor, language)) == []
    assert weight(visitor) <= MOST_BYTES


@pytest.mark.parametrize("workbook", [KINDS, TOYS])
def test_every_kind_of_control_is_accessible(visitor: Visitor, publish: Publish, workbook: str) -> None:
    wishes = {"toy_name": "bear", "toy_photo": JPEG, "order@red": "1"}
    visitor.open(f"/en/q/{publish(workbook)}")
    visitor.send(visitor.fields())
    for _page in range(4):
        assert list(shortcomings(visitor, "en")) == [], visitor.address
        visitor.next(wishes)


@pytest.mark.usefixtures("built_in")
def test_the_review_of_a_large_household_is_light_enough(visitor: Visitor) -> None:
    visitor.open("/kk/q/household_baseline")
    wishes = dict(HOUSEHOLD) | {"h_size": "9", "h_children": "6", "c_age": "8", "c_sex": "girl"}
    visitor.send(visitor.fields()).walk(wishes | {"c_name": "Айша"})
    assert len(visitor.all("//dl/div")) > 100
    assert weight(visitor) <= MOST_BYTES


def weight(visitor: Visitor) -> int:
    """Bytes of the page on the wire."""
    body = visitor.request("GET", visitor.address, headers={"Accept-Encoding": "gzip"})
    assert body.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body.data)
    return len(body.data)


# --- the structure of a page --------------------------------------------------------------------


def shortcomings(visitor: Visitor, language: str) -> Iterator[str]:
    """What a page's structure lacks."""
    page = visitor.page
    if page.xpath("/html/@lang") != [language]:
        yield "the page's language"
    if len(page.xpath("//h1")) != 1 or not visitor.heading:
        yield "one heading"
    if not visitor.title:
        yield "a title"
    yield from _ids(visitor)
    yield from _controls(visitor)
    yield from _buttons(visitor)
    for level, following in _headings(visitor):
        if following > level + 1:
            yield f"h{following} after h{level}"


def _headings(visitor: Visitor) -> Iterator[tuple[int, int]]:
    levels = [int(element.tag[1]) for element in visitor.all("//main//h1 | //main//h2 | //main//h3")]
    # the list of problems comes before the page's own heading, as it is read first
    if visitor.all("//*[@id='problems']"):
        levels = levels[1:]
    return pairwise(levels)


def _ids(visitor: Visitor) -> Iterator[str]:
    ids = visitor.all("//@id")
    if len(set(ids)) < len(ids):
        yield f"ids twice: {sorted(i for i in set(ids) if ids.count(i) > 1)}"
    wanted = [
        i
        for attribute in ("for", "aria-describedby", "aria-labelledby")
        for value in visitor.all(f"//@{attribute}")
        for i in value.split()
    ]
    wanted += [href[1:] for href in visitor.all("//a/@href") if href.startswith("#")]
    yield from (f"nothing has the id {i}" for i in wanted if i not in ids)


def _controls(visitor: Visitor) -> Iterator[str]:
    for control in visitor.all("//input[not(@type='hidden')] | //select | //textarea"):
        labels = visitor.all(f"//label[@for='{control.get('id')}']") + control.xpath("ancestor::label")
        if not any(words(label) for label in labels):
            yield f"a label of {control.get('name')}"
        grouped = control.get("type") in {"radio", "checkbox"} and not control.get("name").endswith(
            "@remove"
        )
        if grouped and not control.xpath("ancestor::fieldset/legend"):
            yield f"a legend of {control.get('name')}"
        if (control.get("tabindex") or "0").startswith(tuple("123456789")):
            yield f"a natural place of {control.get('name')}"


def _buttons(visitor: Visitor) -> Iterator[str]:
    for button in visitor.all("//button | //a"):
        if not words(button) and not button.get("aria-label"):
            yield "a button's words"
    if visitor.all("//form[@id='answers']"):
        forward = visitor.all("//button[@name='@go']")
        if [button.get("value") for button in forward].count("next") != 1:
            yield "exactly one forward button"
        if forward[0].get("value") not in {"next", "remove-1", "add"}:
            yield "the forward button as the one that Enter presses"


# --- the stylesheet -------------------------------------------------------------------------------

STYLE = (FOLDER / "style.css").read_text(encoding="utf-8")
#: text on background, as the stylesheet uses them on question pages
PAIRS = [
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "wash"),
    ("ink", "bad-wash"),
    ("ink", "check-wash"),
    ("quiet", "paper"),
    ("deep", "paper"),
    ("deep", "card"),
    ("deep", "wash"),
    ("on-deep", "deep"),
    ("on-sun", "sun"),
    ("bad", "paper"),
    ("check", "paper"),
    ("paper", "ink"),
]


def schemes() -> Iterator[tuple[str, dict[str, str]]]:
    """The colours of the light and of the dark scheme, and those on paper."""
    light, dark, paper = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    found = dict(re.findall(r"--([\w-]+): (#\w+);", light))
    yield "light", found
    yield "dark", found | dict(re.findall(r"--([\w-]+): (#\w+);", dark))
    yield "on paper", found | dict(re.findall(r"--([\w-]+): (#\w+);", paper))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("text", "background"), PAIRS)
def test_text_has_a_contrast_of_at_least_seven_to_one(text: str, background: str) -> None:
    for scheme, colours in schemes():
        one, other = luminance(colours[text]), luminance(colours[background])
        ratio = (max(one, other) + 0.05) / (min(one, other) + 0.05)
        assert ratio >= 7, f"{text} on {background}, {scheme}: {ratio:.2f}"


@pytest.mark.parametrize("background", ["paper", "card"])
def test_the_edges_of_fields_have_a_contrast_of_at_least_three_to_one(background: str) -> None:
    for _scheme, colours in schemes():
        one, other = luminance(colours["line"]), luminance(colours[background])
        assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= 3


def test_the_stylesheet_is_small_and_loads_nothing() -> None:
    assert len(gzip.compress(STYLE.encode())) <= MOST_STYLE_BYTES
    assert not re.search(r"@import|url\(|@font-face", STYLE)


def test_no_picture_is_larger_than_five_kibibytes() -> None:
    pictures = [p for p in FOLDER.rglob("*") if p.suffix in {".svg", ".png", ".jpg", ".webp", ".ico"}]
    assert pictures
    assert [p.name for p in pictures if p.stat().st_size > most_bytes(p)] == []


def most_bytes(picture: Path) -> int:
    """An icon for a phone's home screen, loaded when the app is installed, may be a little larger."""
    return (8 if picture.name.startswith("icon-") else 5) * 1024
