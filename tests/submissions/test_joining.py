"""Three states of a record's answers: what one side changed is taken, what both changed is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.submissions.joining import Joining, State, joining_of
from surveyapp.submissions.merging import Side
from surveyapp.submissions.refusals import NoDifference, Unsettled
from tests.collecting import compiled

BASE = {
    "place": {"region": "75"},
    "child": [{"name": "A", "age": 7}, {"name": "B", "age": 12}],
    "worries": ["none"],
    "rooms": 3,
    "photo": "p.jpg",
}


@pytest.fixture(scope="module")
def definition() -> Questionnaire:
    return xform.parse(compiled().xform)


def joined(definition: Questionnaire, held: Any, waiting: Any, **photos: str) -> Joining:
    """`photos`: side → digest of its picture."""

    def state(answers: Any, side: str) -> State:
        return State(BASE | answers, {"photo": photos.get(f"{side}_photo", "00")})

    return joining_of(definition, state({}, "base"), state(held, "held"), state(waiting, "waiting"))


def pieces(found: Joining) -> tuple[set[str], set[str], list[str]]:
    return set(found.theirs), set(found.own), list(found.both)


def test_what_one_side_changed_is_taken_and_the_same_change_is_no_clash(
    definition: Questionnaire,
) -> None:
    found = joined(
        definition,
        {"rooms": 4, "place": {"region": "71"}},
        {"worries": ["danger"], "place": {"region": "71"}},
    )
    assert pieces(found) == ({"rooms"}, {"worries"}, [])
    assert found.answers({}) == BASE | {
        "rooms": 4,
        "place": {"region": "71"},
        "worries": ["danger"],
    }


def test_what_both_changed_is_asked_for(definition: Questionnaire) -> None:
    found = joined(definition, {"rooms": 4}, {"rooms": 5})
    assert found.both == ("rooms",)
    with pytest.raises(Unsettled):
        found.answers({})
    with pytest.raises(NoDifference):
        found.answers({"rooms": Side.HELD, "worries": Side.HELD})
    assert found.answers({"rooms": Side.HELD})["rooms"] == 4
    assert found.answers({"rooms": Side.WAITING})["rooms"] == 5
    assert found.answers({}, Side.WAITING)["rooms"] == 5


def test_an_answer_that_was_taken_away_is_a_change(definition: Questionnaire) -> None:
    without = {key: value for key, value in BASE.items() if key != "rooms"}
    base, held = State(BASE), State(BASE | {"worries": ["danger"]})
    found = joining_of(definition, base, held, State(without))
    assert found.own == {"rooms"}
    assert found.answers({}) == without | {"worries": ["danger"]}


def test_instances_that_stay_are_joined_question_by_question(definition: Questionnaire) -> None:
    found = joined(
        definition,
        {"child": [{"name": "A", "age": 8}, {"name": "B", "age": 12}]},
        {"child": [{"name": "A", "age": 7}, {"name": "C", "age": 12}]},
    )
    assert found.both == ()
    assert found.answers({})["child"] == [{"name": "A", "age": 8}, {"name": "C", "age": 12}]


def test_a_roster_with_other_instances_is_one_piece(definition: Questionnaire) -> None:
    fewer = {"child": [{"name": "B", "age": 12}]}
    alone = joined(definition, fewer, {"rooms": 9})
    assert pieces(alone) == ({"child"}, {"rooms"}, [])
    assert alone.answers({}) == BASE | fewer | {"rooms": 9}
    older = {"child": [{"name": "A", "age": 7}, {"name": "B", "age": 13}]}
    clash = joined(definition, fewer, older)
    assert clash.both == ("child",)
    assert clash.answers({"child": Side.HELD}) == BASE | fewer
    assert clash.answers({"child": Side.WAITING}) == BASE | older


def test_an_empty_instance_more_is_a_change(definition: Questionnaire) -> None:
    more = {"child": [*BASE["child"], {}]}  # type: ignore[misc]  # it is a list
    found = joined(definition, {}, more)
    assert found.own == {"child"}
    assert len(found.answers({})["child"]) == 3


def test_another_file_of_the_same_name_is_a_change(definition: Questionnaire) -> None:
    found = joined(definition, {}, {}, held_photo="11")
    assert found.theirs == {"photo"}
    both = joined(definition, {}, {}, held_photo="11", waiting_photo="22")
    assert both.both == ("photo",)


def test_the_states_that_were_compared_are_not_changed(definition: Questionnaire) -> None:
    found = joined(definition, {"rooms": 4}, {"child": [{"name": "C", "age": 1}]})
    result = found.answers({})
    result["child"][0]["age"] = 99
    assert found.waiting.answers["child"] == [{"name": "C", "age": 1}]
    assert found.held.answers["child"] == BASE["child"]
