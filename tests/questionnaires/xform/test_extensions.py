"""The author's extensions: bind attributes in our own namespace."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.definition import Question, Valued
from surveyapp.questionnaires.xform import XFormError
from tests.questionnaires.forms import item, plain, questionnaire, table

SETTINGS = """
    | form_id | form_title | namespaces |
    | f | The form | survey="https://surveyapp.example/xmlns/survey" |
"""


def of_ours(type_: str, name: str, **attributes: str) -> dict[str, str]:
    """A row of a survey sheet with attributes of ours."""
    own = {f"bind::survey:{attribute}": value for attribute, value in attributes.items()}
    return {"type": type_, "name": name, "label": name} | own


def test_protections_and_breakdowns_are_read() -> None:
    definition = questionnaire(
        table(
            of_ours("text", "name", identity="yes"),
            of_ours("text", "wish", sensitive="yes", reading="yes"),
            of_ours("integer", "age", breakdown="age"),
            of_ours("text", "code", invitation="yes"),
            of_ours("text", "fence", critical="yes", sensitive="no"),
            of_ours("geopoint", "place", identity="yes", coarsen="1000"),
        ),
        settings=SETTINGS,
    )
    found = {each.name: each for each in definition.walk() if isinstance(each, Question)}
    assert [name for name, each in found.items() if each.identity] == ["name", "place"]
    assert [name for name, each in found.items() if each.sensitive] == ["wish"]
    assert [name for name, each in found.items() if each.reading] == ["wish"]
    assert [name for name, each in found.items() if each.critical] == ["fence"]
    assert [name for name, each in found.items() if each.invitation] == ["code"]
    assert found["age"].breakdown == "age"
    assert found["place"].coarsen == 1000


def test_what_is_said_of_a_section_holds_for_all_in_it() -> None:
    definition = questionnaire(
        """
        | type | name | label | bind::survey:identity | bind::survey:sensitive |
        | begin_group | g | G | yes | |
        | begin_repeat | r | R | | yes |
        | text | inner | I | | |
        | end_repeat | | | | |
        | text | outer | O | | |
        | end_group | | | | |
        """,
        settings=SETTINGS,
    )
    inner, outer = item(definition, "g/r/inner"), item(definition, "g/outer")
    assert isinstance(inner, Valued)
    assert isinstance(outer, Valued)
    assert (inner.identity, inner.sensitive) == (True, True)
    assert (outer.identity, outer.sensitive) == (True, False)


def test_a_soft_check_has_a_condition_and_texts() -> None:
    row = of_ours("integer", "age", warning=". > 100", warning_kk="Рас па?", warning_ru="Точно?")
    definition = questionnaire(table(row), settings=SETTINGS)
    question = item(definition, "age")
    assert isinstance(question, Question)
    assert question.warning is not None
    assert question.warning.condition.source == ". > 100"
    assert plain(question.warning.message) == {"kk": "Рас па?", "ru": "Точно?"}


def test_a_disclosure_has_a_condition_and_a_level() -> None:
    definition = questionnaire(
        """
        | type | name | label | calculation | bind::survey:disclosure | bind::survey:disclosure_level |
        | text | a | A | | . = 'danger' | red |
        | calculate | c | | 1 | . = 1 | amber |
        """,
        settings=SETTINGS,
    )
    found = {each.name: each.disclosure for each in definition.walk() if isinstance(each, Valued)}
    assert {name: rule and rule.level for name, rule in found.items()} == {"a": "red", "c": "amber"}


def test_the_first_row_speaks_of_the_whole() -> None:
    titles = {"title_kk": "Сауалнама", "title_ru": "Опрос"}
    first = of_ours("text", "a", audience="family", minutes="6–8", permission_kk="Рұқсат", **titles)
    definition = questionnaire(table(first, of_ours("text", "b", title_kk="Басқа")), settings=SETTINGS)
    assert plain(definition.title) == {"default": "The form", "kk": "Сауалнама", "ru": "Опрос"}
    assert (definition.audience, definition.minutes) == ("family", "6–8")
    assert plain(definition.permission) == {"kk": "Рұқсат"}


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("identity", "maybe"),
        ("breakdown", "colour"),
        ("coarsen", "-5"),
        ("coarsen", "0"),
        ("audience", "robots"),
    ],
)
def test_an_attribute_with_a_value_it_cannot_have_is_refused(attribute: str, value: str) -> None:
    survey = f"""
        | type | name | label | bind::survey:{attribute} |
        | text | a | A | {value} |
    """
    with pytest.raises(XFormError) as refusal:
        questionnaire(survey, settings=SETTINGS)
    assert refusal.value.code == "extension"
    expected = {"path": "a", "attribute": f"survey:{attribute}", "value": value}
    assert refusal.value.params == expected


@pytest.mark.parametrize("level", ["", "blue"])
def test_a_disclosure_without_a_level_that_we_know_is_refused(level: str) -> None:
    survey = f"""
        | type | name | label | bind::survey:disclosure | bind::survey:disclosure_level |
        | text | a | A | . = 'x' | {level} |
    """
    with pytest.raises(XFormError) as refusal:
        questionnaire(survey, settings=SETTINGS)
    expected = {"path": "a", "attribute": "survey:disclosure_level", "value": level}
    assert refusal.value.params == expected
