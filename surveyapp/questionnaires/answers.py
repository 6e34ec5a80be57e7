"""What can be said of answers: errors with a path and a code, never a finished sentence.

A sentence needs a language, which only the edge (page, API, command) knows: `surveyapp.messages`
renders an `AnswerError`. A message of the questionnaire's own author travels along as a `Text`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from surveyapp.questionnaires.definition import NO_TEXT, Text

#: Answers of one questionnaire, nested by section and roster (design: “Answers in JSON”).
Answers: TypeAlias = dict[str, Any]


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
