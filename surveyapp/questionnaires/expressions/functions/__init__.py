"""The functions that compute their arguments first, by what they are about.

Those in `FUNCTIONS` look at their arguments only, those in `FUNCTIONS_IN_CONTEXT` get the context before
them. Functions that choose which arguments to compute are forms of the language: `evaluator`.
"""

from __future__ import annotations

from collections.abc import Mapping

from surveyapp.questionnaires.expressions.conversions import Function
from surveyapp.questionnaires.expressions.functions.dates import DATES_IN_CONTEXT
from surveyapp.questionnaires.expressions.functions.encodings import CHANCE_IN_CONTEXT, ENCODINGS
from surveyapp.questionnaires.expressions.functions.form import FORM_IN_CONTEXT
from surveyapp.questionnaires.expressions.functions.geography import GEOGRAPHY
from surveyapp.questionnaires.expressions.functions.logic import LOGIC
from surveyapp.questionnaires.expressions.functions.nodesets import NODESETS, NODESETS_IN_CONTEXT
from surveyapp.questionnaires.expressions.functions.numbers import NUMBERS
from surveyapp.questionnaires.expressions.functions.selection import SELECTION
from surveyapp.questionnaires.expressions.functions.strings import STRINGS, STRINGS_IN_CONTEXT

FUNCTIONS: Mapping[str, Function] = {
    **ENCODINGS,
    **GEOGRAPHY,
    **LOGIC,
    **NODESETS,
    **NUMBERS,
    **SELECTION,
    **STRINGS,
}
FUNCTIONS_IN_CONTEXT: Mapping[str, Function] = {
    **CHANCE_IN_CONTEXT,
    **DATES_IN_CONTEXT,
    **FORM_IN_CONTEXT,
    **NODESETS_IN_CONTEXT,
    **STRINGS_IN_CONTEXT,
}
