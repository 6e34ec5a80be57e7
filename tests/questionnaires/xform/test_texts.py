"""Labels, hints, messages and their translations."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Expression, Question
from surveyapp.questionnaires.xform import XFormError
from tests.questionnaires.forms import item, plain, questionnaire, table, workbook, xform_of

KAZAKH_FIRST = """
    | form_id | default_language |
    | f | Қазақша (kk) |
"""


def test_languages_are_known_by_their_codes() -> None:
    definition = questionnaire(
        """
        | type | name | label::Русский (ru) | label::Қазақша (kk) |
        | text | q | Имя | Аты |
        """,
        settings=KAZAKH_FIRST,
    )
    assert set(definition.languages) == {"kk", "ru"}
    assert definition.default_language == "kk"
    assert plain(item(definition, "q").label) == {"kk": "Аты", "ru": "Имя"}


def test_a_language_without_a_code_keeps_its_name() -> None:
    definition = questionnaire("| type | name | label::French |\n| text | q | Nom |")
    assert "French" in definition.languages
    assert plain(item(definition, "q").label)["French"] == "Nom"


def test_a_form_without_languages_has_one_without_a_name() -> None:
    definition = questionnaire("| type | name | label |\n| text | q | Name |")
    assert definition.languages == ("default",)
    assert definition.default_language == "default"
    assert plain(item(definition, "q").label) == {"default": "Name"}


def test_a_translation_that_was_left_out_is_absent() -> None:
    definition = questionnaire(
        """
        | type | name | label::Қазақша (kk) | label::Русский (ru) | hint::Русский (ru) |
        | text | a | Аты | Имя | |
        | text | b | Жасы | | Лет |
        """,
        settings=KAZAKH_FIRST,
    )
    question = item(definition, "b")
    assert plain(question.label) == {"kk": "Жасы"}
    assert plain(question.hint) == {"ru": "Лет"}
    assert not item(definition, "a").hint


def test_a_dash_that_the_author_wrote_is_kept() -> None:
    definition = questionnaire(
        """
        | type | name | label::Қазақша (kk) | label::Русский (ru) |
        | text | a | - | - |
        """,
        settings=KAZAKH_FIRST,
    )
    assert plain(item(definition, "a").label) == {"kk": "-", "ru": "-"}


def test_values_put_into_a_text_are_expressions() -> None:
    definition = questionnaire("""
        | type | name | label |
        | text | n | Name |
        | note | hello | Hello ${n}, and <b>welcome</b> & co. |
    """)
    before, value, after = item(definition, "hello").label.wordings["default"]
    assert (before, after) == ("Hello ", ", and <b>welcome</b> & co.")
    assert isinstance(value, Expression)
    assert value.source == "/data/n"


def test_lines_within_a_text_are_kept() -> None:
    form = xform_of(workbook("| type | name | label |\n| note | n | one |"))
    definition = xform.parse(form.replace(b">one<", b">one\n\ntwo<"))
    assert plain(item(definition, "n").label) == {"default": "one\n\ntwo"}


def test_hints_and_guidance_stand_apart() -> None:
    definition = questionnaire("""
        | type | name | label | hint | guidance_hint |
        | text | q | Name | first name | as in the passport |
    """)
    question = item(definition, "q")
    assert plain(question.hint) == {"default": "first name"}
    assert plain(question.guidance) == {"default": "as in the passport"}


def test_messages_are_translated() -> None:
    row = {
        "type": "integer",
        "name": "q",
        "label::Қазақша (kk)": "Жасы",
        "label::Русский (ru)": "Лет",
        "constraint": ". < 5",
        "constraint_message::Қазақша (kk)": "Көп",
        "constraint_message::Русский (ru)": "Много",
        "required": "yes",
        "required_message::Русский (ru)": "Нужно",
    }
    definition = questionnaire(table(row), settings=KAZAKH_FIRST)
    question = item(definition, "q")
    assert isinstance(question, Question)
    assert plain(question.constraint_message) == {"kk": "Көп", "ru": "Много"}
    assert plain(question.required_message) == {"ru": "Нужно"}


def test_two_translations_with_one_code_are_refused() -> None:
    form = xform_of(
        workbook(
            "| type | name | label::English (en) | label::Français (fr) |\n| text | q | Name | Nom |"
        )
    )
    with pytest.raises(XFormError) as refusal:
        xform.parse(form.replace("Français (fr)".encode(), b"British (en)"))
    assert (refusal.value.code, refusal.value.params) == ("language", {"language": "en"})
