"""Answers are checked by their version's types before anything else looks at them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from surveyapp.messages import SENTENCES
from surveyapp.questionnaires import storable
from surveyapp.questionnaires.answer_fields import Defect
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.answers_reader import AnswersReader
from surveyapp.questionnaires.schema import Checked, Limits, answers_schema, check_types
from tests.questionnaires.sample import EVERY_TYPE

LIMITS = Limits(text_length=200, roster_instances=3, list_length=5, depth=6, errors=10)
PLACE = {"lat": 43.2, "lon": 76.9, "alt": 800.0, "accuracy": 5.0}


def check(answers: Any) -> Checked:
    return check_types(EVERY_TYPE, answers, LIMITS)


def read(name: str, value: Any) -> Any:
    """The normalised answer to one question of the section."""
    checked = check({"all": {name: value}})
    assert checked.errors == ()
    return checked.answers["all"][name]


def refused(name: str, value: Any) -> str:
    """The code by which one question's answer is refused."""
    checked = check({"all": {name: value}})
    assert checked.answers == {}
    (error,) = checked.errors
    assert error.path == f"all/{name}"
    return error.code


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("q_text", "Әлия"),
        ("q_integer", -3),
        ("q_integer", 2**53 - 1),
        ("q_decimal", 2.5),
        ("q_date", "2024-02-29"),
        ("q_time", "14:30:00.000+05:00"),
        ("q_time", "00:00Z"),
        ("q_dateTime", "2026-09-01T14:03:07+05:00"),
        ("q_dateTime", "2026-09-01T23:59:59.123456789-03:30"),
        ("q_select_one", "red"),
        ("q_select_multiple", ["blue", "red"]),
        ("q_rank", ["blue", "red", "green"]),
        ("q_geopoint", PLACE),
        ("q_geotrace", [PLACE, PLACE]),
        ("q_geoshape", [PLACE, PLACE, PLACE]),
        ("q_image", "көрініс 1.jpg"),
        ("q_barcode", "4870001"),
        ("q_acknowledge", "OK"),
        ("sum", "2"),
        ("file", "row-7"),
    ],
)
def test_an_answer_of_its_type_is_kept_as_it_came(name: str, value: Any) -> None:
    assert read(name, value) == value


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("q_text", 5, "text"),
        ("q_text", ["a"], "text"),
        ("q_text", "x" * 201, "too_long"),
        ("q_integer", "5", "integer"),
        ("q_integer", True, "integer"),
        ("q_integer", 5.5, "integer"),
        ("q_integer", math.nan, "integer"),
        ("q_integer", math.inf, "integer"),
        ("q_integer", 2**53, "range"),
        ("q_integer", 10**400, "range"),
        ("q_decimal", "2.5", "decimal"),
        ("q_decimal", False, "decimal"),
        ("q_decimal", math.nan, "decimal"),
        ("q_decimal", -math.inf, "decimal"),
        ("q_decimal", 10**400, "decimal"),
        ("q_date", "2023-02-29", "date"),
        ("q_date", "2026-2-3", "date"),
        ("q_date", "20260203", "date"),
        ("q_date", "2026-W05-2", "date"),
        ("q_date", "٢٠٢٦-٠٢-٠٣", "date"),
        ("q_date", "0000-01-01", "date"),
        ("q_date", "2026-09-01T00:00:00+05:00", "date"),
        ("q_time", "14:30", "time"),
        ("q_time", "24:00Z", "time"),
        ("q_time", "14:30+15:00", "time"),
        ("q_dateTime", "2026-09-01T14:03:07", "dateTime"),
        ("q_dateTime", "2026-02-30T14:03:07+05:00", "dateTime"),
        ("q_dateTime", "9999-12-31T23:59:59-01:00", "dateTime"),
        ("q_dateTime", 1788253387, "dateTime"),
        ("q_select_one", "pink", "choice"),
        ("q_select_one", ["red"], "choice"),
        ("q_select_one", 1, "choice"),
        ("q_select_one", "", "choice"),
        ("q_select_multiple", "red", "list"),
        ("q_select_multiple", ["red", "pink"], "choice"),
        ("q_select_multiple", ["red", {}], "choice"),
        ("q_select_multiple", ["red", "red"], "repeated"),
        ("q_rank", {"red": 1}, "list"),
        ("q_acknowledge", "yes", "acknowledge"),
        ("q_acknowledge", 1.5, "acknowledge"),
        ("q_geopoint", "43.2 76.9 0 0", "geopoint"),
        ("q_geopoint", {"lat": 43.2}, "geopoint"),
        ("q_geopoint", {"lat": 91, "lon": 0}, "geopoint"),
        ("q_geopoint", {"lat": 0, "lon": -180.1}, "geopoint"),
        ("q_geopoint", {"lat": 0, "lon": 0, "accuracy": -1}, "geopoint"),
        ("q_geopoint", {"lat": "43", "lon": 0}, "geopoint"),
        ("q_geopoint", {"lat": 43, "lon": 0, "name": "home"}, "geopoint"),
        ("q_geotrace", [PLACE], "geotrace"),
        ("q_geotrace", PLACE, "geotrace"),
        ("q_geotrace", [PLACE, "here"], "geopoint"),
        ("q_geotrace", [PLACE] * 6, "too_many"),
        ("q_geoshape", [PLACE, PLACE], "geoshape"),
        ("q_image", "../keys.json", "attachment"),
        ("q_image", "C:\\photo.jpg", "attachment"),
        ("q_image", "..", "attachment"),
        ("q_image", "", "attachment"),
        ("q_image", "a\nb.jpg", "attachment"),
        ("q_audio", "x" * 100 + "ә" * 78, "attachment"),
        ("q_video", 5, "attachment"),
        ("file", "two words", "choice"),
    ],
)
def test_an_answer_of_another_type_is_refused_by_a_code_with_a_sentence(
    name: str, value: Any, code: str
) -> None:
    assert refused(name, value) == code
    assert code in SENTENCES


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("q_text", "и\u0306", "й"),
        ("q_text", "", None),
        ("q_text", None, None),
        ("q_integer", 5.0, 5),
        ("q_decimal", 5, 5.0),
        ("q_select_multiple", [], None),
        ("q_geotrace", [], None),
        ("q_acknowledge", True, "OK"),
        ("q_acknowledge", False, None),
        (
            "q_geopoint",
            {"lat": 43, "lon": 77},
            {"lat": 43.0, "lon": 77.0, "alt": None, "accuracy": None},
        ),
        ("sum", 2, "2"),
        ("sum", 2.5, "2.5"),
        ("q_image", "и\u0306.jpg", "й.jpg"),
    ],
)
def test_different_ways_to_say_the_same_are_made_one(name: str, sent: Any, kept: Any) -> None:
    answer = read(name, sent)
    assert answer == kept
    assert type(answer) is type(kept)


def test_what_was_not_asked_stays_absent() -> None:
    assert check({"all": {}, "child": []}).answers == {"all": {}, "child": []}


def test_names_that_are_marshmallows_own_are_names_like_any_other() -> None:
    answers = {"load": 1, "fields": 2, "Meta": 3, "a.b": 4, "item_0": 5}
    assert check(answers).answers == answers
    assert [e.path for e in check({"a.b": "x", "Meta": "x"}).errors] == ["Meta", "a.b"]


def test_errors_in_rosters_carry_the_position_from_one() -> None:
    rows = [{"q_integer": 1}, {"q_integer": "?", "toy": [{"q_text": "ball"}, {"q_text": 5}]}]
    assert [(e.path, e.code) for e in check({"child": rows}).errors] == [
        ("child[2]/q_integer", "integer"),
        ("child[2]/toy[2]/q_text", "text"),
    ]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([], AnswerError("", "object")),
        ("text", AnswerError("", "object")),
        (None, AnswerError("", "object")),
        ({"all": None}, AnswerError("all", "object")),
        ({"all": []}, AnswerError("all", "object")),
        ({"all": 5}, AnswerError("all", "object")),
        ({"child": {"q_integer": 1}}, AnswerError("child", "list")),
        ({"child": None}, AnswerError("child", "list")),
        ({"child": "two"}, AnswerError("child", "list")),
        ({"child": [None]}, AnswerError("child[1]", "object")),
        ({"child": [{}, []]}, AnswerError("child[2]", "object")),
        ({"child": [{}] * 4}, AnswerError("child", "too_many", {"max": 3})),
    ],
)
def test_a_wrong_shape_is_refused_where_it_is(answers: Any, expected: AnswerError) -> None:
    assert check(answers).errors == (expected,)


def test_unknown_fields_are_kept_aside_with_their_paths() -> None:
    checked = check(
        {
            "all": {"q_integer": 1, "colour": "pink", "remark": "scribbled"},
            "child": [{"q_integer": 2}, {"nickname": None, "toy": [{"price": 5}]}],
            "weather": {"sky": ["grey"]},
        }
    )
    assert checked.errors == ()
    assert checked.answers == {"all": {"q_integer": 1}, "child": [{"q_integer": 2}, {"toy": [{}]}]}
    assert checked.foreign == {
        "all/colour": "pink",
        "all/remark": "scribbled",
        "child[2]/nickname": None,
        "child[2]/toy[1]/price": 5,
        "weather": {"sky": ["grey"]},
    }


def test_an_empty_note_is_no_foreign_field() -> None:
    assert check({"all": {"remark": None}}).foreign == {}


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udfffy", "o" + "\u0301" * 31])
@pytest.mark.parametrize(
    ("answers", "path"),
    [
        ({"all": {"q_text": "TEXT"}}, "all/q_text"),
        ({"all": {"q_select_multiple": ["TEXT"]}}, "all/q_select_multiple"),
        ({"child": [{}, {"toy": [{"q_text": "TEXT"}]}]}, "child[2]/toy[1]/q_text"),
        ({"all": {"TEXT": 1}}, "all"),
        ({"TEXT": 1}, ""),
        ({"child": [{"note": {"deeper": ["TEXT"]}}]}, "child[1]"),
    ],
)
def test_text_that_cannot_be_stored_is_found_anywhere(text: str, answers: Any, path: str) -> None:
    assert check(_put(answers, text)).errors == (AnswerError(path, "unstorable"),)


def _put(answers: Any, text: str) -> Any:
    if isinstance(answers, dict):
        return {_put(name, text): _put(value, text) for name, value in answers.items()}
    if isinstance(answers, list):
        return [_put(value, text) for value in answers]
    return text if answers == "TEXT" else answers


def test_marks_on_letters_are_no_offence() -> None:
    text = "е\u0301" * 40 + "-" * 10
    assert len(read("q_text", text)) == len(text)


def test_too_deep_nesting_is_refused_without_walking_down() -> None:
    pit: Any = []
    for _ in range(100_000):
        pit = [pit]
    assert check({"all": {"pit": pit}}).errors == (AnswerError("all", "too_deep"),)
    assert check(pit).errors == (AnswerError("", "too_deep"),)


def test_no_more_values_are_looked_at_than_the_limit() -> None:
    few = Limits(values=10)
    assert check_types(EVERY_TYPE, {"x": [1] * 8}, few).errors == ()
    too_many = (AnswerError("", "too_many", {"max": 10}),)
    assert check_types(EVERY_TYPE, {"x": [1] * 9}, few).errors == too_many
    assert check_types(EVERY_TYPE, {"x": [1] * 50 + ["\x00"]}, few).errors == too_many
    assert check_types(EVERY_TYPE, {str(number): {} for number in range(50)}, few).errors == too_many


def test_no_more_errors_are_told_than_the_limit() -> None:
    assert len(check({"all": {"x": ["\x00"] * 50}}).errors) == 10
    assert (
        len(check({"load": "?", "all": {f"q_{t}": {} for t in ("text", "integer", "date")}}).errors) == 4
    )


def test_an_error_never_carries_what_was_answered() -> None:
    secret = "Айгерим"
    answers = {
        "all": {"q_integer": secret, "q_select_one": secret, "q_date": secret},
        secret: {"\x00": 1},
    }
    assert secret not in repr(check(answers).errors)
    assert secret not in repr(check({"all": answers["all"]}).errors)


#: neither a section, nor a roster, nor a whole number
WRONG_EVERYWHERE: tuple[Any, ...] = (5.5, "x", [5], [[]], [None], True)


def test_marshmallows_own_wordings_never_come_out() -> None:
    schema = answers_schema(EVERY_TYPE, LIMITS)
    for name in ("all", "child", "load"):
        for value in WRONG_EVERYWHERE:
            with pytest.raises(ValidationError) as refusal:
                schema.load({name: value})
            leaves = _leaves(refusal.value.messages)
            assert leaves
            assert all(isinstance(leaf, Defect) for leaf in leaves)


def _leaves(messages: Any) -> list[Any]:
    below = messages.values() if isinstance(messages, dict) else messages
    return [
        leaf for part in below for leaf in (_leaves(part) if isinstance(part, dict | list) else [part])
    ]


def test_the_schema_of_a_definition_is_made_once() -> None:
    assert answers_schema(EVERY_TYPE, LIMITS) is answers_schema(EVERY_TYPE, LIMITS)


def test_hostile_marks_cost_no_more_than_reading_them() -> None:
    """Normalising these would take an hour: done wrongly, the test does not end."""
    hostile = "o" + "\u0301\u0323" * 500_000
    checked = check_types(EVERY_TYPE, {"all": {"q_text": hostile}}, Limits(text_length=2_000_000))
    assert checked.errors == (AnswerError("all/q_text", "unstorable"),)


#: right, doubtful and wrong answers to any question
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 9),
    st.sampled_from([2.5, 5.0, "", "Әлия", "red", "2024-02-29", "14:30:00+05:00", "OK", "1", "\x00"]),
    st.lists(st.sampled_from(["red", "blue", "none"]), max_size=3),
    st.sampled_from([PLACE, [PLACE, PLACE], {"lat": 91, "lon": 0}, {}, []]),
)
NAMES = st.sampled_from([*(f"q_{kind}" for kind in ("text", "integer", "select_one")), "colour"])
SHAPES = st.fixed_dictionaries(
    {},
    optional={
        "all": st.dictionaries(NAMES, VALUES, max_size=3) | VALUES,
        "child": st.lists(st.dictionaries(NAMES, VALUES, max_size=2) | VALUES, max_size=4),
        "note": VALUES,
    },
)


@given(SHAPES | VALUES)
def test_the_quick_way_takes_what_the_schema_takes_and_makes_the_same_of_it(answers: Any) -> None:
    schema = answers_schema(EVERY_TYPE, LIMITS)
    reader = AnswersReader(schema, LIMITS.roster_instances)
    try:
        loaded = schema.load(answers)
    except ValidationError:
        with pytest.raises(ValidationError):
            reader.read(answers)
    else:
        assert reader.read(answers) == loaded


@given(SHAPES | VALUES)
def test_answers_are_sound_when_nothing_unstorable_is_found_in_them(answers: Any) -> None:
    for depth, length, values in ((6, 200, 1000), (1, 3, 4)):
        walk = storable._Walk(length, values)
        found = list(walk.value(answers, "", EVERY_TYPE.root, depth))
        sound = not found and walk.left >= 0
        assert storable._is_sound(answers, depth, length, values) is sound
