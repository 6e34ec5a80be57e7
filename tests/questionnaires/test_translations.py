"""A wording that lacks a language which the workbook declares is found."""

from __future__ import annotations

from surveyapp.questionnaires.translations import declared_languages, missing_translations
from surveyapp.questionnaires.workbook import Workbook
from surveyapp.questionnaires.workbook_files import read_workbook

SETTINGS = "| settings |\n| | default_language |\n| | Русский (ru) |\n"


def read(survey: str, *rest: str) -> Workbook:
    """A workbook from its survey sheet's rows and other sheets."""
    return read_workbook(("| survey |\n" + survey + "".join(rest)).encode(), "f.md")


def missing(workbook: Workbook) -> list[tuple[str | None, int | None, str | None, str]]:
    """Where which language is missing."""
    return [(p.sheet, p.row, p.column, p.facts["language"]) for p in missing_translations(workbook)]


def test_a_workbook_without_languages_lacks_none() -> None:
    workbook = read("| | type | name | label |\n| | text | a | A |\n")
    assert declared_languages(workbook) == ()
    assert missing(workbook) == []


def test_a_label_without_one_language_is_found() -> None:
    workbook = read(
        "| | type | name | label::Русский (ru) | label::English (en) |\n"
        "| | text | a | А | A |\n| | text | b | Б | |\n"
    )
    assert missing(workbook) == [("survey", 3, "label::English (en)", "English (en)")]


def test_a_hint_whose_column_is_missing_altogether_is_found() -> None:
    workbook = read(
        "| | type | name | label::Русский (ru) | label::English (en) | hint::Русский (ru) |\n"
        "| | text | a | А | A | подсказка |\n"
    )
    assert missing(workbook) == [("survey", 2, "hint::English (en)", "English (en)")]


def test_a_choice_and_a_message_are_checked_like_labels() -> None:
    workbook = read(
        "| | type | name | label::Русский (ru) | label::English (en) | constraint "
        "| constraint_message::Русский (ru) |\n"
        "| | select_one l | a | А | A | . != 'x' | нельзя |\n",
        "| choices |\n| | list_name | name | label::Русский (ru) | label::English (en) |\n"
        "| | l | x | | X |\n",
    )
    assert missing(workbook) == [
        ("survey", 2, "constraint_message::English (en)", "English (en)"),
        ("choices", 2, "label::Русский (ru)", "Русский (ru)"),
    ]


def test_our_own_messages_are_checked_by_the_code_at_their_end() -> None:
    workbook = read(
        "| | type | name | label::Русский (ru) | label::English (en) | bind::survey:warning "
        "| bind::survey:warning_en |\n"
        "| | text | a | А | A | . = '' | Sure? |\n"
    )
    assert missing(workbook) == [("survey", 2, "bind::survey:warning_ru", "Русский (ru)")]


def test_a_column_without_a_language_speaks_the_default_one() -> None:
    workbook = read(
        "| | type | name | label | label::English (en) |\n"
        "| | text | a | А | A |\n| | text | b | | B |\n",
        SETTINGS,
    )
    assert declared_languages(workbook) == ("English (en)", "Русский (ru)")
    assert missing(workbook) == [("survey", 3, "label", "Русский (ru)")]


def test_a_default_language_that_nothing_is_written_in_is_missing_everywhere() -> None:
    workbook = read("| | type | name | label::English (en) |\n| | text | a | A |\n", SETTINGS)
    assert missing(workbook) == [("survey", 2, "label::Русский (ru)", "Русский (ru)")]
