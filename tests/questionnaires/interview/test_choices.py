"""What a question offers."""

from __future__ import annotations

from itertools import cycle

from surveyapp.questionnaires.interview import Interview
from tests.questionnaires.forms import interview, plain, questionnaire

LISTS = """
    | list_name | name | label | parent |
    | region | r1 | One | |
    | region | r2 | Two | |
    | district | d1 | East | r1 |
    | district | d2 | West | r1 |
    | district | d3 | North | r2 |
    | district | other | Other in one | r1 |
    | district | other | Other in two | r2 |
"""
CASCADE = questionnaire(
    """
    | type | name | label | choice_filter | calculation |
    | select_one region | region | Region | | |
    | select_one district | one | District | parent=${region} | |
    | select_multiple district | some | Districts | parent=${region} | |
    | calculate | label | | | jr:choice-name(${one}, '${one}') |
    | begin_repeat | p | Person | | |
    | select_one region | p_region | Region | | |
    | select_one district | p_one | District | parent=${p_region} | |
    | end_repeat | | | | |
    """,
    choices=LISTS,
    settings="| form_id | allow_choice_duplicates |\n| f | yes |",
)


def names(filled: Interview, path: str) -> list[str]:
    """The names of the choices that a question offers."""
    return [choice.name for choice in filled.choices(path)]


def test_a_list_without_a_filter_is_offered_whole() -> None:
    assert names(interview(CASCADE), "region") == ["r1", "r2"]


def test_a_filtered_list_offers_what_its_filter_lets_through() -> None:
    filled = interview(CASCADE)
    assert names(filled, "one") == []
    filled.set("region", "r1")
    assert names(filled, "one") == ["d1", "d2", "other"]


def test_each_instance_filters_by_its_own_answers() -> None:
    filled = interview(CASCADE, {"p": [{"p_region": "r1"}, {"p_region": "r2"}]})
    assert names(filled, "p[2]/p_one") == ["d3", "other"]


def test_the_offered_one_of_two_choices_with_a_name_gives_the_label() -> None:
    filled = interview(CASCADE, {"region": "r2"})
    assert [plain(choice.label)["default"] for choice in filled.choices("one")] == [
        "North",
        "Other in two",
    ]


def test_a_question_of_another_kind_offers_nothing() -> None:
    assert interview(questionnaire("| type | name | label |\n| text | q | Q |")).choices("q") == ()


def test_a_choice_that_is_not_offered_any_more_is_an_error_until_it_is_dropped() -> None:
    filled = interview(CASCADE, {"region": "r1", "one": "d1", "some": ["d1", "other"]})
    assert filled.errors() == []
    filled.set("region", "r2")
    assert [(error.path, error.code) for error in filled.errors()] == [
        ("one", "choice"),
        ("some", "choice"),
    ]
    assert filled.value("one") == "d1"
    assert filled.drop_unoffered() == ["one", "some"]
    assert (filled.value("one"), filled.value("some")) == (None, ["other"])
    assert filled.errors() == []
    assert filled.drop_unoffered() == []


def test_only_below_a_path_choices_are_dropped() -> None:
    filled = interview(CASCADE, {"region": "r2", "one": "d1", "p": [{"p_region": "r1", "p_one": "d3"}]})
    assert filled.drop_unoffered("p") == ["p[1]/p_one"]
    assert filled.value("one") == "d1"


def test_a_choices_label_is_computed_in_the_interviews_language() -> None:
    definition = questionnaire(
        """
        | type | name | label::Қазақша (kk) | label::English (en) | calculation |
        | select_one l | q | Q | Q | |
        | calculate | c | | | jr:choice-name(${q}, '${q}') |
        """,
        choices="""
        | list_name | name | label::Қазақша (kk) | label::English (en) |
        | l | a | Алма | Apple |
        """,
    )
    assert interview(definition, {"q": "a"}, language="kk").value("c") == "Алма"
    assert interview(definition, {"q": "a"}, language="en").value("c") == "Apple"
    assert interview(definition, {}, language="en").value("c") is None


def test_a_label_is_empty_where_there_is_none() -> None:
    definition = questionnaire(
        """
        | type | name | label | calculation |
        | text | t | T | |
        | select_one region | q | Q | |
        | begin_group | g | G | |
        | text | u | U | |
        | end_group | | | |
        | calculate | of_text | | jr:choice-name(${t}, '${t}') |
        | calculate | unknown | | jr:choice-name('r9', '${q}') |
        | calculate | of_group | | jr:choice-name('r1', '/data/g') |
        """,
        choices="| list_name | name | label |\n| region | r1 | One |",
    )
    filled = interview(definition, {"t": "x"})
    assert [filled.value(path) for path in ("of_text", "unknown", "of_group")] == [None] * 3


def test_expressions_look_into_lists() -> None:
    definition = questionnaire(
        """
        | type | name | label | calculation |
        | select_one region | q | Q | |
        | calculate | label | | instance('region')/root/item[name = current()/../q]/label |
        | calculate | cells | | count(instance('region')/root/item/*) |
        | calculate | nowhere | | count(instance('nowhere')/root/item) |
        """,
        choices="""
        | list_name | name | label | size |
        | region | r1 | One | 5 |
        | region | r2 | Two | |
        """,
    )
    filled = interview(definition, {"q": "r2"})
    found = [filled.value(path) for path in ("label", "cells", "nowhere")]
    assert found == ["Two", "5", None]
    assert [(fault.path, fault.code) for fault in filled.faults()] == [("nowhere", "instance")]


def test_choices_may_be_a_rosters_instances() -> None:
    definition = questionnaire("""
        | type | name | label | calculation |
        | begin_repeat | child | Child | |
        | text | c_name | Name | |
        | end_repeat | | | |
        | select_one ${c_name} | eldest | Eldest | |
        | calculate | label | | jr:choice-name(${eldest}, '${eldest}') |
    """)
    rows = [{"c_name": "Ая"}, {"c_name": None}, {"c_name": "Нұр"}]
    filled = interview(definition, {"child": rows, "eldest": "Нұр"})
    assert names(filled, "eldest") == ["Ая", "Нұр"]
    assert [plain(choice.label)["default"] for choice in filled.choices("eldest")] == ["Ая", "Нұр"]
    assert filled.value("label") == "Нұр"
    filled.remove_instance("child[3]")
    assert [error.code for error in filled.errors()] == ["choice"]


def test_the_same_seed_gives_the_same_order() -> None:
    rows = "\n".join(f"| l | c{number} | C{number} |" for number in range(8))
    definition = questionnaire(
        """
        | type | name | label | parameters |
        | integer | n | N | |
        | select_one l | q | Q | randomize=true, seed=${n} |
        | select_one l | p | P | randomize=true |
        """,
        choices=f"| list_name | name | label |\n{rows}",
    )
    orders = [names(interview(definition, {"n": seed}), "q") for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2]) == [f"c{number}" for number in range(8)]
    draws = cycle([0.9, 0.1, 0.5, 0.3, 0.7])
    assert names(interview(definition, {}, random=draws.__next__), "p") != sorted(orders[0])


def test_the_choices_of_a_file_that_is_not_here_are_not_judged() -> None:
    definition = questionnaire("| type | name | label |\n| select_one_from_file places.csv | q | Q |")
    filled = interview(definition, {"q": "p1"})
    assert filled.choices("q") == ()
    assert filled.errors() == []


def test_a_filter_that_cannot_be_evaluated_offers_everything() -> None:
    definition = questionnaire(
        """
        | type | name | label | choice_filter |
        | text | day | Day | |
        | select_one region | q | Q | date(${day}) > today() |
        """,
        choices="| list_name | name | label |\n| region | r1 | One |\n| region | r2 | Two |",
    )
    filled = interview(definition, {"day": "never", "q": "r1"})
    assert names(filled, "q") == ["r1", "r2"]
    assert filled.errors() == []
    assert [(fault.path, fault.attribute) for fault in filled.faults()] == [("q", "choice_filter")]
