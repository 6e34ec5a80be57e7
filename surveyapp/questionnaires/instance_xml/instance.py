"""An instance as it was read: its answers, its envelope, and what the questionnaire does not know."""

from __future__ import annotations

from dataclasses import dataclass, field

from surveyapp.questionnaires.answers import Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a submission says of itself; `entities` are XML, one element each.

    `instance_name` and `audit` are answers where the questionnaire has them (`meta/instanceName`).
    """

    form_id: str = ""
    version: str = ""
    instance_id: str | None = None
    deprecated_id: str | None = None
    entities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Foreign:
    """Something that the questionnaire has no item for, in the section or instance at `path`.

    `name` is the element's, `@name` an attribute's, or `#text` for words between elements; `xml` is the
    element with all in it, or the text.
    """

    path: str
    name: str
    xml: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One submission's content."""

    answers: Answers
    envelope: Envelope = field(default_factory=Envelope)
    foreign: tuple[Foreign, ...] = ()
