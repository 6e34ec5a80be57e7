"""Choice lists, and where a question's choices come from."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import ChoiceSource, Question, Questionnaire, RosterChoices
from surveyapp.questionnaires.xform import XFormError
from tests.questionnaires.forms import item, plain, questionnaire, workbook, xform_of

PLACES = """
    | list_name | name | label::Қазақша (kk) | label::English (en) | parent |
    | region | r1 | Бір | One | |
    | district | d1 | Екі | Two | r1 |
    | district | d2 | Үш | Three | r2 |
"""
ABC = """
    | list_name | name | label |
    | abc | a | A |
    | abc | b | B |
"""


def source(definition: Questionnaire, path: str) -> ChoiceSource:
    """Where the choices of a question come from."""
    question = item(definition, path)
    assert isinstance(question, Question)
    assert question.choices is not None
    return question.choices


def test_a_list_is_kept_whole_with_its_further_columns() -> None:
    definition = questionnaire(
        """
        | type | name | label::Қазақша (kk) | label::English (en) | choice_filter |
        | select_one region | r | Р | R | |
        | select_one district | d | Д | D | parent=${r} |
        """,
        choices=PLACES,
    )
    districts = definition.choice_lists["district"]
    assert [(each.name, each.extra) for each in districts] == [
        ("d1", {"parent": "r1"}),
        ("d2", {"parent": "r2"}),
    ]
    assert plain(districts[0].label) == {"kk": "Екі", "en": "Two"}


def test_a_filter_is_an_expression_over_the_columns() -> None:
    definition = questionnaire(
        """
        | type | name | label | choice_filter |
        | select_one region | r | R | |
        | select_one district | d | D | parent=${r} and name != 'd9' |
        """,
        choices=PLACES,
    )
    assert source(definition, "r").filter is None
    kept = source(definition, "d").filter
    assert kept is not None
    assert kept.source == "parent = /data/r and name != 'd9'"


def test_choices_without_languages_have_plain_labels() -> None:
    definition = questionnaire("| type | name | label |\n| select_one abc | q | Q |", choices=ABC)
    assert [plain(each.label) for each in definition.choice_lists["abc"]] == [
        {"default": "A"},
        {"default": "B"},
    ]


def test_choices_may_be_shuffled_by_a_seed() -> None:
    definition = questionnaire(
        """
        | type | name | label | parameters |
        | integer | n | N | |
        | select_one abc | q | Q | randomize=true, seed=${n} |
        | select_one abc | p | P | randomize=true |
        """,
        choices=ABC,
    )
    seeded, unseeded = source(definition, "q"), source(definition, "p")
    assert seeded.randomize
    assert seeded.seed is not None
    assert seeded.seed.source == "/data/n"
    assert unseeded.randomize
    assert unseeded.seed is None


def test_choices_may_be_the_instances_of_a_roster() -> None:
    definition = questionnaire("""
        | type | name | label |
        | begin_repeat | child | Child |
        | text | c_name | Name |
        | end_repeat | | |
        | select_one ${c_name} | eldest | Who is the eldest? |
    """)
    found = source(definition, "eldest")
    assert found.roster == RosterChoices("child", "c_name", "c_name")
    assert found.filter is not None


def test_choices_from_a_file_are_an_external_list() -> None:
    definition = questionnaire("| type | name | label |\n| select_one_from_file places.csv | q | Q |")
    assert source(definition, "q").list_name == "places"
    assert definition.external_lists == {"places": "jr://file-csv/places.csv"}
    assert definition.choice_lists["places"] == ()


def test_choices_written_within_the_control_are_a_list_of_its_own() -> None:
    form = xform_of(workbook("| type | name | label |\n| text | q | Q |"))
    control = (
        b'<select1 ref="/data/q"><label>Q</label><item><label>A</label><value>a</value></item></select1>'
    )
    start, end = form.index(b'<input ref="/data/q">'), form.index(b"</input>") + len(b"</input>")
    definition = xform.parse(form[:start] + control + form[end:])
    assert source(definition, "q").list_name == "q"
    assert [each.name for each in definition.choice_lists["q"]] == ["a"]


def test_a_source_of_choices_that_is_not_understood_is_named() -> None:
    form = xform_of(
        workbook("| type | name | label |\n| select_one abc | q | Q |", choices=ABC)
    ).replace(b"instance('abc')/root/item", b"concat('a', 'b')")
    with pytest.raises(XFormError) as refusal:
        xform.parse(form)
    assert refusal.value.code == "choices"
    assert refusal.value.params == {"path": "q", "source": "concat('a', 'b')"}
