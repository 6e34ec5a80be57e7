"""What holds for every interview, whatever is answered in whatever order."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires import library, xform
from surveyapp.questionnaires.definition import Item, Questionnaire, Roster, Section, Valued
from surveyapp.questionnaires.interview import CountedRoster, Interview
from surveyapp.questionnaires.paths import join
from tests.questionnaires import tangled
from tests.questionnaires.compiled import built_in
from tests.questionnaires.forms import interview, questionnaire
from tests.questionnaires.strategies import typed_answer, typed_answers

FORMS = ("tangled", *(each.id for each in library.BUILT_IN))


@cache
def definition(name: str) -> Questionnaire:
    """The form of a name."""
    if name == "tangled":
        return questionnaire(tangled.SURVEY, choices=tangled.CHOICES)
    return xform.parse(built_in(name).xform)


def nodes(filled: Interview, items: tuple[Item, ...], container: str = "") -> list[tuple[str, Item]]:
    """Every node of an interview; a roster's instances, and the roster as a whole."""
    found: list[tuple[str, Item]] = []
    for item in items:
        path = join(container, item.name)
        found.append((path, item))
        if isinstance(item, Roster):
            places = range(1, filled.instances(path) + 1)
            inner = [f"{path}[{place}]" for place in places]
        else:
            inner = [path] if isinstance(item, Section) else []
        for each in inner:
            found += nodes(filled, item.items, each)  # type: ignore[attr-defined]  # a container
    return found


def act(filled: Interview, data: st.DataObject) -> None:
    """Do one thing that somebody might do: answer, or add or take away an instance."""
    form = filled.questionnaire
    path, item = data.draw(st.sampled_from(nodes(filled, form.root.items)), label="node")
    if isinstance(item, Valued):
        filled.set(path, data.draw(st.none() | typed_answer(form, item), label="answer"))
    elif isinstance(item, Roster):
        try:
            change_instances(filled, path, add=data.draw(st.booleans(), label="add"))
        except CountedRoster:
            assert item.count is not None


def change_instances(filled: Interview, path: str, *, add: bool) -> None:
    """Add an instance, or take the first one away if there is one."""
    if add:
        filled.add_instance(path)
    elif filled.instances(path):
        filled.remove_instance(f"{path}[1]")


def seen(filled: Interview) -> dict[str, Any]:
    """Everything that one can see of an interview."""
    found = nodes(filled, filled.questionnaire.root.items)
    return {
        "answers": filled.answers(),
        "snapshot": filled.snapshot(),
        "relevant": [path for path, _ in found if filled.relevant(path)],
        "values": [filled.value(path) for path, item in found if isinstance(item, Valued)],
        "errors": [(error.path, error.code) for error in filled.errors()],
        "warnings": [error.path for error in filled.warnings()],
        "disclosures": filled.disclosures(),
        "labels": [filled.text(item.label, path) for path, item in found],
    }


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_snapshot_taken_at_any_point_is_the_same_interview(name: str, data: st.DataObject) -> None:
    filled = interview(definition(name), random=lambda: 0.25)
    for _ in range(data.draw(st.integers(0, 12), label="actions")):
        act(filled, data)
    again = interview(definition(name), filled.snapshot(), random=lambda: 0.75)
    assert seen(again) == seen(filled)


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_answers_of_the_right_types_are_taken_whatever_they_are(name: str, data: st.DataObject) -> None:
    answers = data.draw(typed_answers(definition(name)))
    filled = interview(definition(name), answers)
    again = interview(definition(name), filled.answers())
    assert again.answers() == filled.answers()
    assert again.irrelevant_answers() == []
    assert again.miscalculated(filled.answers()) == []


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_what_was_answered_comes_back_when_it_is_relevant_again(data: st.DataObject) -> None:
    filled = interview(definition("tangled"))
    for _ in range(6):
        act(filled, data)
    before = filled.snapshot()
    filled.set("day", "2026-01-01")
    filled.set("day", None)
    filled.set("day", before.get("day"))
    assert filled.snapshot() == before
