"""What an OpenRosa instance's XML says to a version: answers, times, ids, and what nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import ValidationError

from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import Container, Metadata, Questionnaire, Section
from surveyapp.questionnaires.instance_xml import Foreign, read_instance
from surveyapp.questionnaires.paths import parse_path
from surveyapp.submissions.envelope_schema import Moment

_UUID = re.compile(r"(?:uuid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_MOMENT = Moment()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadInstance:
    """An instance; what nobody knows is among the answers, under names that no item can have."""

    answers: Answers = field(repr=False)
    started_at: datetime | None
    finished_at: datetime | None
    #: its own id, and that of the revision it is an edit of; None where they are no UUIDs
    instance: UUID | None
    deprecates: UUID | None


def read_openrosa(xml: bytes, definition: Questionnaire) -> ReadInstance:
    """Read an instance by a version. Raises `InstanceError`."""
    found = read_instance(definition, xml)
    times = dict(_times(definition.root, found.answers))
    entities = (Foreign("meta", "entity", entity) for entity in found.envelope.entities)
    for foreign in (*found.foreign, *entities):
        _add(found.answers, foreign)
    return ReadInstance(
        answers=found.answers,
        started_at=times.get("start"),
        finished_at=times.get("end"),
        instance=_id_of(found.envelope.instance_id),
        deprecates=_id_of(found.envelope.deprecated_id),
    )


def _id_of(text: str | None) -> UUID | None:
    known = _UUID.fullmatch(text or "")
    return UUID(known[1]) if known else None


def _times(container: Container, answers: Any) -> Iterator[tuple[str, datetime]]:
    """The moments that the device filled in by itself: `start` and `end`."""
    for item in container.items:
        value = answers.get(item.name) if isinstance(answers, Mapping) else None
        if isinstance(item, Section):
            yield from _times(item, value)
        elif isinstance(item, Metadata) and item.preload == "timestamp":
            moment = _moment(value)
            if moment is not None:
                yield item.preload_parameter, moment


def _moment(value: Any) -> datetime | None:
    try:
        moment: datetime = _MOMENT.deserialize(value)
    except ValidationError:  # it is judged as an answer; as a time of the record it is none
        return None
    return moment


def _add(answers: Answers, foreign: Foreign) -> None:
    """Put something foreign beside the answers of the section or instance that it stood in."""
    container: Any = answers
    name = foreign.name if foreign.name[0] in "@#" else f"<{foreign.name}>"
    for step in parse_path(foreign.path):
        inner = container.setdefault(step.name, {})
        if step.position is not None:
            inner = inner[step.position - 1]
        if not isinstance(inner, dict):
            name = f"{step.name}/{name}"  # an attribute of an answer
            break
        container = inner
    container.setdefault(name, []).append(foreign.xml)
