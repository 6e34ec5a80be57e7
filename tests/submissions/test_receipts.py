"""Receipts: the same bytes for every copy, verifiable, and with a code that people can type."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.submissions import receipts
from surveyapp.submissions.holdings import Held
from surveyapp.submissions.keys import Keys

KEYS = Keys.new()
HELD = Held(UUID(int=7), 1, b"\x01" * 32, datetime(2026, 9, 1, 9, 3, 7, 120, UTC), "ABCD-EFGH-JKLM")


def test_a_receipt_comes_out_the_same_every_time_and_after_rotation() -> None:
    again = replace(HELD, receipt_code="NPQR-STUV-WXYZ")
    assert receipts.receipt(KEYS, HELD) == receipts.receipt(KEYS.with_new_wrapping_key(), again)


def test_a_receipt_says_what_is_held() -> None:
    assert receipts.verified(KEYS, receipts.receipt(KEYS, HELD)) == {
        "word": "received",
        "id": "00000000-0000-0000-0000-000000000007",
        "revision": 1,
        "content": "01" * 32,
        "received_at": "2026-09-01T09:03:07.000120+00:00",
    }


@pytest.mark.parametrize(
    "other",
    [
        replace(HELD, submission_id=UUID(int=8)),
        replace(HELD, revision=2),
        replace(HELD, revision=None),
        replace(HELD, content_digest=b"\x02" * 32),
        replace(HELD, received_at=datetime(2026, 9, 1, 9, 3, 7, 121, UTC)),
    ],
)
def test_anything_else_has_another_receipt(other: Held) -> None:
    assert receipts.receipt(KEYS, other) != receipts.receipt(KEYS, HELD)


def test_complete_is_another_word_and_only_said_when_nothing_is_missing() -> None:
    said = receipts.complete(KEYS, HELD)
    assert said is not None
    assert said != receipts.receipt(KEYS, HELD)
    assert (receipts.verified(KEYS, said) or {})["word"] == "complete"
    assert receipts.complete(KEYS, replace(HELD, missing=("ab" * 32,))) is None
    assert receipts.complete(KEYS, replace(HELD, announced=False)) is None


@given(position=st.integers(0, 400), letter=st.sampled_from("ABCxyz019-_.é "))
def test_a_forged_receipt_is_not_believed(position: int, letter: str) -> None:
    token = receipts.receipt(KEYS, HELD)
    position %= len(token)
    forged = token[:position] + letter + token[position + 1 :]
    claims = receipts.verified(KEYS, forged)
    # the last letter of base64 has bits that mean nothing; such a token says the same all the same
    assert claims is None or claims == receipts.verified(KEYS, token)


def test_another_installation_s_receipt_is_not_believed() -> None:
    assert receipts.verified(KEYS, receipts.receipt(Keys.new(), HELD)) is None
    assert receipts.verified(KEYS, "") is None


def test_codes_are_random_readable_and_long_enough() -> None:
    codes = {receipts.new_code() for _code in range(2000)}
    assert len(codes) == 2000
    assert set("".join(codes)) == set("ABCDEFGHJKLMNPQRSTUVWXYZ23456789-")
    assert {len(code.replace("-", "")) for code in codes} == {12}  # of 32 letters: 60 bits


def test_a_code_is_read_however_it_is_typed() -> None:
    code = receipts.new_code()
    assert receipts.read_code(code.lower().replace("-", " ")) == code
    assert receipts.read_code(f" {code.replace('-', '')} ") == code


def test_cyrillic_look_alikes_are_taken_for_what_they_look_like() -> None:
    assert receipts.read_code("авек-мнрс-тху2") == "ABEK-MHPC-TXY2"


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "ABCD-EFGH-JKL0", "ABCD-EFGH-JKLI", "Ж" * 12, "A" * 10_000]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert receipts.read_code(typed) is None
