"""Our interview does what JavaRosa does: kept cases, and random interviews where there is Java."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from surveyapp.questionnaires import library, xform
from tests.oracle import NOW, Oracle, golden, require_java
from tests.oracle.trace import interview
from tests.questionnaires import tangled
from tests.questionnaires.compiled import built_in
from tests.questionnaires.forms import workbook, xform_of
from tests.questionnaires.replay import MOMENT, Replay

FORMS = (
    *("basics", "cascade", "dates", "external", "relevance", "repeats", "required", "strings"),
    "triggers",
)
#: the files that forms read, where the oracle finds them: beside the forms
FILES = {path.name: path.read_bytes() for path in golden.FORMS.iterdir() if path.suffix != ".md"}
CASES = [key for key in sorted(golden.load()) if key.partition("/")[0] in FORMS]
SEEDS = range(5)


@pytest.mark.parametrize("case", CASES)
def test_a_kept_case_comes_out_as_in_javarosa(case: str) -> None:
    kept = golden.load()[case]
    form = golden.FORMS / f"{case.partition('/')[0]}.md"
    replay = Replay(xform.parse(xform_of(form), FILES), kept["dump"]["language"])
    for step, reply in zip(kept["script"], kept["steps"], strict=True):
        replay.take(step, reply)
    assert replay.compare(kept["dump"]) == []


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    require_java()
    with Oracle(now=NOW) as running:
        yield running


#: JavaRosa leaves a calculation as it was when another roster instance changes that it refers to, and
#: computes it only when the form is checked; its `max` of negative numbers is 0
APART = frozenset({"hh/child/prev", "mx"})


def replay_random_interview(
    oracle: Oracle, form: Path, content: bytes, seed: int, *, moment: datetime = MOMENT, **size: int
) -> None:
    replay: Replay | None = None
    for round_ in interview(oracle, form, seed=seed, **size):
        replay = replay or Replay(xform.parse(content, FILES), round_.expected["language"], moment)
        for step, reply in zip(round_.steps, round_.replies, strict=True):
            replay.take(step, reply)
        assert replay.compare(round_.expected, apart=APART) == [], round_.steps


@pytest.mark.java
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", [*FORMS, "wells"])
def test_a_random_interview_comes_out_as_in_javarosa(oracle: Oracle, name: str, seed: int) -> None:
    form = golden.FORMS / f"{name}.md"
    replay_random_interview(oracle, form, xform_of(form), seed)


@pytest.mark.java
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("built_in_id", [each.id for each in library.BUILT_IN])
def test_a_random_interview_of_a_built_in_questionnaire_comes_out_as_in_javarosa(
    oracle: Oracle, built_in_id: str, seed: int, tmp_path: Path
) -> None:
    content = built_in(built_in_id).xform
    form = tmp_path / f"{built_in_id}.xml"
    form.write_bytes(content)
    # long enough to get past consent
    replay_random_interview(oracle, form, content, seed, rounds=12, per_round=15)


@pytest.mark.java
@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_interview_of_a_tangled_form_comes_out_as_in_javarosa(
    oracle: Oracle, seed: int, tmp_path: Path
) -> None:
    content = xform_of(workbook(tangled.SURVEY, choices=tangled.CHOICES))
    form = tmp_path / "tangled.xml"
    form.write_bytes(content)
    replay_random_interview(oracle, form, content, seed, rounds=8, per_round=5)


@pytest.mark.java
def test_on_a_phone_in_kazakhstan_dates_come_out_as_in_javarosa() -> None:
    require_java()
    form = golden.FORMS / "dates.md"
    moment = MOMENT.replace(tzinfo=timezone(timedelta(hours=5)))
    # POSIX turns the sign round: this is five hours ahead of UTC
    with Oracle(now=NOW, tz="Etc/GMT-5") as oracle:
        for seed in SEEDS:
            replay_random_interview(oracle, form, xform_of(form), seed, moment=moment)


def test_the_comparison_notices_each_difference() -> None:
    kept = golden.load()["basics/1"]
    replay = Replay(xform.parse(xform_of(golden.FORMS / "basics.md")), kept["dump"]["language"])
    for step, reply in zip(kept["script"], kept["steps"], strict=True):
        replay.take(step, reply)
    smoker, crops = (node for node in kept["dump"]["nodes"] if "choices" in node)
    smoker |= {"value": "n", "required": False, "relevant": False}
    crops |= {"constraint_valid": False, "label": "?", "choices": crops["choices"][:1]}
    noticed = [difference.split(" is ")[0] for difference in replay.compare(kept["dump"])]
    assert noticed == [
        "smoker: relevant",
        "smoker: value",
        "crops: constraint_valid",
        "crops: label",
        "crops: choices",
    ]
