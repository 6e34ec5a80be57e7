"""OpenRosa's XML → the envelope, as the JSON of the same interview would make it.

What the questionnaire does not know is put among the answers under names that no item can have:
`<name>` for elements, `@name` for attributes, `#text` for words between elements. So it is part of the
content: the same record with other unknown parts is other content.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from marshmallow import ValidationError

from surveyapp.catalogue.definitions import find_published
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.answers import AnswerError, Answers
from surveyapp.questionnaires.definition import DataType, Metadata, Questionnaire, Valued
from surveyapp.questionnaires.instance_xml import Foreign, Instance, InstanceError, OpenedInstance
from surveyapp.questionnaires.paths import parse_path
from surveyapp.questionnaires.storable import is_storable
from surveyapp.questionnaires.values import MisshapenValue, to_text
from surveyapp.submissions.digests import keyed
from surveyapp.submissions.envelope import Envelope, NamedFile
from surveyapp.submissions.envelope_schema import LONGEST_ID, LONGEST_WORD, Moment
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Channel

#: ids that are no UUIDs become UUIDs below this one, always the same
_NAMESPACE = UUID("6a3c0f5e-2d0b-4b3e-9a53-0f2f6f1c7d11")
_UUID = re.compile(r"(?:uuid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_MOMENT = Moment()
_MOMENTS = frozenset({DataType.TIME, DataType.DATETIME})
_META, _ENTITY = "meta", "entity"


class NoForm(ValueError):
    """The XML does not say which form it is an instance of, or not in a name that a form can have."""


def envelope_of_instance(
    xml: bytes,
    *,
    language: str,
    files: tuple[NamedFile, ...] = (),
    app: str | None = None,
    sent_by: str = "",
) -> Envelope:
    """The envelope of an instance's XML.

    `language` is the sender's: the answers' too, if the questionnaire has it, for XML does not tell.
    `files` are those that came along. `sent_by` names the sender: an instance without an id gets one
    made of its bytes and this, so that it is told from others and its copies are not.

    Raises `InstanceError` (of every code but `wrong_root`: that is a misfit) and `NoForm`.
    """
    opened = OpenedInstance(xml)
    head = opened.envelope
    if not head.form_id or max(len(head.form_id), len(head.version)) > LONGEST_ID:
        raise NoForm
    published = find_published(head.form_id, head.version)
    definition = published.definition if published else None
    return Envelope(
        id=id_of(head.instance_id) or made_up_id(xml, sent_by),
        deprecates=id_of(head.deprecated_id),
        questionnaire=head.form_id,
        version=head.version,
        language=language_of(definition, language),
        channel=Channel.OPENROSA,
        attachments=files,
        app=app_of(app),
        raw=xml,
        published=published,
        **content_of_instance(opened, definition, xml),
    )


def content_of_instance(
    opened: OpenedInstance, definition: Questionnaire | None, xml: bytes
) -> dict[str, Any]:
    """Answers and times, as members of an envelope.

    Of what cannot be read, a digest that tells it from other content.
    """
    unread = {"answers": {"sha256": hashlib.sha256(xml).hexdigest()}}
    if definition is None:
        return unread
    try:
        instance = opened.read(definition)
    except InstanceError as error:
        return unread | {"misfit": AnswerError("", error.code, error.params)}
    instance = replace(instance, answers=_with_moments_spelt(definition, instance.answers))
    times = dict(times_of(definition, instance.answers))
    return {
        "answers": _with_foreign(instance),
        "started_at": times.get("start"),
        "finished_at": times.get("end"),
    }


def app_of(app: str | None) -> str | None:
    """What is kept of the name that an app calls itself."""
    return app[:LONGEST_WORD] if app and is_storable(app) else None


def language_of(definition: Questionnaire | None, language: str) -> str:
    """The language of answers from a sender who speaks this one."""
    if definition is None or language in definition.languages:
        return language
    return definition.default_language


# --- ids ------------------------------------------------------------------------------------------


def id_of(text: str | None) -> UUID | None:
    """The UUID that an instance id is, or stands for."""
    if text is None:
        return None
    known = _UUID.fullmatch(text)
    return UUID(known[1]) if known else uuid5(_NAMESPACE, text)


def uuid_of(text: str | None) -> UUID | None:
    """The UUID that an instance id is; None if it is none."""
    known = _UUID.fullmatch(text) if text else None
    return UUID(known[1]) if known else None


def made_up_id(xml: bytes, sent_by: str) -> UUID:
    """The id of an instance without one. Keyed: the hash of a short record could be guessed."""
    return UUID(bytes=keyed(keys_of(), "instance without id", sent_by.encode(), xml)[:16], version=4)


# --- times ----------------------------------------------------------------------------------------


def times_of(definition: Questionnaire, answers: Answers) -> Iterator[tuple[str, datetime]]:
    """The moments that the device filled in by itself: `start` and `end`."""
    for path, item, value in partition.leaves(definition, answers, _is_timestamp):
        moment = _moment(value)
        if isinstance(item, Metadata) and moment is not None and "[" not in path:
            yield item.preload_parameter, moment


def _is_timestamp(item: Valued) -> bool:
    return isinstance(item, Metadata) and item.preload == "timestamp"


def _moment(value: Any) -> datetime | None:
    try:
        moment: datetime = _MOMENT.deserialize(value)
    except ValidationError:  # the answer is judged by its type; as a time of the record it is none
        return None
    return moment


def _with_moments_spelt(definition: Questionnaire, answers: Answers) -> Answers:
    """Moments written to the millisecond, as JavaRosa and our own page do: equal ones alike."""
    return partition.changed(definition, answers, _is_moment, _spelt)


def _is_moment(item: Valued) -> bool:
    return item.type in _MOMENTS


def _spelt(item: Valued, value: Any) -> Any:
    if value is None:
        return None
    try:
        return to_text(item.type, value)
    except MisshapenValue:  # its type will be judged
        return value


# --- what nobody knows ----------------------------------------------------------------------------


def _with_foreign(instance: Instance) -> Answers:
    answers = instance.answers
    entities = (Foreign(_META, _ENTITY, xml) for xml in instance.envelope.entities)
    for each in (*instance.foreign, *entities):
        _add(answers, each)
    return answers


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
