"""What a file is, by its content."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.files.kinds import HEAD, TEXT, UNKNOWN, kind_of, suits
from tests.files import pictures


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (pictures.film(), "video/mp4"),
        (b"\0\0\0\x20ftypM4A \0\0\0\0", "audio/mp4"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "image/heic"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x1cftypMiHE\0\0\0\0mif1heic", "image/heic"),
        (b"\0\0\0\x1cftypmiaf\0\0\0\0mif1avif", "image/avif"),
        (b"\0\0\0\x14ftypnew1\0\0\0\0isomheic", "video/mp4"),
        (b"#!AMR\n", "audio/amr"),
        (b"%PDF-1.7\n", "application/pdf"),
        ("аты,жасы\n".encode() * 20, TEXT),
        (b"MZ\x90\0\x03", UNKNOWN),
        (b"", UNKNOWN),
        (b"\xff\xd8", UNKNOWN),
    ],
)
def test_a_kind_is_told_by_the_first_bytes(content: bytes, kind: str) -> None:
    assert kind_of(content[:HEAD]) == kind


@given(st.text(alphabet=st.characters(categories=["L", "N", "P"]), min_size=HEAD))
def test_text_is_text_wherever_it_is_cut(text: str) -> None:
    assert kind_of(b"a " + text.encode()[: HEAD - 2]) == TEXT


@pytest.mark.parametrize(
    ("kind", "wanted", "fits"),
    [
        ("image/heic", "image", True),
        ("video/webm", "audio", True),
        ("video/webm", "image", False),
        ("audio/ogg", "video", False),
        (UNKNOWN, "audio", False),
        (UNKNOWN, "file", True),
    ],
)
def test_a_kind_suits_the_question_or_not(kind: str, wanted: str, fits: bool) -> None:
    assert suits(kind, wanted) is fits
