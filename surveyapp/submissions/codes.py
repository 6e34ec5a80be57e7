"""The invitation's code in an envelope: taken out before anything is kept, lent to the interview.

A code comes in the envelope's own field, or as the answer to the question that asks for it
(`survey:invitation`). It lets one submission in and is kept nowhere, also not in quarantine.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from surveyapp.questionnaires.definition import Container, Question, Questionnaire, Section
from surveyapp.submissions.envelope import Envelope


class WithoutCode(NamedTuple):
    """An envelope without its code, the code, and the answers as the interview must see them."""

    envelope: Envelope
    code: str | None
    judged: Mapping[str, Any]


def take_code(definition: Questionnaire, envelope: Envelope) -> WithoutCode:
    """Part an envelope from its invitation's code."""
    way, answers = code_question(definition), envelope.answers
    typed = _answer(answers, way) if way else None
    code = envelope.invitation or (typed if isinstance(typed, str) else None) or None
    if code is None and typed is None:
        return WithoutCode(envelope, None, answers)
    judged = _put(answers, way, code) if way and typed is None else answers
    return WithoutCode(envelope.without_code(_cut(answers, way) if way else answers), code, judged)


@lru_cache(maxsize=64)
def code_question(definition: Questionnaire) -> tuple[str, ...] | None:
    """The names that lead to the question that asks for the code (not in a roster); None without one."""
    return _code_question(definition.root)


def _code_question(container: Container) -> tuple[str, ...] | None:
    for item in container.items:
        if isinstance(item, Question) and item.invitation:
            return (item.name,)
        if isinstance(item, Section):
            below = _code_question(item)
            if below is not None:
                return (item.name, *below)
    return None


def _answer(answers: Any, way: tuple[str, ...]) -> Any:
    """The answer at the end of a way; None where the answers are not as deep, whatever they are."""
    for name in way:
        answers = answers.get(name) if isinstance(answers, Mapping) else None
    return answers


def _cut(answers: Any, way: tuple[str, ...]) -> Any:
    """A copy of the answers without the one at the end of the way."""
    name, *rest = way
    if not isinstance(answers, Mapping) or name not in answers:
        return answers
    others = {other: value for other, value in answers.items() if other != name}
    return others | {name: _cut(answers[name], tuple(rest))} if rest else others


def _put(answers: Any, way: tuple[str, ...], value: Any) -> Any:
    """A copy of the answers with one more at the end of the way; as they are where it leads nowhere."""
    name, *rest = way
    if not isinstance(answers, Mapping):
        return answers
    return {**answers, name: _put(answers.get(name) or {}, tuple(rest), value) if rest else value}
