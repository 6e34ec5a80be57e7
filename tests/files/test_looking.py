"""Pictures are decoded within limits."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from surveyapp.files import looking
from tests.files import pictures

MOST = 100_000_000


def look(content: bytes, kind: str, most: int = MOST) -> None:
    looking.look(io.BytesIO(content), kind, most_pixels=most)


def test_good_pictures_pass_and_other_files_are_not_looked_at() -> None:
    look(pictures.jpeg(), "image/jpeg")
    look(pictures.png(), "image/png")
    look(pictures.webp(), "image/webp")
    look(b"%PDF-1.7", "application/pdf")


@pytest.mark.parametrize("size", [(100_000, 100_000), (65_535, 2_000)])
def test_a_small_file_that_would_be_huge_in_memory_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(looking.TooLarge):
        look(pictures.png_bomb(*size), "image/png")


def test_a_picture_of_more_pixels_than_are_allowed_is_refused() -> None:
    with pytest.raises(looking.TooLarge):
        look(pictures.jpeg(), "image/jpeg", most=40 * 24 - 1)


def test_a_large_picture_is_decoded_small() -> None:
    target = io.BytesIO()
    Image.new("L", (6_000, 6_000)).save(target, "JPEG")
    look(target.getvalue(), "image/jpeg")


def test_a_picture_of_very_many_passes_is_not_decoded() -> None:
    content = pictures.saved("JPEG", progressive=True)
    scan = content[content.rindex(b"\xff\xda") : -2]
    with pytest.raises(looking.TooLarge):
        look(content[:-2] + scan * 200 + content[-2:], "image/jpeg")


@pytest.mark.parametrize("keep", [20, 200])
def test_a_damaged_picture_is_told(keep: int) -> None:
    with pytest.raises(looking.Damaged):
        look(pictures.jpeg()[:keep], "image/jpeg")
