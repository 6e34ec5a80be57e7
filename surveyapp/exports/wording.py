"""Wordings of a questionnaire as plain text."""

from __future__ import annotations

from surveyapp.questionnaires.definition import Choice, Expression, Text


def worded(text: Text, language: str) -> str:
    """A text in a language, empty if it lacks that; values that are put in stand as `{expression}`."""
    pieces = text.wordings.get(language, ())
    return "".join(f"{{{p.source}}}" if isinstance(p, Expression) else p for p in pieces)


def choice_label(choice: Choice, language: str, default_language: str) -> str:
    """A choice's label in a language, else in the questionnaire's own, else its code."""
    return worded(choice.label, language) or worded(choice.label, default_language) or choice.name
