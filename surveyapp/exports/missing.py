"""The four ways of not having an answer, kept apart by marks where that is asked for.

They are Stata's: a dot and a letter. No number and no code of a choice begins so, and pandas takes
`na_values=[".n", ".e", ".r", ".d"]`. A text that reads exactly so gets an apostrophe before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from surveyapp.questionnaires.definition import Choice


class Mark(StrEnum):
    """What stands in place of an answer."""

    #: the question was not put: not relevant, not in this version, no such entry of the roster
    NOT_ASKED = ".n"
    #: put, and passed over
    EMPTY = ".e"
    REFUSED = ".r"
    DONT_KNOW = ".d"


#: choices that are no answer, as the built-in questionnaires and most others call them
REFUSALS: Final = frozenset({"ref", "-99", "-999"})
UNKNOWNS: Final = frozenset({"dk", "dont_know", "-88", "-888"})
_TEXTS: Final = frozenset(mark.value for mark in Mark)


def marks_of(choices: Sequence[Choice]) -> Mapping[str, str]:
    """Code → mark, of the choices that say that there is no answer."""
    named = {choice.name for choice in choices}
    refused = dict.fromkeys(named & REFUSALS, Mark.REFUSED.value)
    return refused | dict.fromkeys(named & UNKNOWNS, Mark.DONT_KNOW.value)


def told_apart(text: str) -> str:
    """A text that is no mark."""
    return f"'{text}" if text in _TEXTS else text
