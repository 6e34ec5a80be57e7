"""Files are sealed piece by piece, and open whole, from anywhere, or not at all."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from surveyapp.submissions import file_sealing
from surveyapp.submissions.file_sealing import PIECE
from surveyapp.submissions.sealing import CannotOpen

SECRET = b"s" * 32
SIZES = st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])


def content_of(size: int) -> bytes:
    return bytes(number % 251 for number in range(size))


def sealed(content: bytes, pieces: int = 1, bound_to: bytes = b"row") -> bytes:
    step = max(1, len(content) // pieces)
    parts = [content[at : at + step] for at in range(0, len(content), step)]
    return b"".join(file_sealing.sealed(SECRET, bound_to, parts))


def opened(kept: bytes, secret: bytes = SECRET, bound_to: bytes = b"row") -> bytes:
    with file_sealing.opened(secret, bound_to, io.BytesIO(kept)) as file:
        return file.read()


@given(size=SIZES, pieces=st.integers(1, 9))
@example(size=0, pieces=1)
def test_what_was_sealed_opens(size: int, pieces: int) -> None:
    content = content_of(size)
    kept = sealed(content, pieces)
    assert opened(kept) == content
    assert file_sealing.plain_size(len(kept)) == size


@given(size=SIZES, at=st.integers(0, 4 * PIECE), length=st.integers(0, 2 * PIECE))
def test_it_can_be_read_from_anywhere(size: int, at: int, length: int) -> None:
    content = content_of(size)
    with file_sealing.opened(SECRET, b"row", io.BytesIO(sealed(content))) as file:
        file.seek(at)
        assert file.read(length) == content[at : at + length]


@pytest.mark.parametrize("kept", [0, 10, 17, 100, 17 + PIECE + 16, 17 + 2 * (PIECE + 16)])
def test_a_file_that_was_cut_does_not_open(kept: int) -> None:
    with pytest.raises(CannotOpen):
        opened(sealed(content_of(3 * PIECE))[:kept])


def test_a_file_whose_pieces_changed_places_does_not_open() -> None:
    kept, size = sealed(content_of(3 * PIECE)), PIECE + 16
    first, second = kept[17 : 17 + size], kept[17 + size : 17 + 2 * size]
    with pytest.raises(CannotOpen):
        opened(kept[:17] + second + first + kept[17 + 2 * size :])


def test_it_opens_only_where_it_was_sealed_and_with_its_secret() -> None:
    kept = sealed(b"a photograph")
    with pytest.raises(CannotOpen):
        opened(kept, bound_to=b"another row")
    with pytest.raises(CannotOpen):
        opened(kept, secret=b"t" * 32)


def test_two_files_of_one_content_have_nothing_in_common() -> None:
    one, other = sealed(b"a photograph"), sealed(b"a photograph")
    assert one[1:] != other[1:]
    assert one[17:] != other[17:]
