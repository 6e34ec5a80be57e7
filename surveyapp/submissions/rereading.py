"""What waits in quarantine, read again from the bytes that came."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from dataclasses import replace

from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.instance_xml import InstanceError, OpenedInstance
from surveyapp.submissions.envelope import BadEnvelope, Envelope, NamedFile, load_envelope
from surveyapp.submissions.instance_envelopes import content_of_instance, id_of
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Channel, Quarantined
from surveyapp.submissions.refusals import Unreadable
from surveyapp.submissions.sealed_envelopes import open_envelope
from surveyapp.wiring import settings_of


def reread(row: Quarantined, content: bytes, definition: Questionnaire) -> Envelope:
    """The envelope in the bytes of quarantined work, to be judged by a version. Raises `Unreadable`."""
    try:
        envelope = _from_xml(row, content, definition) if is_xml(row) else _from_json(row, content)
    except (BadEnvelope, InstanceError, ValueError, RecursionError) as error:
        raise Unreadable(row.serial, str(error)) from None
    if envelope.sealed is not None:
        raise Unreadable(row.serial, "encrypted to a key that is not here")
    return replace(
        envelope,
        questionnaire=definition.id,
        version=definition.version,
        synthetic=row.synthetic,
    )


def is_xml(row: Quarantined) -> bool:
    """Whether the bytes are an instance's XML; else one item of the JSON API."""
    return row.channel == Channel.OPENROSA


def _from_json(row: Quarantined, content: bytes) -> Envelope:
    item = json.loads(content.decode("utf-8", "surrogatepass"))
    envelope = replace(load_envelope(item, Channel(row.channel)), raw=None)
    if envelope.sealed is None:
        return envelope
    inside = open_envelope(keys_of(), envelope.id, envelope.sealed)  # its key may be here again
    if inside is None:
        return envelope
    opened = load_envelope(json.loads(_unpacked(inside)), Channel(row.channel))
    if opened.id != envelope.id:
        raise ValueError("another id is inside")
    return replace(opened, raw=None)


def _unpacked(content: bytes) -> bytes:
    """The content of a sealed envelope. Raises `ValueError` when it is longer than a request may be."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    most = settings_of().max_request_bytes
    with gzip.open(io.BytesIO(content)) as packed:
        try:
            unpacked = packed.read(most + 1)
        except (OSError, EOFError, zlib.error):
            raise ValueError("not a whole gzip file") from None
    if len(unpacked) > most:
        raise ValueError("too large")
    return unpacked


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
        attachments=tuple(NamedFile(**file) for file in row.brought),
        **read,
    )
