"""Placeholders of consent texts are filled in each language."""

from __future__ import annotations

from surveyapp.questionnaires.placeholders import Value, fill_placeholders, used_placeholders
from surveyapp.questionnaires.workbook import Workbook
from surveyapp.questionnaires.workbook_files import read_workbook

TWO_LANGUAGES = (
    "| survey |\n"
    "| | type | name | label::Русский (ru) | label::English (en) "
    "| bind::survey:minutes | bind::survey:warning_ru |\n"
    "| | note | n | Оператор: {operator}, {minutes} мин | Operator: {operator}, {minutes} min "
    "| 6–8 | {operator}? |\n"
    "| choices |\n"
    "| | list_name | name | calculation |\n"
    "| | l | c | if(${n} = '{8}', {cfg_sensitive}, 2) |\n"
)


def filled(text: str, values: dict[str, Value]) -> tuple[Workbook, list[tuple[str, str | None, str]]]:
    """The workbook filled, and what could not be."""
    workbook = read_workbook(text.encode(), "f.md")
    problems = fill_placeholders(workbook, values)
    return workbook, [(p.code, p.column, p.facts["placeholder"]) for p in problems]


def test_each_column_gets_the_value_of_its_language() -> None:
    workbook, problems = filled(TWO_LANGUAGES, {"operator": {"ru": "Центр", "en": "Centre"}})
    row = workbook.sheet("survey").rows[0]
    assert problems == []
    assert row["label::Русский (ru)"] == "Оператор: Центр, 6–8 мин"
    assert row["label::English (en)"] == "Operator: Centre, 6–8 min"
    assert row["bind::survey:warning_ru"] == "Центр?"


def test_one_value_may_serve_all_languages() -> None:
    workbook, problems = filled(TWO_LANGUAGES, {"operator": "ЦЕНТР"})
    assert problems == []
    assert workbook.sheet("survey").rows[0]["label::English (en)"] == "Operator: ЦЕНТР, 6–8 min"


def test_a_value_missing_in_one_language_is_unset_there() -> None:
    _, problems = filled(TWO_LANGUAGES, {"operator": {"ru": "Центр"}})
    assert problems == [("placeholder_unset", "label::English (en)", "operator")]


def test_an_empty_value_is_unset() -> None:
    _, problems = filled(TWO_LANGUAGES, {"operator": ""})
    assert {code for code, _, _ in problems} == {"placeholder_unset"}


def test_the_sensitive_module_is_off_by_default_and_references_stay() -> None:
    workbook, _ = filled(TWO_LANGUAGES, {"operator": "x"})
    assert workbook.sheet("choices").rows[0]["calculation"] == "if(${n} = '{8}', 0, 2)"


def test_the_sensitive_module_can_be_switched_on() -> None:
    workbook, _ = filled(TWO_LANGUAGES, {"operator": "x", "cfg_sensitive": "1"})
    assert workbook.sheet("choices").rows[0]["calculation"] == "if(${n} = '{8}', 1, 2)"


def test_an_unknown_word_in_braces_stays_and_is_doubted() -> None:
    workbook, problems = filled(
        "| survey |\n| | type | name | label |\n| | note | n | {operater} ${x} |\n", {}
    )
    assert workbook.sheet("survey").rows[0]["label"] == "{operater} ${x}"
    assert problems == [("placeholder_unknown", "label", "operater")]


def test_a_value_is_not_filled_again() -> None:
    workbook, _ = filled(TWO_LANGUAGES, {"operator": "{bin}"})
    assert workbook.sheet("survey").rows[0]["bind::survey:warning_ru"] == "{bin}?"


def test_the_placeholders_in_use_are_known() -> None:
    workbook = read_workbook(TWO_LANGUAGES.encode(), "f.md")
    assert used_placeholders(workbook) == {"operator", "minutes", "cfg_sensitive"}
