"""A questionnaire's own words outside an interview: its title, and the language they are really in."""

from __future__ import annotations

from dataclasses import dataclass

from surveyapp.questionnaires.definition import Questionnaire, Text


@dataclass(frozen=True, slots=True)
class Wording:
    """A text and its language, which may be another than the page's."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Titled:
    """A questionnaire in a list."""

    id: str
    title: Wording
    minutes: str | None


def wording(text: Text, language: str, default_language: str) -> Wording:
    """The literal words of a text in the nearest language that it has."""
    wanted = (language, default_language, *text.wordings)
    chosen = next((each for each in wanted if text.wordings.get(each)), language)
    pieces = (piece for piece in text.wordings.get(chosen, ()) if isinstance(piece, str))
    return Wording("".join(pieces), chosen)


def titled(questionnaire: Questionnaire, language: str) -> Titled:
    """A questionnaire's title for a reader."""
    title = wording(questionnaire.title, language, questionnaire.default_language)
    return Titled(questionnaire.id, title, questionnaire.minutes)
