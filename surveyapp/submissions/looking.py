"""A look at work in quarantine: what it says, and beside which submission it stands.

Nothing is written down here: whoever shows what is guarded does that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.errors import UnknownQuestionnaire
from surveyapp.extensions import db
from surveyapp.questionnaires.definition import Questionnaire, Valued
from surveyapp.submissions import merging, waiting_work
from surveyapp.submissions.assessing import Assessed
from surveyapp.submissions.content import Content
from surveyapp.submissions.keys import KeyMissing
from surveyapp.submissions.merging import Pair
from surveyapp.submissions.models import Quarantined, State, Submission
from surveyapp.submissions.opening import Erased
from surveyapp.submissions.quarantine import NotQuarantined
from surveyapp.submissions.refusals import NoVersion, Refused
from surveyapp.submissions.sealing import CannotOpen

#: why something cannot be opened or read
CLOSED = (Refused, Erased, CannotOpen, KeyMissing)


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of quarantined work; of what was decided or cannot be read, only its row."""

    row: Quarantined
    #: what it is read by
    definition: Questionnaire | None = None
    #: as it would be taken in
    found: Assessed | None = field(default=None, repr=False)
    #: the submission that it says it is, in whatever state
    head: Submission | None = None
    #: both as answers, where they can be merged
    pair: Pair | None = field(default=None, repr=False)
    #: why there is no more to see
    trouble: Exception | None = None

    @property
    def content(self) -> Content | None:
        """What it says; None: it cannot be read."""
        return cast(Content, self.found.content) if self.found else None

    @property
    def looked_at(self) -> int:
        """The revision that it stands beside; 0: there is none."""
        return self.head.revision if self.head else 0

    @property
    def can_be_revision(self) -> bool:
        """Whether the submission is there, and answers the same questionnaire."""
        return (
            self.head is not None
            and not State(self.head.status).is_gone
            and self.head.questionnaire == self.row.questionnaire
        )


def look(serial: int, version: tuple[str, str] | None = None) -> Look:
    """Look at quarantined work, read by the version that it names, or by another one.

    Raises `NotQuarantined` only: what stands in the way is told in `trouble`.
    """
    row = db.session.get(Quarantined, serial, populate_existing=True)
    if row is None:
        raise NotQuarantined(serial)
    if row.decided_at is not None:
        return Look(row)
    try:
        definition = waiting_work.published(*(version or (row.questionnaire, row.version)))
    except NoVersion as trouble:
        return Look(row, head=_head(row.submission_id), trouble=trouble)
    try:
        found = waiting_work.judged(row, definition)
    except CLOSED as trouble:
        return Look(row, definition, head=_head(row.submission_id), trouble=trouble)
    return _beside(Look(row, definition, found, _head(found.envelope.id)), version is not None)


def _beside(seen: Look, is_read_otherwise: bool) -> Look:
    """The same with both sides, where the submission is one that it could be merged with."""
    if not seen.can_be_revision or is_read_otherwise:
        return seen
    try:
        pair = merging.pair_of(seen.row.serial)
    except CLOSED as trouble:
        return Look(seen.row, seen.definition, seen.found, seen.head, trouble=trouble)
    return Look(seen.row, pair.definition, seen.found, pair.head, pair)


class Guard(NamedTuple):
    """What some version of a questionnaire says of an item."""

    identity: bool = False
    sensitive: bool = False


def guards_of(questionnaire: str, definition: Questionnaire) -> dict[str, Guard]:
    """Item path → how it is guarded by any version of the questionnaire that work names.

    So that nobody sees what is guarded by having the work read by a version (`definition`) that does
    not guard it. Of a questionnaire that nobody knows, everything is.
    """
    try:
        editions = catalogue.all_editions(questionnaire)
    except UnknownQuestionnaire:
        return {item.path: Guard(True, True) for item in definition.walk()}
    guards: dict[str, Guard] = {}
    for item in chain.from_iterable(edition.definition.walk() for edition in editions):
        if isinstance(item, Valued) and (item.identity or item.sensitive):
            before = guards.get(item.path, Guard())
            guards[item.path] = Guard(
                before.identity or item.identity, before.sensitive or item.sensitive
            )
    return guards


def _head(submission_id: UUID) -> Submission | None:
    return db.session.scalars(select(Submission).filter_by(id=submission_id)).one_or_none()
