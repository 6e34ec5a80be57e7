"""The texts of a questionnaire side by side, and what is suspicious about them."""

from __future__ import annotations

from surveyapp.questionnaires import library, xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.side_by_side import Doubt, Kind, Line, counts, lines
from surveyapp.questionnaires.xlsform import compile_workbook

LANGUAGES = ("kk", "ru", "en")
WORKBOOK = """
| survey |
| | type | name | label::Қазақша (kk) | label::Русский (ru) | label::English (en) | hint::Русский (ru) | constraint | constraint_message::Қазақша (kk) | constraint_message::Русский (ru) | constraint_message::English (en) |
| | text | name | Атыңыз? | Ваше имя? | Your name? | | | | | |
| | integer | age | ${name}, неше жастасыз? | Сколько вам лет? | How old are you, ${name}? | | . < 120 | Тым көп | Слишком много | Too many |
| | text | place | Алматы | Алматы | Almaty | Город | | | | |
| | note | sign | 1 → 2 | 1 → 2 | 1 → 2 | | | | | |
| | select_one yn | sure | Сенімдісіз бе? | Уверены? | | | | | | |
| choices |
| | list_name | name | label::Қазақша (kk) | label::Русский (ru) | label::English (en) |
| | yn | yes | Иә | Да | Yes |
| settings |
| | form_id | version | default_language |
| | words | 1 | Қазақша (kk) |
"""


def made(text: str = WORKBOOK) -> Questionnaire:
    return xform.parse(compile_workbook(text.encode(), "words.md").xform)


def found(kind: Kind, path: str) -> Line:
    [line] = [each for each in lines(made(), LANGUAGES) if (each.kind, each.path) == (kind, path)]
    return line


def test_every_kind_of_text_has_its_line() -> None:
    assert found(Kind.LABEL, "name").texts == {"kk": "Атыңыз?", "ru": "Ваше имя?", "en": "Your name?"}
    assert found(Kind.CONSTRAINT, "age").texts["ru"] == "Слишком много"
    assert found(Kind.CHOICE, "yn/yes").texts["en"] == "Yes"
    assert not found(Kind.LABEL, "name").has(Doubt.MISSING)


def test_what_is_missing_is_told_in_its_language() -> None:
    line = found(Kind.LABEL, "sure")
    assert [each for each in LANGUAGES if Doubt.MISSING in line.doubts[each]] == ["en"]
    hint = found(Kind.HINT, "place")
    assert [each for each in LANGUAGES if Doubt.MISSING in hint.doubts[each]] == ["kk", "en"]


def test_the_same_words_in_two_languages_are_told() -> None:
    line = found(Kind.LABEL, "place")
    assert [each for each in LANGUAGES if Doubt.EQUAL in line.doubts[each]] == ["kk", "ru"]
    assert not found(Kind.LABEL, "sign").has(Doubt.EQUAL), "figures and signs are the same everywhere"


def test_other_values_filled_in_are_told() -> None:
    line = found(Kind.LABEL, "age")
    assert line.has(Doubt.PLACEHOLDERS)
    assert "${" in line.texts["kk"]
    assert not found(Kind.LABEL, "name").has(Doubt.PLACEHOLDERS)


def test_doubts_are_counted() -> None:
    assert counts(lines(made(), LANGUAGES))[Doubt.PLACEHOLDERS] == 1
    assert counts(lines(made(), LANGUAGES))[Doubt.EQUAL] == 1


def test_the_built_in_questionnaires_lack_nothing() -> None:
    for built_in in library.BUILT_IN:
        texts = dict.fromkeys(("operator", "bin", "contact", "retention"), "x")
        compiled = compile_workbook(library.workbook(built_in.id), built_in.file, placeholders=texts)
        assert counts(lines(xform.parse(compiled.xform), LANGUAGES))[Doubt.MISSING] == 0, built_in.id
