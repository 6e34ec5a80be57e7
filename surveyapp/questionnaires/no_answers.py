"""Answers that are none: somebody was asked, and refused or did not know.

Of choices their codes tell, of numbers and days what their author declared (`survey:missing`).
"""

from __future__ import annotations

from typing import Any, Final

from surveyapp.questionnaires.definition import DataType, Valued
from surveyapp.questionnaires.values import from_text

#: choices that are no answer, as the built-in questionnaires and most others call them
REFUSALS: Final = frozenset({"ref", "-99", "-999"})
UNKNOWNS: Final = frozenset({"dk", "dont_know", "-88", "-888"})


def is_no_answer(item: Valued, value: Any) -> bool:
    """Whether what is stored of an item answers nothing: left empty, refused or not known."""
    if value is None:
        return True
    if item.type in {DataType.SELECT_ONE, DataType.SELECT_MULTIPLE}:
        alone = value[0] if isinstance(value, list) and len(value) == 1 else value
        return isinstance(alone, str) and alone in REFUSALS | UNKNOWNS
    return any(value == from_text(item.type, code) for code in item.missing)
