"""Texts with values in them, in the language that there is."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.definition import Text
from surveyapp.questionnaires.interview import Phrase
from tests.questionnaires.forms import interview, item, questionnaire

FORM = questionnaire(
    """
    | type | name | label::Қазақша (kk) | label::Русский (ru) | label::English (en) |
    | text | name | Аты | Имя | Name |
    | begin_repeat | child | Бала ${c_name} | Ребёнок ${c_name} | |
    | text | c_name | Баланың аты | Имя ребёнка | Its name |
    | integer | c_age | ${c_name} неше жаста? | Сколько лет? (${c_name}) | |
    | end_repeat | | | | |
    | decimal | share | Үлес | Доля | Share |
    | note | end | Рақмет, ${name}! | | Thank you, ${name}: ${share} |
    """,
    settings="| form_id | default_language |\n| f | Қазақша (kk) |",
)


def test_values_are_put_into_a_text() -> None:
    filled = interview(FORM, {"name": "Дана", "share": 70})
    label = item(FORM, "end").label
    assert filled.text(label, "end", "en") == Phrase("Thank you, Дана: 70", "en")
    assert filled.text(label, "end") == Phrase("Рақмет, Дана!", "kk")


def test_a_text_falls_back_to_the_default_language_and_says_so() -> None:
    filled = interview(FORM, {"name": "Дана"}, language="ru")
    assert filled.text(item(FORM, "end").label, "end") == Phrase("Рақмет, Дана!", "kk")


def test_a_text_without_the_default_language_is_given_in_one_that_it_has() -> None:
    filled = interview(FORM)
    assert filled.text(Text({"en": ("Only English",)}), "", "ru") == Phrase("Only English", "en")
    assert filled.text(Text({}), "", "ru") == Phrase("", "ru")


@pytest.mark.parametrize(("path", "name"), [("child[1]", "Ая"), ("child[2]", "Нұр")])
def test_each_instance_has_its_own_values(path: str, name: str) -> None:
    filled = interview(FORM, {"child": [{"c_name": "Ая"}, {"c_name": "Нұр"}]})
    assert filled.text(item(FORM, "child/c_age").label, f"{path}/c_age").text == f"{name} неше жаста?"
    assert filled.text(item(FORM, "child").label, path).text == f"Бала {name}"


def test_a_roster_as_a_whole_has_no_instances_values() -> None:
    filled = interview(FORM, {"child": []})
    assert filled.text(item(FORM, "child").label, "child").text == "Бала "


def test_a_value_that_cannot_be_computed_leaves_a_gap() -> None:
    definition = questionnaire("""
        | type | name | label |
        | begin_repeat | r | R |
        | text | t | T |
        | end_repeat | | |
        | note | n | All: ${t}. |
    """)
    filled = interview(definition, {"r": [{"t": "a"}, {"t": "b"}]})
    assert filled.text(item(definition, "n").label, "n").text == "All: ."
    assert [(fault.path, fault.code) for fault in filled.faults()] == [("n", "repeated")]
