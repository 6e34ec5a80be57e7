"""Random interviews through random questionnaires come out as in JavaRosa, node by node."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from surveyapp.questionnaires.replay.engine import EngineOf
from surveyapp.questionnaires.replay.javascript import JavaScriptEngine
from surveyapp.questionnaires.replay.python import PythonEngine
from tests.oracle import NOW, Oracle, golden, require_java
from tests.questionnaires.compiled import built_in
from tests.questionnaires.conformance import differences
from tests.questionnaires.forms import workbook, xform_of
from tests.questionnaires.random_forms import random_workbook

BIRTHS = Path(__file__).parent / "instruments" / "birth_history.md"

#: of size 20; JavaRosa or pyxform refuse 47, 63, 66, 100 and 101 for what authors may not write
SEEDS = (0, 3, 9, 16, 22, 25, 56, 69, 71, 93, 113, 117)


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    require_java()
    with Oracle(now=NOW) as running:
        yield running


@pytest.mark.java
@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_questionnaire_is_filled_as_in_javarosa(
    oracle: Oracle, seed: int, tmp_path: Path
) -> None:
    form = tmp_path / f"random{seed}.xml"
    form.write_bytes(xform_of(random_workbook(seed, 20)))
    assert list(differences(oracle, form, seed=seed)) == []


@pytest.mark.java
@pytest.mark.parametrize("name", ["basics", "cascade", "dates", "external", "repeats", "triggers"])
def test_a_form_of_ours_is_replayed_as_in_javarosa(oracle: Oracle, name: str) -> None:
    assert list(differences(oracle, golden.FORMS / f"{name}.md", seed=7)) == []


@pytest.mark.java
@pytest.mark.parametrize("name", ["family_survey", "site_safety"])
def test_a_built_in_questionnaire_is_replayed_as_in_javarosa(
    oracle: Oracle, name: str, tmp_path: Path
) -> None:
    form = tmp_path / f"{name}.xml"
    form.write_bytes(built_in(name).xform)
    assert list(differences(oracle, form, seed=1, rounds=10, per_round=12)) == []


@pytest.mark.java
@pytest.mark.parametrize(
    ("engine_of", "seed"),
    [(PythonEngine, 1), (PythonEngine, 2), (PythonEngine, 4), (JavaScriptEngine, 5)],
)
def test_a_large_instrument_is_replayed_as_in_javarosa(
    oracle: Oracle, engine_of: EngineOf, seed: int
) -> None:
    # births in a counted roster, visits in a roster within one, a calendar, a score over forty questions
    found = differences(oracle, BIRTHS, seed=seed, engine_of=engine_of, rounds=6, per_round=14)
    assert list(found) == []


@pytest.mark.java
def test_a_difference_is_told(oracle: Oracle, tmp_path: Path) -> None:
    form = tmp_path / "d.xml"
    form.write_bytes(
        xform_of(
            workbook("""
        | type | name | label | calculation |
        | text | a | A | |
        | calculate | c | | string(1000000 * 1000000) |
    """)
        )
    )
    assert list(differences(oracle, form, seed=0, rounds=1)) == [
        "/data/c: value is '1000000000000', in JavaRosa '1.0E12'"
    ]
