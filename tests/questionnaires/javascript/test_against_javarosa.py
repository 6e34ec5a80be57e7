"""Replays on the phone's logic come out as in JavaRosa: kept cases, and random interviews live."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from surveyapp.questionnaires import library, xform
from surveyapp.questionnaires.definition import Calculation, DataType, Question, Valued
from surveyapp.questionnaires.paths import item_path
from surveyapp.questionnaires.replay.javascript import JavaScriptEngine
from surveyapp.questionnaires.replay.session import Options, Session
from surveyapp.questionnaires.values import from_text, typed
from tests.oracle import NOW, Oracle, Reply, golden, require_java
from tests.oracle.trace import interview
from tests.questionnaires import tangled
from tests.questionnaires.compiled import built_in
from tests.questionnaires.conformance import differences
from tests.questionnaires.forms import workbook, xform_of
from tests.questionnaires.interview.test_against_javarosa import APART
from tests.questionnaires.javascript.test_interviews import DEVELOPMENT
from tests.questionnaires.random_forms import random_workbook
from tests.questionnaires.replay import Replay

CASES = [key for key in sorted(golden.load()) if key.partition("/")[0] in DEVELOPMENT]
SEEDS = range(3)
#: what both tell of every node that is asked
TOLD = ("required", "readonly", "constraint_valid")


class Compared:
    """A replay on the phone's logic, compared with JavaRosa's dumps node by node."""

    def __init__(self, form: Path, content: bytes) -> None:
        questionnaire = xform.parse(content)
        self.items = {item.path: item for item in questionnaire.walk()}
        self.start = len(questionnaire.root_name) + 2
        #: values that chance decides
        self.apart = APART | Replay(questionnaire, None).drawn
        self.session = Session(JavaScriptEngine, Options(now=NOW, zone=UTC))
        loaded = self.session.take({"load": str(form)})
        assert loaded["ok"], loaded

    def take(self, steps: Any, replies: Any) -> None:
        """Take the steps that JavaRosa took."""
        for step, reply in zip(steps, replies, strict=True):
            if reply["ok"] and isinstance(step, dict):
                ours = self.session.take(step)
                assert ours["ok"], (step, ours)

    def differences(self, expected: Reply) -> list[str]:
        """Where the two dumps differ."""
        ours = {node["path"]: node for node in self.session.take({"dump": True})["dump"]["nodes"]}
        theirs = {node["path"]: node for node in expected["nodes"] if "/meta" not in node["path"]}
        found = [f"only JavaRosa has {path}" for path in theirs.keys() - ours.keys()]
        for path in theirs.keys() & ours.keys():
            item = self.items.get(item_path(path[self.start :]))
            for name, (our, their) in self._looks(item, ours[path], theirs[path]).items():
                if our != their:
                    found.append(f"{path}: {name} is {our!r}, in JavaRosa {their!r}")
        return found

    def _looks(self, item: Any, ours: Reply, theirs: Reply) -> dict[str, tuple[Any, Any]]:
        looks = {"relevant": (ours["relevant"], theirs["relevant"])}
        computed = isinstance(item, Calculation | Question) and item.calculation is not None
        if (
            isinstance(item, Valued)
            and item.path not in self.apart
            and (theirs["relevant"] or not computed)
        ):
            looks["value"] = (_typed(item, ours), _typed(item, theirs))
        if isinstance(item, Question) and theirs["relevant"]:
            told = [name for name in TOLD if name != "readonly" or not computed]
            looks |= {name: (ours[name], theirs[name]) for name in told}
            looks["choices"] = (_choices(ours), _choices(theirs))
        return looks


def _typed(item: Valued, node: Reply) -> Any:
    kept = from_text(item.type, node.get("value") or "")
    value = typed(item.type, kept, UTC)
    if item.type is DataType.TEXT and isinstance(value, str) and len(value) > 18:
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return value
    return value


def _choices(node: Reply) -> list[tuple[str, str]]:
    words = " ".join
    return [(each["name"], words((each["label"] or "").split())) for each in node.get("choices") or []]


@pytest.mark.parametrize("case", CASES)
def test_a_kept_case_comes_out_as_in_javarosa(case: str) -> None:
    kept = golden.load()[case]
    form = golden.FORMS / f"{case.partition('/')[0]}.md"
    compared = Compared(form, xform_of(form))
    try:
        if kept["dump"]["language"]:
            compared.session.take({"lang": kept["dump"]["language"]})
        compared.take(kept["script"], kept["steps"])
        assert compared.differences(kept["dump"]) == []
    finally:
        compared.session.close()


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    require_java()
    with Oracle(now=NOW) as running:
        yield running


def compare_random_interview(oracle: Oracle, form: Path, content: bytes, seed: int, **size: int) -> None:
    compared = Compared(form, content)
    try:
        for round_ in interview(oracle, form, seed=seed, **size):
            compared.take(round_.steps, round_.replies)
            assert compared.differences(round_.expected) == [], round_.steps
    finally:
        compared.session.close()


@pytest.mark.java
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", DEVELOPMENT)
def test_a_random_interview_comes_out_as_in_javarosa(oracle: Oracle, name: str, seed: int) -> None:
    form = golden.FORMS / f"{name}.md"
    compare_random_interview(oracle, form, xform_of(form), seed)


@pytest.mark.java
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("built_in_id", [each.id for each in library.BUILT_IN])
def test_a_random_interview_of_a_built_in_questionnaire_comes_out_as_in_javarosa(
    oracle: Oracle, built_in_id: str, seed: int, tmp_path: Path
) -> None:
    content = built_in(built_in_id).xform
    form = tmp_path / f"{built_in_id}.xml"
    form.write_bytes(content)
    compare_random_interview(oracle, form, content, seed, rounds=12, per_round=15)


@pytest.mark.java
@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_interview_of_a_tangled_form_comes_out_as_in_javarosa(
    oracle: Oracle, seed: int, tmp_path: Path
) -> None:
    content = xform_of(workbook(tangled.SURVEY, choices=tangled.CHOICES))
    form = tmp_path / "tangled.xml"
    form.write_bytes(content)
    compare_random_interview(oracle, form, content, seed, rounds=8, per_round=5)


#: some of `test_random_forms`
RANDOM_FORMS = (3, 22, 69, 93)


@pytest.mark.java
@pytest.mark.parametrize("seed", RANDOM_FORMS)
def test_a_random_questionnaire_is_filled_as_in_javarosa(
    oracle: Oracle, seed: int, tmp_path: Path
) -> None:
    form = tmp_path / f"random{seed}.xml"
    form.write_bytes(xform_of(random_workbook(seed, 20)))
    assert list(differences(oracle, form, seed=seed, engine_of=JavaScriptEngine)) == []


@pytest.mark.java
@pytest.mark.parametrize("name", ["basics", "cascade", "dates", "external", "repeats", "triggers"])
def test_a_form_of_ours_is_replayed_as_in_javarosa_to_the_last_letter(oracle: Oracle, name: str) -> None:
    form = golden.FORMS / f"{name}.md"
    assert list(differences(oracle, form, seed=7, engine_of=JavaScriptEngine)) == []
