"""Sealed columns open with the right key, in their own place, and in no other way."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.submissions.keys import KeyMissing, Keys
from surveyapp.submissions.sealing import PADDED_TO, CannotOpen, DataKey, Row

KEYS = Keys.new()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


def a_row() -> Row:
    return Row.of_submission(uuid4())


@given(plain=st.binary(max_size=2000))
def test_what_is_sealed_opens_to_the_same(plain: bytes) -> None:
    row = a_row()
    key = DataKey.new(KEYS, row)
    again = DataKey.unwrap(KEYS, row, key.wrapped, key.key_id)
    assert again.open("identity_sealed", key.seal("identity_sealed", plain)) == plain


@given(value=JSON)
def test_a_json_value_opens_to_the_same(value: object) -> None:
    key = DataKey.new(KEYS, a_row())
    assert key.open_json("identity_sealed", key.seal_json("identity_sealed", value)) == value


def test_the_length_of_a_name_does_not_show() -> None:
    key = DataKey.new(KEYS, a_row())
    lengths = {len(key.seal_json("identity_sealed", {"c_name": "я" * n})) for n in range(1, 100)}
    assert len(lengths) == 1
    assert lengths.pop() > PADDED_TO


def test_the_same_text_never_looks_the_same() -> None:
    key = DataKey.new(KEYS, a_row())
    assert key.seal("identity_sealed", b"x") != key.seal("identity_sealed", b"x")


def test_moved_to_another_column_or_row_it_does_not_open() -> None:
    key = DataKey.new(KEYS, a_row())
    sealed = key.seal("identity_sealed", b"Aigerim")
    with pytest.raises(CannotOpen):
        key.open("foreign_sealed", sealed)
    with pytest.raises(CannotOpen):
        replace(key, row=a_row()).open("identity_sealed", sealed)


def test_a_data_key_does_not_open_for_another_row() -> None:
    key = DataKey.new(KEYS, Row.of_submission(UUID(int=1)))
    with pytest.raises(CannotOpen):
        DataKey.unwrap(KEYS, Row.of_submission(UUID(int=2)), key.wrapped, key.key_id)


@pytest.mark.parametrize(
    "damage",
    [lambda s: s[:-1], lambda s: b"\x02" + s[1:], lambda s: b"", lambda s: s[:20] + b"\0" + s[21:]],
)
def test_damaged_it_does_not_open(damage: object) -> None:
    key = DataKey.new(KEYS, a_row())
    with pytest.raises(CannotOpen):
        key.open("sealed", damage(key.seal("sealed", b"Aigerim" * 9)))  # type: ignore[operator]  # one of the above


def test_another_installation_cannot_open_it() -> None:
    row = a_row()
    key = DataKey.new(KEYS, row)
    others = Keys.new()
    with pytest.raises(KeyMissing):
        DataKey.unwrap(replace(others, wrapping={}), row, key.wrapped, key.key_id)
    with pytest.raises(CannotOpen):
        DataKey.unwrap(others, row, key.wrapped, others.current)


def test_rewrapped_it_opens_what_was_sealed_before() -> None:
    row = a_row()
    key = DataKey.new(KEYS, row)
    sealed = key.seal("sealed", b"Aigerim")
    rotated = KEYS.with_new_wrapping_key()
    rewrapped = key.rewrapped(rotated)
    assert rewrapped.key_id == rotated.current != key.key_id
    opened = DataKey.unwrap(rotated, row, rewrapped.wrapped, rewrapped.key_id)
    assert opened.open("sealed", sealed) == b"Aigerim"


def test_no_secret_shows_when_a_key_is_printed() -> None:
    key = DataKey.new(KEYS, a_row())
    assert str(key.secret) not in repr(key)
