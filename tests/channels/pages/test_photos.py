"""An upload is what its bytes say, and nothing of its old name is kept."""

from __future__ import annotations

import hashlib
import re

import pytest

from surveyapp.channels.pages.photos import WrongFile, accepted, check
from surveyapp.questionnaires.definition import DataType

JPEG = b"\xff\xd8\xff\xe0" + b"picture"
LARGEST = 1024 * 1024


@pytest.mark.parametrize(
    ("content", "kind", "suffix"),
    [
        (JPEG, "image/jpeg", "jpg"),
        (b"\x89PNG\r\n\x1a\n....", "image/png", "png"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp", "webp"),
    ],
)
def test_pictures_are_known_by_their_first_bytes(content: bytes, kind: str, suffix: str) -> None:
    file = check(content, DataType.IMAGE, "k_photo", largest=LARGEST)
    assert file.type == kind
    assert re.fullmatch(rf"k_photo-[0-9a-f]{{8}}\.{suffix}", file.name)
    assert file.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"<svg/>", b"RIFF\x00\x00\x00\x00WAVEfmt ", b"%PDF-1.7", b"MZ\x90"]
)
def test_what_is_no_picture_is_refused_whatever_it_calls_itself(content: bytes) -> None:
    with pytest.raises(WrongFile, match="not_image"):
        check(content, DataType.IMAGE, "k_photo", largest=LARGEST)


def test_too_large_a_picture_is_refused_with_the_limit_in_mebibytes() -> None:
    with pytest.raises(WrongFile) as caught:
        check(JPEG + b"x" * LARGEST, DataType.IMAGE, "k_photo", largest=LARGEST)
    assert (caught.value.code, caught.value.params) == ("file_too_large", {"max": 1})


def test_two_uploads_to_the_same_question_of_a_roster_have_two_names() -> None:
    names = {check(JPEG, DataType.IMAGE, "photo", largest=LARGEST).name for _n in range(2)}
    assert len(names) == 2


def test_a_file_question_takes_any_file_and_an_image_question_says_what_it_takes() -> None:
    assert check(b"anything", DataType.FILE, "f", largest=LARGEST).type == "application/octet-stream"
    assert accepted(DataType.IMAGE) == "image/jpeg,image/png,image/webp"
    assert accepted(DataType.FILE) == ""
