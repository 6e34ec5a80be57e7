"""Judging work that an administrator takes in: what does not fit its version is kept aside.

What is kept aside joins the fields that nobody knows: sealed, flagged, exported to nobody, not lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.definition import Container, Questionnaire, Roster, Section
from surveyapp.questionnaires.judge import Judgement
from surveyapp.questionnaires.paths import NodePath, Step, format_path, parse_path
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions.assessing import Assessed, Assessor
from surveyapp.submissions.codes import code_question, take_code
from surveyapp.submissions.envelope import Envelope

#: what was set aside may uncover more that does not fit, but not for ever
ROUNDS = 20
#: parts of an envelope beside its answers → what stands for one that no database can hold
_PARTS: Mapping[str, Any] = {
    "app": None,
    "assignment": None,
    "answer_languages": {},
    "paradata": {},
    "consent": None,
}


class Fitting(Assessor):
    """Judges by a version whatever stands in the way: somebody has decided that it is to be taken in."""

    def fit(
        self, definition: Questionnaire, sent: Envelope, aside: Mapping[str, Any] | None = None
    ) -> Assessed:
        """The envelope with its content; `aside` is what was kept aside before, by path."""
        envelope = _with_storable_parts(take_code(definition, sent).envelope)
        judgement = self._fitting_judgement(definition, envelope, dict(aside or {}))
        found = Assessed(envelope=envelope, default_language=definition.default_language)
        return self._fitting(found, definition, judgement)

    def _fitting_judgement(
        self, definition: Questionnaire, envelope: Envelope, aside: dict[str, Any]
    ) -> Judgement:
        answers, errors = envelope.answers, list[AnswerError]()
        judgement = self._judgement(definition, envelope, answers)
        for last in reversed(range(ROUNDS)):
            if judgement.fits:
                break
            errors += judgement.type_errors
            misfits = [AnswerError("", "")] if last == 0 else judgement.type_errors
            answers, moved = set_aside(definition, answers, misfits)
            aside |= _beside(aside, moved if moved else {"": json.dumps(answers)})
            judgement = self._judgement(definition, envelope, answers if moved else {})
        return replace(
            judgement,
            foreign={**judgement.foreign, **aside},
            rule_errors=(*errors, *_without_code(definition, judgement.rule_errors)),
        )


def set_aside(
    definition: Questionnaire, answers: Mapping[str, Any], errors: Iterable[AnswerError]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers without those that errors lie on, and these by path. A path names a known item."""
    kept, aside = deepcopy(dict(answers)), dict[str, Any]()
    for path in dict.fromkeys(error.path for error in errors):
        for place, value in _taken(definition.root, kept, parse_path(path), ()):
            aside |= _beside(aside, {format_path(place): value})
    return kept, aside


def _taken(
    container: Container, answers: Any, way: NodePath, done: NodePath
) -> Iterator[tuple[NodePath, Any]]:
    """Take what lies at the end of a way out of the answers."""
    if not isinstance(answers, dict):
        return
    if not way:
        yield from _taken_from(container, answers, done)
        return
    step, rest = way[0], way[1:]
    below = next((item for item in container.items if item.name == step.name), None)
    value, here = answers.get(step.name), (*done, step)
    if step.position is not None and isinstance(value, list) and isinstance(below, Roster):
        instance = value[step.position - 1] if step.position <= len(value) else None
        if isinstance(instance, dict):
            yield from _taken(below, instance, rest, here)
        elif instance is not None:
            value[step.position - 1] = {}
            yield here, _kept(instance)
    elif isinstance(below, Section) and isinstance(value, dict):
        yield from _taken(below, value, rest, here)
    elif step.name in answers:
        yield (*done, Step(step.name)), _kept(answers.pop(step.name))


def _taken_from(
    container: Container, answers: dict[str, Any], done: NodePath
) -> Iterator[tuple[NodePath, Any]]:
    """An error on a whole section: what nobody knows in it, else all of it."""
    known = {item.name for item in container.items}
    names = [name for name in answers if name not in known] or list(answers)
    if names:
        yield done, json.dumps({name: answers.pop(name) for name in names})


def _beside(aside: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """What is new for the things kept aside; a path that is taken there is followed by `#2` …"""
    free = {}
    for path, value in more.items():
        name, number = path, 1
        while name in aside:
            number += 1
            name = f"{path}#{number}"
        free[name] = value
    return free


def _kept(value: Any) -> Any:
    """A value as it can be sealed and committed to: what no database can hold is written in ASCII."""
    return value if _is_storable(value) else json.dumps(value)


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return is_storable(value)
    if isinstance(value, Mapping):
        return all(map(_is_storable, (*value.keys(), *value.values())))
    return all(map(_is_storable, value)) if isinstance(value, list | tuple) else True


def _with_storable_parts(envelope: Envelope) -> Envelope:
    bad = {name: getattr(envelope, name) for name in _PARTS if not _is_storable(getattr(envelope, name))}
    files = tuple(f for f in envelope.attachments if is_storable(f.name) and is_storable(f.type))
    foreign = {name: json.dumps(value) for name, value in bad.items()}
    return replace(
        envelope,
        attachments=files,
        foreign={**envelope.foreign, **foreign},
        **{name: _PARTS[name] for name in bad},
    )


def _without_code(definition: Questionnaire, errors: Iterable[AnswerError]) -> tuple[AnswerError, ...]:
    """Without the complaint that the invitation's code is missing: it is kept nowhere."""
    way = code_question(definition)
    return tuple(error for error in errors if way is None or error.path != "/".join(way))
