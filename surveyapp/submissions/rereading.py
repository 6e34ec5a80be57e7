"""What waits in quarantine, read again from the bytes that came."""

from __future__ import annotations

import json
from dataclasses import replace

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.instance_xml import InstanceError, OpenedInstance
from surveyapp.submissions import opening
from surveyapp.submissions.envelope import BadEnvelope, Envelope, NamedFile, load_envelope
from surveyapp.submissions.instance_envelopes import content_of_instance, id_of
from surveyapp.submissions.keys import Keys, keys_of
from surveyapp.submissions.models import Channel, Quarantined
from surveyapp.submissions.refusals import Unreadable
from surveyapp.submissions.rows import named_file


def reread(row: Quarantined, content: bytes, definition: Questionnaire) -> Envelope:
    """The envelope in the bytes of quarantined work, to be judged by a version. Raises `Unreadable`."""
    try:
        envelope = _from_xml(row, content, definition) if is_xml(row) else _from_json(row, content)
    except (BadEnvelope, InstanceError, ValueError) as error:
        raise Unreadable(row.serial, str(error)) from None
    if envelope.sealed is not None:
        raise Unreadable(row.serial, "encrypted to a key that is not here")
    return replace(
        envelope,
        questionnaire=definition.id,
        version=definition.version,
        synthetic=row.synthetic,
    )


def brought_files(keys: Keys, row: Quarantined) -> tuple[NamedFile, ...]:
    """The files that came along with quarantined XML. Raises as `opening.quarantined_bytes`."""
    if not row.brought:
        return ()
    key = opening.quarantined_key(keys, row)
    return tuple(named_file(key, kept) for kept in row.brought)


def is_xml(row: Quarantined) -> bool:
    """Whether the bytes are an instance's XML; else one item of the JSON API."""
    return row.channel == Channel.OPENROSA


def _from_json(row: Quarantined, content: bytes) -> Envelope:
    item = json.loads(content.decode("utf-8", "surrogatepass"))
    return replace(load_envelope(item, Channel(row.channel)), raw=None)


def _from_xml(row: Quarantined, content: bytes, definition: Questionnaire) -> Envelope:
    opened = OpenedInstance(content)
    read = content_of_instance(opened, definition, content)
    if "misfit" in read:
        raise ValueError(read["misfit"].code)
    return Envelope(
        id=id_of(opened.envelope.instance_id) or row.submission_id,
        deprecates=id_of(opened.envelope.deprecated_id),
        questionnaire=definition.id,
        version=definition.version,
        language=row.language,
        channel=Channel.OPENROSA,
        attachments=brought_files(keys_of(), row),
        **read,
    )
