"""What can be said of answers: errors with a path and a code, never a finished sentence.

A sentence needs a language, which only the edge (page, API, command) knows: `surveyapp.messages`
renders an `AnswerError`. A message of the questionnaire's own author travels along as a `Text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from surveyapp.questionnaires.definition import NO_TEXT, Question, Questionnaire, Text

#: Answers of one questionnaire, nested by section and roster (design: “Answers in JSON”).
Answers: TypeAlias = dict[str, Any]

#: where in its roster an instance stands; a path may be any text that a sender made up
_POSITION = re.compile(r"\[[0-9]+\]")


@dataclass(frozen=True, slots=True)
class AnswerError:
    """One thing wrong with an answer.

    `path` is the node (`child[2]/c_age`), `code` one of the fixed words that `surveyapp.messages` knows
    (`required`, `constraint`, `irrelevant`, `choice`, `integer`, `date` …), `params` fills its message,
    `message` is the author's own wording and wins over ours.
    """

    path: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    message: Text = NO_TEXT


def with_authors_words(
    errors: Iterable[AnswerError], definition: Questionnaire
) -> Iterator[AnswerError]:
    """The errors, as they are kept without a message, with what the author of their version says."""
    questions = {item.path: item for item in definition.walk() if isinstance(item, Question)}
    for error in errors:
        question = questions.get(_POSITION.sub("", error.path))
        yield replace(error, message=_authors_words(error, question)) if question else error


def _authors_words(error: AnswerError, question: Question) -> Text:
    own = {"required": question.required_message, "constraint": question.constraint_message}
    return own.get(error.code, NO_TEXT)
