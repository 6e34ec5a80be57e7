"""Whatever is answered in whatever order, an interview is the same on the phone and on the server."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires import library, xform
from surveyapp.questionnaires.definition import Item, Questionnaire, Roster, Valued
from surveyapp.questionnaires.interview import CountedRoster
from surveyapp.questionnaires.javascript import Engine
from tests.oracle import golden
from tests.questionnaires import tangled
from tests.questionnaires.compiled import built_in
from tests.questionnaires.forms import questionnaire, xform_of
from tests.questionnaires.interview.test_laws import nodes
from tests.questionnaires.interview.test_transfer import BEGUN
from tests.questionnaires.javascript.pairs import Pair
from tests.questionnaires.strategies import typed_answer, typed_answers, valid_answers

LAX = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
DEVELOPMENT = ("basics", "cascade", "dates", "relevance", "repeats", "required", "strings", "triggers")
BUILT_IN = tuple(each.id for each in library.BUILT_IN)
FORMS = ("tangled", *DEVELOPMENT, *BUILT_IN)


@cache
def definition(name: str) -> Questionnaire:
    """The form of a name."""
    if name == "tangled":
        return questionnaire(tangled.SURVEY, choices=tangled.CHOICES)
    if name in DEVELOPMENT:
        return xform.parse(xform_of(golden.FORMS / f"{name}.md"))
    return xform.parse(built_in(name).xform)


def act(pair: Pair, data: st.DataObject) -> None:
    """Do one thing that somebody might do, in both."""
    form = pair.questionnaire
    path, item = data.draw(st.sampled_from(nodes(pair.python, form.root.items)), label="node")
    if isinstance(item, Valued):
        value = data.draw(st.none() | typed_answer(form, item), label="answer")
        pair.python.set(path, value)
        pair.javascript.set(path, value)
    elif isinstance(item, Roster):
        change_instances(pair, path, data.draw(st.booleans(), label="add"))
    elif data.draw(st.booleans(), label="drop"):
        dropped = pair.python.drop_unoffered()
        changed = pair.javascript.drop_unoffered()
        assert set(dropped) <= set(changed)


def change_instances(pair: Pair, path: str, add: bool) -> None:
    """Add an instance, or take the first one away if there is one."""
    for side in (pair.python, pair.javascript):
        try:
            if add:
                side.add_instance(path)
            elif side.instances(path):
                side.remove_instance(f"{path}[1]")
        except CountedRoster:
            continue


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=LAX)
@given(data=st.data())
def test_a_random_interview_is_the_same(engine: Engine, name: str, data: st.DataObject) -> None:
    pair = Pair(engine, definition(name))
    assert pair.differences() == []
    for _ in range(data.draw(st.integers(1, 12), label="actions")):
        act(pair, data)
    assert pair.differences() == []


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=LAX)
@given(data=st.data())
def test_answers_of_the_right_types_are_taken_alike(
    engine: Engine, name: str, data: st.DataObject
) -> None:
    answers = data.draw(typed_answers(definition(name)))
    assert Pair(engine, definition(name), answers).differences() == []


@pytest.mark.parametrize("name", BUILT_IN)
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=LAX)
@given(data=st.data(), language=st.sampled_from(("kk", "ru", "en")))
def test_valid_answers_are_the_same_interview(
    engine: Engine, name: str, data: st.DataObject, language: str
) -> None:
    answers = data.draw(valid_answers(definition(name), language))
    assert Pair(engine, definition(name), answers, language=language).differences() == []


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=LAX)
@given(data=st.data())
def test_a_snapshot_taken_at_any_point_is_the_same_interview(
    engine: Engine, name: str, data: st.DataObject
) -> None:
    pair = Pair(engine, definition(name))
    for _ in range(data.draw(st.integers(0, 12), label="actions")):
        act(pair, data)
    pair.javascript.drop_unoffered()
    again = Pair(engine, definition(name), pair.javascript.snapshot()).javascript
    assert seen(again) == seen(pair.javascript)


def test_rows_that_a_new_instance_begins_with_are_not_added_to_restored_ones(engine: Engine) -> None:
    answers = {"out": [{}, {"g": {"inn": [{"v": 7}]}}]}
    pair = Pair(engine, questionnaire(BEGUN), answers)
    assert pair.javascript.snapshot()["out"][1] == {"g": {"inn": [{"v": 7}]}}
    assert pair.differences() == []


def seen(filled: Any) -> dict[str, Any]:
    """Everything that one can see of an interview."""
    found: list[tuple[str, Item]] = nodes(filled, filled.questionnaire.root.items)
    return {
        "answers": filled.answers(),
        "snapshot": filled.snapshot(),
        "relevant": [path for path, _ in found if filled.relevant(path)],
        "values": [filled.value(path) for path, item in found if isinstance(item, Valued)],
        "errors": [(error.path, error.code) for error in filled.errors()],
        "warnings": [error.path for error in filled.warnings()],
        "labels": [filled.text("label", path) for path, _ in found],
    }
