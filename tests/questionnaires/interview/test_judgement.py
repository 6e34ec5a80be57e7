"""What is wrong with the answers, what is doubtful, and what is alarming."""

from __future__ import annotations

from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.interview import FiredDisclosure
from tests.questionnaires.forms import interview, plain, questionnaire, table

OURS = '| form_id | namespaces |\n| f | survey="https://surveyapp.example/xmlns/survey" |'
FORM = questionnaire("""
    | type | name | label | relevant | required | required_message | constraint | constraint_message |
    | integer | age | Age | | yes | How old? | . >= 0 and . <= 17 | 0 to 17 |
    | text | phone | Phone | | ${age} > 9 | | regex(., '[0-9]{3}') | |
    | begin_group | g | G | ${age} > 5 | | | | |
    | integer | size | Size | | yes | | . > ${age} | |
    | end_group | | | | | | | |
    | begin_repeat | r | R | | | | | |
    | text | t | T | | yes | | | |
    | end_repeat | | | | | | | |
""")


def found(errors: list[AnswerError]) -> list[tuple[str, str]]:
    """Paths and codes."""
    return [(error.path, error.code) for error in errors]


def test_what_must_be_answered_is_missed() -> None:
    filled = interview(FORM)
    assert found(filled.errors()) == [("age", "required"), ("r[1]/t", "required")]
    assert plain(filled.errors()[0].message) == {"default": "How old?"}
    assert filled.required("age")
    assert not filled.required("phone")


def test_a_condition_says_what_must_be_answered() -> None:
    filled = interview(FORM, {"age": 10})
    assert filled.required("phone")
    assert ("phone", "required") in found(filled.errors())


def test_an_answer_must_keep_its_constraint() -> None:
    filled = interview(FORM, {"age": 18, "phone": "12"})
    assert found(filled.errors())[:2] == [("age", "constraint"), ("phone", "constraint")]
    assert plain(filled.errors()[0].message) == {"default": "0 to 17"}


def test_no_answer_keeps_any_constraint() -> None:
    assert found(interview(FORM, {"age": 3, "phone": None}).errors()) == []


def test_a_constraint_may_look_at_other_answers() -> None:
    filled = interview(FORM, {"age": 7, "g": {"size": 7}})
    assert found(filled.errors()) == [("g/size", "constraint")]
    filled.set("age", 6)
    assert filled.errors() == []


def test_what_is_irrelevant_is_not_judged() -> None:
    filled = interview(FORM, {"age": 5, "g": {"size": 1}})
    assert filled.errors() == []
    assert not filled.required("g/size")


def test_errors_come_in_document_order_and_below_a_path() -> None:
    filled = interview(FORM, {"age": 12, "r": [{"t": "x"}, {}, {"t": None}]})
    expected = [
        ("phone", "required"),
        ("g/size", "required"),
        ("r[2]/t", "required"),
        ("r[3]/t", "required"),
    ]
    assert found(filled.errors()) == expected
    assert found(filled.errors("r")) == expected[2:]
    assert found(filled.errors("r[3]")) == expected[3:]
    assert found(filled.errors("r[3]/t")) == expected[3:]
    assert found(filled.errors("g")) == expected[1:2]
    assert found(filled.errors("age")) == []


def test_a_constraint_that_cannot_be_evaluated_refuses_nothing() -> None:
    definition = questionnaire("""
        | type | name | label | constraint |
        | text | day | Day | date(.) <= today() |
    """)
    filled = interview(definition, {"day": "yesterday"})
    assert filled.errors() == []
    assert [fault.attribute for fault in filled.faults()] == ["constraint"]


def test_a_question_may_be_read_only_by_a_condition() -> None:
    definition = questionnaire("""
        | type | name | label | read_only |
        | integer | a | A | |
        | integer | b | B | ${a} = 1 |
    """)
    assert interview(definition, {"a": 1}).read_only("b")
    assert not interview(definition, {"a": 2}).read_only("b")


def test_a_soft_check_asks_of_an_empty_answer_too() -> None:
    row = {"type": "integer", "name": "n", "label": "N"}
    check = {"bind::survey:warning": ". = '' or . > 100", "bind::survey:warning_ru": "Точно?"}
    definition = questionnaire(table(row | check), settings=OURS)
    filled = interview(definition)
    assert found(filled.warnings()) == [("n", "warning")]
    assert plain(filled.warnings()[0].message) == {"ru": "Точно?"}
    filled.set("n", 7)
    assert filled.warnings() == []
    filled.set("n", 101)
    assert found(filled.warnings("n")) == [("n", "warning")]
    assert filled.errors() == []


def test_disclosures_fire_with_their_level_while_relevant() -> None:
    alarm = "bind::survey:disclosure"
    definition = questionnaire(
        table(
            {"type": "integer", "name": "a", "label": "A"},
            {
                "type": "text",
                "name": "help",
                "label": "Help?",
                "relevant": "${a} > 1",
                alarm: ". = 'now'",
                f"{alarm}_level": "red",
            },
            {
                "type": "calculate",
                "name": "watch",
                "calculation": "${a} > 4",
                alarm: ". = 1",
                f"{alarm}_level": "amber",
            },
        ),
        settings=OURS,
    )
    filled = interview(definition, {"a": 5, "help": "now"})
    assert filled.disclosures() == [FiredDisclosure("help", "red"), FiredDisclosure("watch", "amber")]
    filled.set("a", 0)
    assert filled.disclosures() == []
