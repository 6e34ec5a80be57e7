"""Answers in and out: as submitted, as kept, as a client sent them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from surveyapp.questionnaires.definition import Question
from surveyapp.questionnaires.interview import Interview, MisshapenAnswers
from tests.questionnaires.forms import MOMENT, interview, questionnaire

ABC = "| list_name | name | label |\n| l | a | A |\n| l | b | B |\n| l | c | C |"
EVERY_TYPE = {
    "text": "Ән",
    "integer": 7,
    "decimal": 2.5,
    "date": "2026-02-28",
    "time": "06:30:00+05:00",
    "dateTime": "2026-02-28T06:30:00+05:00",
    "select_one l": "a",
    "select_multiple l": ["c", "a"],
    "rank l": ["b", "c", "a"],
    "geopoint": {"lat": 51.1, "lon": 71.4, "alt": None, "accuracy": 4.5},
    "geotrace": [{"lat": 1.0, "lon": 2.0}, {"lat": 1.5, "lon": 2.5}],
    "image": "photo.jpg",
    "barcode": "123",
    "acknowledge": "OK",
}
FORM = questionnaire("""
    | type | name | label | relevant | calculation |
    | start | start | | | |
    | hidden | mark | | | |
    | integer | a | A | | |
    | note | n | Read | | |
    | begin_group | g | G | ${a} > 1 | |
    | text | t | T | | |
    | begin_repeat | r | R | | |
    | text | u | U | | |
    | end_repeat | | | | |
    | end_group | | | | |
    | begin_group | notes | Notes | | |
    | note | m | Read too | | |
    | end_group | | | | |
    | calculate | double | | | ${a} * 2 |
    | calculate | half | | | ${a} div 2 |
    | calculate | day | | | date('2026-01-02') |
    | calculate | now | | | now() |
    | calculate | hidden_sum | | ${a} > 5 | 1 + 1 |
""")


@pytest.mark.parametrize("kind", EVERY_TYPE)
def test_a_value_of_every_type_goes_in_and_comes_out(kind: str) -> None:
    survey = f"| type | name | label | constraint |\n| {kind} | q | Q | string-length(.) > 0 |"
    definition = questionnaire(survey, choices=ABC)
    value = EVERY_TYPE[kind]
    filled = interview(definition, {"q": value})
    assert filled.answers() == filled.snapshot() == {"q": value}
    assert filled.errors() == []


@pytest.mark.parametrize("empty", [None, "", []])
def test_what_is_empty_is_no_answer(empty: Any) -> None:
    kind = "select_multiple l" if empty == [] else "text"
    definition = questionnaire(f"| type | name | label |\n| {kind} | q | Q |", choices=ABC)
    filled = interview(definition, {"q": empty})
    assert (filled.answers(), filled.snapshot()) == ({"q": None}, {})


def test_what_was_asked_and_left_empty_is_none_and_what_was_not_is_absent() -> None:
    filled = interview(FORM, {"a": 1, "now": "x"})
    assert filled.answers() == {
        "a": 1,
        "double": "2",
        "half": "0.5",
        "day": "2026-01-02T00:00:00.000+05:00",
        "now": "x",
    }
    filled.set("a", 2)
    assert filled.answers()["g"] == {"t": None, "r": []}


def test_a_new_form_notes_when_it_was_begun_and_finished() -> None:
    definition = questionnaire("""
        | type | name | label |
        | start | start | |
        | end | end | |
        | today | today | |
        | deviceid | device | |
        | text | q | Q |
    """)
    filled = interview(definition)
    begun = {"start": "2026-09-01T14:03:07.000+05:00", "today": "2026-09-01", "q": None}
    assert filled.answers() == begun
    filled.finish()
    assert filled.answers() == begun | {"end": "2026-09-01T14:03:07.000+05:00"}


def test_from_a_snapshot_the_same_interview_is_made() -> None:
    filled = interview(FORM)
    filled.set("a", 3)
    filled.set("g/t", "x")
    filled.add_instance("g/r")
    filled.set("g/r[2]/u", "second")
    filled.set("a", 0)
    again = interview(FORM, filled.snapshot())
    assert again.snapshot() == filled.snapshot()
    assert again.answers() == filled.answers()
    again.set("a", 3)
    assert again.answers()["g"] == {"t": "x", "r": [{"u": None}, {"u": "second"}]}


#: a further instance of `out` begins with an instance of `inn`
BEGUN = """
    | type | name | label |
    | begin_repeat | out | Out |
    | begin_group | g | G |
    | begin_repeat | inn | Inn |
    | integer | v | V |
    | end_repeat | | |
    | end_group | | |
    | end_repeat | | |
"""


@pytest.mark.parametrize("rows", [[], [{"v": 7}], [{"v": 7}, {}]])
def test_rows_that_a_new_instance_begins_with_are_not_added_to_restored_ones(rows: list[Any]) -> None:
    answers = {"out": [{}, {"g": {"inn": rows}}]}
    again = interview(questionnaire(BEGUN), answers)
    assert again.snapshot()["out"][1] == {"g": {"inn": rows}}


def test_given_answers_get_no_defaults() -> None:
    definition = questionnaire("| type | name | label | default |\n| integer | q | Q | 5 |")
    assert interview(definition).answers() == {"q": 5}
    assert interview(definition, {}).answers() == {"q": None}


def test_names_that_the_questionnaire_has_not_got_are_left_out() -> None:
    filled = interview(FORM, {"a": 0, "b": 1, "g": {"z": 1, "t": "x"}})
    assert filled.snapshot()["g"] == {"t": "x", "r": []}
    assert "b" not in filled.snapshot()


@pytest.mark.parametrize(
    ("answers", "path"),
    [
        ({"a": "one"}, "a"),
        ({"a": True}, "a"),
        ({"a": 10**400}, "a"),
        ({"a": {}}, "a"),
        ({"g": []}, "g"),
        ({"g": {"r": {}}}, "g/r"),
        ({"g": {"r": ["x"]}}, "g/r[1]"),
        ({"g": {"r": [{}, {"u": 5}]}}, "g/r[2]/u"),
        ([], ""),
    ],
)
def test_answers_of_another_shape_are_refused_by_path(answers: Any, path: str) -> None:
    with pytest.raises(MisshapenAnswers) as refusal:
        interview(FORM, answers)
    assert refusal.value.path == path


def test_an_interviews_moment_needs_an_offset() -> None:
    with pytest.raises(ValueError, match="offset"):
        Interview(FORM, language="en", now=MOMENT.replace(tzinfo=None))


@pytest.mark.parametrize("moment", ["2026-09-01T05:00:00", "2026-09-01T05:00:00+05:00"])
def test_a_moment_without_an_offset_is_the_devices(moment: str) -> None:
    definition = questionnaire("""
        | type | name | label | calculation |
        | dateTime | q | Q | |
        | calculate | days | | decimal-date-time(${q}) |
    """)
    assert interview(definition, {"q": moment}).value("days") == "20697"


def test_answers_to_irrelevant_questions_are_found() -> None:
    sent = {"a": 1, "g": {"t": "x", "r": [{"u": None}, {"u": "y"}]}, "hidden_sum": "2"}
    filled = interview(FORM, sent)
    assert filled.irrelevant_answers() == ["g/t", "g/r[2]/u"]
    filled.set("a", 2)
    assert filled.irrelevant_answers() == []


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"double": "14", "half": "3.5"}, []),
        ({"double": "14.0", "half": "3.5000000000000004"}, []),
        ({"double": "1.4E1"}, []),
        ({"day": "2026-01-01T19:00:00.000Z"}, []),
        ({"now": "2020-01-01T00:00:00.000Z"}, []),
        ({}, []),
        ({"double": "15"}, ["double"]),
        ({"double": None}, ["double"]),
        ({"double": "many"}, ["double"]),
        ({"double": 14}, ["double"]),
        ({"hidden_sum": "2"}, []),
        ({"hidden_sum": "3"}, ["hidden_sum"]),
    ],
)
def test_a_calculation_that_was_sent_with_another_value_is_found(
    sent: dict[str, Any], wrong: list[str]
) -> None:
    filled = interview(FORM, {"a": 7} | {name: each for name, each in sent.items() if each != 14})
    assert filled.miscalculated({"a": 7} | sent) == wrong


def test_an_irrelevant_calculation_that_was_sent_is_found() -> None:
    sent = {"a": 1, "hidden_sum": "2"}
    assert interview(FORM, sent).miscalculated(sent) == ["hidden_sum"]


def test_calculations_within_rosters_are_compared_row_by_row() -> None:
    definition = questionnaire("""
        | type | name | label | calculation |
        | begin_repeat | r | R | |
        | integer | v | V | |
        | integer | w | W | ${v} + 1 |
        | end_repeat | | | |
    """)
    sent = {"r": [{"v": 1, "w": 2}, {"v": 2, "w": 2}, {"v": 3, "w": 4}]}
    assert interview(definition, sent).miscalculated(sent) == ["r[2]/w"]


def test_every_type_that_a_question_can_have_is_tried() -> None:
    survey = "\n".join(f"| {kind} | q{number} | Q |" for number, kind in enumerate(EVERY_TYPE))
    definition = questionnaire(f"| type | name | label |\n{survey}", choices=ABC)
    tried = {each.type for each in definition.walk() if isinstance(each, Question)}
    assert len(tried) == len(EVERY_TYPE)
    assert isinstance(datetime.fromisoformat(str(EVERY_TYPE["dateTime"])), datetime)
