"""Digests and base64 on the phone are those of the server."""

from __future__ import annotations

import base64

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires.definition import Tree
from surveyapp.questionnaires.javascript import Engine
from tests.questionnaires.forms import questionnaire
from tests.questionnaires.javascript.pairs import Pair

LAX = [HealthCheck.function_scoped_fixture]


@pytest.fixture(scope="module")
def pair(engine: Engine) -> Pair:
    return Pair(engine, questionnaire("| type | name | label |\n| text | a | A |"))


def call(name: str, *texts: str) -> Tree:
    return ["call", name, *(["string", text] for text in texts)]


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"])
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=LAX)
@given(text=st.text(max_size=150), encoding=st.sampled_from(("hex", "base64")))
@example(text="Сәлем, Élan 😀", encoding="hex")
@example(text="x" * 55, encoding="hex")
@example(text="x" * 56, encoding="base64")
@example(text="x" * 111, encoding="hex")
@example(text="x" * 112, encoding="hex")
@example(text="x" * 128, encoding="hex")
def test_a_digest_is_the_same(pair: Pair, algorithm: str, text: str, encoding: str) -> None:
    ours, theirs = pair.evaluated(call("digest", text, algorithm, encoding), "a")
    assert ours.string == theirs.string


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=LAX)
@given(octets=st.binary(max_size=40), noise=st.text("=- \nA", max_size=3))
@example(octets=b"\xf0\x90\x80\xe0\xa0\xed\xa0\x80\xc0\x80", noise="")
def test_what_was_encoded_is_decoded_alike(pair: Pair, octets: bytes, noise: str) -> None:
    encoded = base64.b64encode(octets).decode()
    text = encoded[:5] + noise + encoded[5:]
    ours, theirs = pair.evaluated(call("base64-decode", text), "a")
    assert ours.string == theirs.string


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=LAX)
@given(seed=st.integers(-(2**31), 2**31) | st.floats(-1e9, 1e9))
def test_a_seed_gives_the_same_order(engine: Engine, seed: float) -> None:
    form = questionnaire(
        "| type | name | label |\n| select_one l | a | A |",
        choices="| list_name | name | label |\n"
        + "\n".join(f"| l | c{number} | C |" for number in range(9)),
    )
    number: Tree = ["number", abs(seed)]
    nodes: Tree = ["instance", "l", ["root"], ["item"], ["name"]]
    shuffled: Tree = ["call", "randomize", nodes, ["negative", number] if seed < 0 else number]
    ours, theirs = Pair(engine, form).evaluated(["call", "join", ["string", " "], shuffled], "a")
    assert ours.string == theirs.string
