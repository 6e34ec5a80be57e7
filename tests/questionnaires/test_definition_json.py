"""A definition that is written as JSON and read again is the same definition."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.definition_json import FINGERPRINT, OtherEdition, read, write
from tests.questionnaires.definitions import IDS, definition


def _everything_equal(one: Questionnaire, other: Questionnaire) -> bool:
    # a Questionnaire is compared by identity, so its fields are compared here
    names = [field.name for field in fields(Questionnaire)]
    return [getattr(one, name) for name in names] == [getattr(other, name) for name in names]


@pytest.mark.parametrize("questionnaire_id", IDS)
def test_what_is_read_equals_what_was_written(questionnaire_id: str) -> None:
    written = definition(questionnaire_id)
    assert _everything_equal(read(write(written)), written)


@pytest.mark.parametrize("questionnaire_id", IDS)
def test_the_trees_of_expressions_come_back(questionnaire_id: str) -> None:
    # expressions are compared by their source alone: their trees are seen in the JSON
    text = write(definition(questionnaire_id))
    assert write(read(text)) == text
    assert '["call",' in text


def test_the_json_of_another_edition_of_the_program_is_refused() -> None:
    content = json.loads(write(definition("site_safety")))
    with pytest.raises(OtherEdition):
        read(json.dumps(["0" * len(FINGERPRINT), content[1]]))
