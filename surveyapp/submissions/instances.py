"""Which submission and revision an instance id stands for: an edit in OpenRosa names only these.

A first revision's instance id is its submission's own; later ones are in the table `instance`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Instance, Submission

#: `base_revision` of an edit of something that is not here
NOTHING = 0


class Place(NamedTuple):
    """A revision of a submission."""

    submission_id: UUID
    revision: int


def resolve(connection: Connection, envelopes: Sequence[Envelope]) -> list[Envelope]:
    """The envelopes under the ids of their submissions, with the revisions that they are edits of."""
    places = _later_revisions(connection, envelopes) | _first_revisions(connection, envelopes)
    return [_resolved(envelope, places) for envelope in envelopes]


def _resolved(envelope: Envelope, places: Mapping[UUID, Place]) -> Envelope:
    if envelope.instance is not None:
        return envelope  # done before
    if envelope.deprecates is None:
        known = places.get(envelope.id)
        return replace(envelope, id=known.submission_id, instance=envelope.id) if known else envelope
    base = places.get(envelope.deprecates)
    if base is None:
        return replace(envelope, base_revision=NOTHING)
    return replace(envelope, id=base.submission_id, instance=envelope.id, base_revision=base.revision)


def _later_revisions(connection: Connection, envelopes: Sequence[Envelope]) -> dict[UUID, Place]:
    table = table_of(Instance)
    asked = {envelope.deprecates or envelope.id for envelope in envelopes}
    rows = connection.execute(select(table).where(table.c.id.in_(asked)))
    return {row.id: Place(row.submission_id, row.revision) for row in rows}


def _first_revisions(connection: Connection, envelopes: Sequence[Envelope]) -> dict[UUID, Place]:
    asked = {envelope.deprecates for envelope in envelopes if envelope.deprecates}
    if not asked:
        return {}
    table = table_of(Submission)
    found = connection.scalars(select(table.c.id).where(table.c.id.in_(asked)))
    return {submission_id: Place(submission_id, 1) for submission_id in found}
