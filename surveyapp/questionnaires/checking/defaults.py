"""Defaults that are no answer to their question: a phone drops them, or shows what cannot be kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyxform.utils import default_is_dynamic  # type: ignore[import-untyped]  # it ships no types

from surveyapp.questionnaires.checking.choices import ChoicesSheet
from surveyapp.questionnaires.checking.survey import DEFAULT, MULTIPLE, Row, Survey
from surveyapp.questionnaires.definition import DataType
from surveyapp.questionnaires.problems import Problem
from surveyapp.questionnaires.values import MisshapenValue, from_text

_TYPES: Mapping[str, DataType] = {
    **dict.fromkeys(("integer", "int"), DataType.INTEGER),
    "decimal": DataType.DECIMAL,
    "date": DataType.DATE,
    "time": DataType.TIME,
    "dateTime": DataType.DATETIME,
}


def default_problems(survey: Survey, choices: ChoicesSheet) -> Iterator[Problem]:
    """What is wrong with defaults that are no expressions."""
    for row in survey.items:
        text = survey.cell(row, DEFAULT).strip()
        if text and not default_is_dynamic(text, row.type) and not _fits(row, text, choices):
            facts = {"text": text, "type": row.type}
            yield survey.problem(row.number, DEFAULT, "default_misfit", **facts)


def _fits(row: Row, text: str, choices: ChoicesSheet) -> bool:
    if row.type in _TYPES:
        return _is_value(_TYPES[row.type], text)
    listed = choices.lists.get(row.list or "")
    if row.select is None or listed is None or row.or_other:
        return True
    names = {choice.name for choice in listed}
    return set(text.split() if row.select in {MULTIPLE, "rank"} else [text]) <= names


def _is_value(kind: DataType, text: str) -> bool:
    try:
        from_text(kind, text)
    except MisshapenValue:
        return False
    return True
