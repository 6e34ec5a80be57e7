"""Digests, encodings, identifiers and chance."""

from __future__ import annotations

import re

import pytest

from surveyapp.questionnaires.expressions import EvaluationError, to_string
from tests.questionnaires.expressions.world import World, evaluate


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("digest('a', 'MD5')", "DMF1ucDxtqgxw5niaXcmYQ=="),
        ("digest('a', 'SHA-1', 'hex')", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        ("digest('a', 'sha256')", "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="),
        (
            "digest('ә', 'SHA-384', 'base64')",
            "dICjzpO4GHzfUf+8cZ2BNszMNcP/1LCRrbuCLdT+teos5ksZT67uD/ej+D9uheqF",
        ),
        ("base64-decode('aGk=')", "hi"),
        ("base64-decode('0pk=')", "ҙ"),
        ("base64-decode('aGk')", ""),
        ("base64-decode('!!')", ""),
        ("base64-decode('')", ""),
    ],
)
def test_an_encoding_gives(source: str, text: str) -> None:
    assert evaluate(source) == text


@pytest.mark.parametrize("source", ["digest('a', 'foo')", "digest('a', 'MD5', 'foo')"])
def test_an_unknown_digest_is_an_error(source: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        evaluate(source)
    assert (raised.value.code, raised.value.params) == ("digest", {"name": "foo"})


def test_every_identifier_is_new() -> None:
    first, second = (to_string(evaluate("uuid()")) for _ in range(2))
    assert first != second
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", first)


@pytest.mark.parametrize(("length", "found"), [("5", 5), ("0", 0), ("-1", 0), ("1000000", 1000)])
def test_an_identifier_can_have_a_length(length: str, found: int) -> None:
    assert re.fullmatch(rf"[0-9A-Z]{{{found}}}", to_string(evaluate(f"uuid({length})")))


def test_random_numbers_are_the_interviews() -> None:
    world = World.of()
    numbers = [world.evaluate("random()") for _ in range(3)]
    assert len(set(numbers)) == 3
    assert numbers[0] == World.of().evaluate("random()")
