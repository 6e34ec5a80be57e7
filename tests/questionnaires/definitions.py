"""Whole questionnaires to be judged: the four built-in ones, and one with everything they do not use."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from surveyapp.questionnaires import library, xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.questionnaires.compiled import built_in

EVERYTHING = Path(__file__).with_name("everything.md")

IDS = (*(each.id for each in library.BUILT_IN), "everything")


@cache
def definition(questionnaire_id: str) -> Questionnaire:
    """A questionnaire by its id, parsed once."""
    if questionnaire_id == "everything":
        compiled = compile_workbook(EVERYTHING.read_bytes(), EVERYTHING.name, placeholders={})
        return xform.parse(compiled.xform)
    return xform.parse(built_in(questionnaire_id).xform)
