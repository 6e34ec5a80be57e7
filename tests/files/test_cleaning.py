"""No place is left in a file's metadata, and the picture is the one that came."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from surveyapp.files.boxes import boxes
from surveyapp.files.cleaning import CannotClean, without_places
from surveyapp.files.editing import applied
from surveyapp.files.kinds import kind_of
from tests.files import pictures

MOST = 1 << 20
PICTURES = {
    "image/jpeg": pictures.jpeg,
    "image/png": pictures.png,
    "image/webp": pictures.webp,
    "image/gif": pictures.gif,
    "image/avif": pictures.avif,
    "image/tiff": pictures.tiff,
}


def cleaned(content: bytes) -> bytes:
    source = io.BytesIO(content)
    return b"".join(applied(source, without_places(source, kind_of(content), most_bytes=MOST)))


def texts_in(content: bytes) -> bytes:
    """The bytes, and what PNG keeps packed in them."""
    packed = re.findall(rb"zTXt[^\0]*\0\0(.*)", content, re.DOTALL)
    return content + b"".join(zlib.decompressobj().decompress(each) for each in packed)


@pytest.mark.parametrize("kind", PICTURES)
def test_no_place_is_left(kind: str) -> None:
    content = PICTURES[kind]()
    assert kind_of(content) == kind
    assert pictures.PLACE in texts_in(content)
    made = cleaned(content)
    assert pictures.PLACE not in texts_in(made)
    with Image.open(io.BytesIO(made)) as picture:
        assert not picture.getexif().get_ifd(0x8825)


@pytest.mark.parametrize("kind", PICTURES)
def test_the_pixels_are_those_that_came(kind: str) -> None:
    content = PICTURES[kind]()
    with Image.open(io.BytesIO(content)) as before, Image.open(io.BytesIO(cleaned(content))) as after:
        assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "image/webp"])
def test_it_is_shown_upright_and_dated_as_before(kind: str) -> None:
    with Image.open(io.BytesIO(cleaned(PICTURES[kind]()))) as picture:
        found = picture.getexif()
    assert found[0x0112] == pictures.ORIENTATION
    assert found.get_ifd(0x8769) == {0x9003: pictures.TAKEN}


@pytest.mark.parametrize("make", [*PICTURES.values(), pictures.film])
def test_cleaning_twice_is_cleaning_once(make: Callable[[], bytes]) -> None:
    once = cleaned(make())
    assert cleaned(once) == once


def test_a_progressive_picture_keeps_all_its_passes() -> None:
    content = pictures.jpeg(progressive=True)
    with Image.open(io.BytesIO(content)) as before, Image.open(io.BytesIO(cleaned(content))) as after:
        assert before.tobytes() == after.tobytes()


def test_a_film_keeps_its_offsets_and_loses_its_places() -> None:
    content = pictures.film()
    made = cleaned(content)
    assert pictures.PLACE not in made
    assert len(made) == len(content)
    assert [box.kind for box in boxes(io.BytesIO(made), 0, len(made))] == [
        b"ftyp",
        b"mdat",
        b"moov",
        b"free",
    ]


@pytest.mark.parametrize("handler", [b"meta", b"text", b"sbtl", b"camm"])
@pytest.mark.parametrize("long", [False, True])
def test_tracks_of_places_are_overwritten_and_the_others_stay(handler: bytes, long: bool) -> None:
    content = pictures.film_with_places(handler, long=long)
    made = cleaned(content)
    assert made == content.replace(pictures.PLACE, bytes(len(pictures.PLACE)))
    assert made.count(b"PICTURE") == 3
    assert cleaned(made) == made


def test_tracks_of_pictures_and_sound_stay_as_they_are() -> None:
    for handler in (b"vide", b"soun"):
        content = pictures.film_with_places(handler)
        assert cleaned(content) == content


def test_a_film_whose_places_cannot_be_found_is_told_of() -> None:
    elsewhere = pictures.film_with_places(shift=5000)
    in_fragments = pictures.film_with_places() + pictures.box(b"moof", bytes(20))
    for content in (elsewhere, in_fragments):
        with pytest.raises(CannotClean):
            cleaned(content)


def test_tracks_inside_tracks_are_told_of_and_not_followed() -> None:
    nested = b""
    for _depth in range(3000):
        nested = pictures.box(b"trak", nested)
    content = pictures.box(b"ftyp", b"mp42\0\0\0\0mp42isom") + pictures.box(b"moov", nested)
    with pytest.raises(CannotClean):
        cleaned(content)


def test_a_tiff_of_the_other_byte_order_is_cleaned_too() -> None:
    content = pictures.tiff("big")
    made = cleaned(content)
    assert pictures.PLACE in content
    assert pictures.PLACE not in made
    with Image.open(io.BytesIO(made)) as picture:
        assert picture.getpixel((0, 0)) == 0x7B


def test_a_tiff_with_pictures_inside_pictures_cannot_be_cleaned() -> None:
    content = pictures.tiff("big").replace(b"\x01\x0e\0\x02", b"\x01\x4a\0\x04")
    with pytest.raises(CannotClean):
        cleaned(content)


def test_what_is_neither_picture_nor_film_stays_as_it_is() -> None:
    for content in (b"%PDF-1.7 " + pictures.PLACE, b"name,place\n", b"OggS" + bytes(40)):
        assert cleaned(content) == content


def test_a_picture_too_large_to_read_whole_cannot_be_cleaned() -> None:
    content = pictures.jpeg()
    with pytest.raises(CannotClean):
        without_places(io.BytesIO(content), "image/jpeg", most_bytes=len(content) - 1)


def test_a_kind_of_picture_that_is_not_known_cannot_be_cleaned() -> None:
    with pytest.raises(CannotClean):
        without_places(io.BytesIO(bytes(60)), "image/x-unknown", most_bytes=MOST)


@given(
    make=st.sampled_from([*PICTURES.values(), pictures.film, pictures.film_with_places]),
    cut=st.integers(0, 2000),
    at=st.integers(0, 2000),
    byte=st.integers(0, 255),
)
@example(make=pictures.jpeg, cut=2, at=0, byte=255)
def test_damage_is_cleaned_or_told_never_an_error(
    make: Callable[[], bytes], cut: int, at: int, byte: int
) -> None:
    content = bytearray(make())
    content[at % len(content)] = byte
    with suppress(CannotClean):
        cleaned(bytes(content[: len(content) - cut % len(content)]))


@given(content=st.binary(max_size=300), head=st.sampled_from([f()[:14] for f in PICTURES.values()]))
def test_anything_is_cleaned_or_told(content: bytes, head: bytes) -> None:
    with suppress(CannotClean):
        cleaned(head + content)
