"""Records as most phones send most of them: read in one walk, judged, stored as one row; or not at all.

What this stores is what `receive` would have stored of it. Whatever it does not store it says nothing
of: then the record goes the general way, as if nothing had been.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from surveyapp.catalogue.definitions import Published
from surveyapp.config import Settings
from surveyapp.questionnaires.swift import Elements, Unusual, instance_reader
from surveyapp.submissions.admission import offer_of
from surveyapp.submissions.assessing import Assessor, limits_of
from surveyapp.submissions.committing import COMMITTER
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.instance_envelopes import app_of, language_of, times_of, uuid_of
from surveyapp.submissions.keys import Keys
from surveyapp.submissions.models import Channel
from surveyapp.submissions.rows import RowMaker
from surveyapp.submissions.standing import Standing
from surveyapp.submissions.storing import new_row, seems_new
from surveyapp.submissions.verdicts import Sender


class Judging(NamedTuple):
    """What a record is judged and stored by."""

    settings: Settings
    keys: Keys
    sender: Sender
    received_at: datetime


def read_plain(
    elements: Elements, xml: bytes, published: Published, settings: Settings, **known: Any
) -> Envelope:
    """The envelope of a plain instance; `known`: its `language` and `app`. Raises `Unusual`."""
    definition = published.definition
    read = instance_reader(definition, limits_of(settings)).read(elements)
    instance = uuid_of(read.instance_id)
    if instance is None:
        raise Unusual
    times = dict(times_of(definition, read.answers))
    return Envelope(
        id=instance,
        questionnaire=elements.form_id,
        version=elements.version,
        language=language_of(definition, known["language"]),
        channel=Channel.OPENROSA,
        app=app_of(known["app"]),
        raw=xml,
        published=published,
        answers=read.answers,
        is_checked=True,
        started_at=times.get("start"),
        finished_at=times.get("end"),
    )


def store_plain(envelope: Envelope, published: Published, standing: Standing, judging: Judging) -> bool:
    """Judge and store a record; whether it is stored, and on disk. False: nothing was done."""
    sender, now = judging.sender, judging.received_at
    assessor = Assessor(
        settings=judging.settings,
        keys=judging.keys,
        sender=sender,
        received_at=now,
        offers={(envelope.questionnaire, envelope.version): offer_of(published)},
    )
    found = assessor.assess(envelope)
    if not seems_new(found):
        return False
    demonstration = judging.settings.demonstration
    maker = RowMaker(keys=judging.keys, sender=sender, received_at=now, demonstration=demonstration)
    row = new_row(maker, found)
    if row is None:
        return False
    row.standing = standing
    COMMITTER.store([row])
    return row.is_stored
