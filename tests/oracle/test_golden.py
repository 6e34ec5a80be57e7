"""The kept answers are JavaRosa's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.oracle import NOW, Oracle, OracleError, golden, require_java
from tests.oracle.trace import interview, volatile_paths


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    require_java()
    with Oracle(now=NOW) as running:
        yield running


@pytest.mark.java
def test_javarosa_still_gives_every_golden_answer(oracle: Oracle) -> None:
    kept, now = golden.load(), golden.ask(oracle)
    assert kept.keys() == now.keys()
    steady = [key for key in kept if not golden.is_volatile(key)]
    assert {key: now[key] for key in steady} == {key: kept[key] for key in steady}


@pytest.mark.java
def test_a_refused_step_is_an_error_with_the_engines_reason(oracle: Oracle) -> None:
    oracle.load(golden.FORMS / "basics.md")
    with pytest.raises(OracleError, match="unknown path /data/nope") as refusal:
        oracle.set("/data/nope", "1")
    assert refusal.value.reply["ok"] is False


@pytest.mark.java
def test_a_random_interview_answers_questions_and_can_be_repeated(oracle: Oracle) -> None:
    form = golden.FORMS / "repeats.md"
    rounds = list(interview(oracle, form, seed=1, rounds=3))
    assert not rounds[0].steps
    assert any("set" in step for round_ in rounds for step in round_.steps)
    again = list(interview(oracle, form, seed=1, rounds=3))
    assert [round_.steps for round_ in again] == [round_.steps for round_ in rounds]
    assert volatile_paths(oracle, form, rounds) == {"/data/meta/instanceID"}


def test_without_java_the_test_is_skipped_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs Java 17"):
        require_java()


def test_in_ci_the_lack_of_java_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI=true"):
        require_java()
