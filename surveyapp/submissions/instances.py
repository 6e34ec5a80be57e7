"""Which submission and revision an instance id stands for: an edit in OpenRosa names only these.

A first revision's instance id is its submission's own; later ones are in the table `instance`. No id is
in both, though a submission and an edit may come with it at once. The edit puts a row under it among the
submissions and takes it out again: so whoever inserts a submission of that id meanwhile waits for it, or
it waits for them. If the edit was first, the submission finds its instance afterwards: on PostgreSQL a
trigger looks, after the wait (`TwoRoles`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, exists, select
from sqlalchemy.exc import IntegrityError

from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.inserting import insert_new, table_of
from surveyapp.submissions.models import Instance, Submission
from surveyapp.submissions.receipts import new_code

#: `base_revision` of an edit of something that is not here
NOTHING = 0


class TwoRoles(RuntimeError):
    """A submission was inserted under an id that an edit took meanwhile: it is to be resolved anew."""


#: the trigger, as PostgreSQL names it in its error
_ONE_ROLE = "submission_one_role"


@contextmanager
def one_role() -> Iterator[None]:
    """Where submissions are inserted. Raises `TwoRoles`."""
    try:
        yield
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) == _ONE_ROLE:
            raise TwoRoles from None
        raise


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


def name_revision(
    connection: Connection, submission_id: UUID, instance: UUID | None, revision: int
) -> bool:
    """Give a revision its instance id (None: a random one); False: that is another one's."""
    if instance is not None and not _is_no_submission(connection, submission_id, instance):
        return False
    row = {"id": instance or uuid4(), "submission_id": submission_id, "revision": revision}
    return bool(insert_new(connection, Instance, [row], key=["id"]))


def _is_no_submission(connection: Connection, submission_id: UUID, instance: UUID) -> bool:
    """Whether no submission has this id, nor gets it before this transaction is over."""
    table = table_of(Submission)
    like = connection.execute(select(table).where(table.c.id == submission_id)).one()
    kept = {name: value for name, value in like._mapping.items() if name not in {"serial", "changed"}}
    stand_in = kept | {"id": instance, "receipt_code": new_code()}
    if not insert_new(connection, Submission, [stand_in], key=["id"]):
        return False
    connection.execute(delete(table).where(table.c.id == instance))
    return True


def is_instance(connection: Connection, submission_id: UUID) -> bool:
    """Whether a later revision has this id."""
    return bool(connection.scalar(select(exists().where(table_of(Instance).c.id == submission_id))))
