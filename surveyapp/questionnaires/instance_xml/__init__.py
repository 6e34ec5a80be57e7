"""Answers in JSON ↔ the instance's XML that OpenRosa clients send and ODK's engine loads.

    instance = read_instance(questionnaire, xml)      # answers, envelope, what nobody knows
    xml = write_instance(questionnaire, instance)

Written and read again it is the same, and so the other way round, but for these: a roster without
instances is `[]` or absent; no answer of a multiple choice is None, never `[]`; an altitude that is
missing beside an accuracy comes back as 0; items are written in the questionnaire's order. An empty
element is None, an absent one is absent. A text that is no value of its item's type is kept as it is, so
that `judge` can say so and quarantine it. What the questionnaire does not know is kept aside, as XML.
"""

from __future__ import annotations

from surveyapp.questionnaires.instance_xml.instance import Envelope, Foreign, Instance
from surveyapp.questionnaires.instance_xml.reading import (
    InstanceError,
    OpenedInstance,
    read_envelope,
    read_instance,
)
from surveyapp.questionnaires.instance_xml.writing import UnwritableText, write_instance

__all__ = [
    "Envelope",
    "Foreign",
    "Instance",
    "InstanceError",
    "OpenedInstance",
    "UnwritableText",
    "read_envelope",
    "read_instance",
    "write_instance",
]
