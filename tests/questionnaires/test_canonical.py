"""Equal answers have one spelling."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given

from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.canonical import canonical
from tests.questionnaires.sample import EVERY_TYPE
from tests.questionnaires.strategies import typed_answers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 5, "b": 1}, {"b": 1.0, "a": 5.0}),
        ({"a": [0.0]}, {"a": [-0.0]}),
        ({"name": "й"}, {"name": "и\u0306"}),
        ({"й": 1}, {"и\u0306": 1}),
        *(({"a": 5, "b": sign}, {"a": 5.0, "b": sign}) for sign in map(chr, range(0x250))),
    ],
)
def test_equal_answers_are_spelt_alike(one: Any, other: Any) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": None}, {}),
        ({"a": "5"}, {"a": 5}),
        ({"a": 5}, {"a": 5.5}),
        ({"a": 1}, {"a": True}),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}),
        ({"a": {}}, {"a": []}),
    ],
)
def test_different_answers_are_spelt_differently(one: Any, other: Any) -> None:
    assert canonical(one) != canonical(other)


def test_what_no_schema_has_seen_can_be_spelt_too() -> None:
    assert canonical({"a": "\ud800\x00"}) == b'{"a":"\\ud800\\u0000"}'


@given(typed_answers(EVERY_TYPE))
def test_a_spelling_reads_back_as_the_same_answers(answers: Answers) -> None:
    assert canonical(json.loads(canonical(answers))) == canonical(answers)
    assert json.loads(canonical(answers)) == _composed(answers)


def _composed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _composed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_composed(inner) for inner in value]
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


@pytest.mark.parametrize(
    "text",
    [
        "Өмір",
        "«Өмір»",
        "é ы",
        "\U0001f600 ы",
        "\\x ы",
        "\\U ы",
        "\x7f ы",
        "\u0080 ы",
        "\ud800 ы",
        '"\n ы',
    ],
)
def test_texts_are_spelt_as_json_spells_them_in_ascii(text: str) -> None:
    assert canonical({"a": text}) == json.dumps({"a": text}, separators=(",", ":")).encode("ascii")
