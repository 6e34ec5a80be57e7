"""What the formats of typed columns share: which values the columns of a plan take, and their labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask_babel import force_locale

from surveyapp.exports.request import Missing, Rosters, TableOptions
from surveyapp.exports.tables import Column
from surveyapp.exports.wording import worded
from surveyapp.i18n import LANGUAGES
from surveyapp.questionnaires.definition import DataType

#: the column that marks what the program made up
SYNTHETIC = "synthetic"
LISTS = frozenset({DataType.SELECT_MULTIPLE, DataType.RANK})


def by_codes(options: TableOptions) -> TableOptions:
    """The same tables with all codes as they are: the format itself says what they are called."""
    return replace(options, labels=None, codes=False, declared_marked=False)


def without_marks(options: TableOptions) -> TableOptions:
    """The same with codes, and nothing in place of a missing answer: a typed column holds no marks."""
    return replace(by_codes(options), missing=Missing.BLANK, rosters=Rosters.LINKED)


def is_truth(column: Column) -> bool:
    """Whether a column says yes or no: the mark of synthetic work, one choice of several."""
    return column.choice is not None or (column.item is None and column.name == SYNTHETIC)


def is_list(column: Column) -> bool:
    """Whether its cell is several codes."""
    return column.choice is None and column.type in LISTS


def label_of(column: Column, language: str) -> str:
    """What a column is called in a language, else in the questionnaire's own; its name at last."""
    if column.item is None:
        return _said(column, language) or column.name
    own = column.item.default_language
    label = worded(column.item.label, language) or worded(column.item.label, own) or column.item.path
    if column.choice is None:
        return label
    choice = column.choice
    return f"{label}: {worded(choice.label, language) or worded(choice.label, own) or choice.name}"


def labels_by_language(column: Column) -> Mapping[str, str]:
    """The same in each language of the program."""
    return {language: label_of(column, language) for language in LANGUAGES}


def _said(column: Column, language: str) -> str:
    if column.meaning is None or language not in LANGUAGES:
        return ""
    with force_locale(language):
        return str(column.meaning)
