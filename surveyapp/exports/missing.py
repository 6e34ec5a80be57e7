"""The four ways of not having an answer, kept apart by marks where that is asked for.

They are Stata's: a dot and a letter. No number and no code of a choice begins so, and pandas takes
`na_values=[".n", ".e", ".r", ".d"]`. A text that reads exactly so gets an apostrophe before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _l

from surveyapp.exports.merging import MergedItem
from surveyapp.i18n import LANGUAGES
from surveyapp.questionnaires.definition import DONT_KNOW, REFUSED, Choice
from surveyapp.questionnaires.no_answers import REFUSALS, UNKNOWNS
from surveyapp.questionnaires.values import from_text


class Mark(StrEnum):
    """What stands in place of an answer."""

    #: the question was not put: not relevant, not in this version, no such entry of the roster
    NOT_ASKED = ".n"
    #: put, and passed over
    EMPTY = ".e"
    REFUSED = ".r"
    DONT_KNOW = ".d"


_TEXTS: Final = frozenset(mark.value for mark in Mark)


def marks_of(choices: Sequence[Choice]) -> Mapping[str, str]:
    """Code → mark, of the choices that say that there is no answer."""
    named = {choice.name for choice in choices}
    refused = dict.fromkeys(named & REFUSALS, Mark.REFUSED.value)
    return refused | dict.fromkeys(named & UNKNOWNS, Mark.DONT_KNOW.value)


def told_apart(text: str) -> str:
    """A text that is no mark."""
    return f"'{text}" if text in _TEXTS else text


# --- numbers and days that their author declared ----------------------------------------------------

#: reason of the declaration → mark, and what people call it
MARKS: Final[Mapping[str, Mark]] = {REFUSED: Mark.REFUSED, DONT_KNOW: Mark.DONT_KNOW}
WORDS: Final[Mapping[str, LazyString]] = {REFUSED: _l("answer refused"), DONT_KNOW: _l("don't know")}
#: what people call the marks of cells that nobody answered
_PASSED_OVER: Final[Mapping[Mark, LazyString]] = {
    Mark.NOT_ASKED: _l("not asked"),
    Mark.EMPTY: _l("left empty"),
}


def worded_marks(language: str) -> dict[str, str]:
    """Mark → what it is called, of what was not asked and left empty; needs an application context."""
    with force_locale(language if language in LANGUAGES else "en"):
        return {mark.value: str(words) for mark, words in _PASSED_OVER.items()}


def declared(item: MergedItem) -> Mapping[Any, str]:
    """Answer as it is stored → reason, of an item whose author declared such (`survey:missing`)."""
    return {from_text(item.type, code): reason for code, reason in item.missing}


def declared_marks(item: MergedItem) -> Mapping[Any, str]:
    """The same with marks."""
    return {answer: MARKS[reason].value for answer, reason in declared(item).items()}


def worded_reasons(reason: str) -> dict[str, str]:
    """What a reason is called in each language of the program; needs an application context."""
    return {language: worded_reason(reason, language) for language in LANGUAGES}


def worded_reason(reason: str, language: str) -> str:
    """The same in one language; in English where the program has not got it."""
    with force_locale(language if language in LANGUAGES else "en"):
        return str(WORDS[reason])
