"""Functions of the form itself: its translations and its version."""

from __future__ import annotations

from surveyapp.questionnaires.expressions.context import Context
from surveyapp.questionnaires.expressions.conversions import Function, Value, to_string
from surveyapp.questionnaires.expressions.paths import line_of


def itext(context: Context, text_id: Value) -> str:
    """The translation of an id in the interview's language, `[itext:…]` if there is none."""
    return context.scope.itext(to_string(text_id))


def version(context: Context) -> str:
    """The version of the form; in a predicate on the rows of another instance, which has none, `''`."""
    return context.scope.version if line_of(context.node)[0] is context.scope.root else ""


FORM_IN_CONTEXT: dict[str, Function] = {"jr:itext": itext, "version": version}
