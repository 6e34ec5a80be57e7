"""A batch is stored: what came is inserted, and the unique keys say what was here already.

What is new goes first, as a row for each (`store_new`); all the rest then in one transaction (`write`).

Rows are inserted in the order of their ids, so that two batches that share records wait for each other
instead of blocking each other for good. A copy that comes while the first is still being written waits
for that transaction (PostgreSQL: at the unique key; SQLite: at its one writer) and then finds its row.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Connection, Row, delete

from surveyapp.extensions import db
from surveyapp.people import invitations
from surveyapp.submissions.assessing import Assessed
from surveyapp.submissions.collectors import may_add_files
from surveyapp.submissions.committing import COMMITTER, NewSubmission
from surveyapp.submissions.editing import apply_edits
from surveyapp.submissions.filing import bring_quarantined, file_copies
from surveyapp.submissions.fulfilling import fulfil
from surveyapp.submissions.holdings import (
    Held,
    History,
    held_as_inserted,
    held_quarantined,
    held_submissions,
)
from surveyapp.submissions.inserting import insert_all, insert_new, table_of
from surveyapp.submissions.instances import TwoRoles, one_role
from surveyapp.submissions.models import Attachment, Event, Quarantined, Reason, State, Submission
from surveyapp.submissions.rows import RowMaker
from surveyapp.submissions.sent_again import Again, accept, first_of, key_of, work_under
from surveyapp.submissions.transactions import RowVanished
from surveyapp.submissions.verdicts import Sender, Status

logger = logging.getLogger(__name__)

#: envelope (by identity, within a batch) → the revision that it made
Made: TypeAlias = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one envelope, and what the server holds of it (nothing: it is malformed)."""

    found: Assessed
    status: Status
    held: Held | None = None
    #: of what had waited in quarantine and was stored when it came again: `held` is what waited
    stored_as: int | None = None

    @property
    def revision(self) -> int | None:
        """The revision that it is, if it is one."""
        return self.stored_as or (self.held.revision if self.held else None)


def store_new(maker: RowMaker, batch: Sequence[Assessed]) -> dict[int, Outcome]:
    """Store what is new of a batch: its first revision; position in the batch → outcome.

    Left out, for `write`, is what must wait or needs more than a row of its own, and what was not new.
    """
    wanted = {place: new_row(maker, found) for place, found in enumerate(batch) if seems_new(found)}
    new = {place: submission for place, submission in wanted.items() if submission}
    if new:
        COMMITTER.store(list(new.values()))
    return {
        place: Outcome(batch[place], Status.STORED, held_as_inserted(each.row, each.attachments))
        for place, each in new.items()
        if each.is_stored
    }


def seems_new(found: Assessed) -> bool:
    """Whether it is a first revision that may be stored as it is, unless its id is taken."""
    envelope = found.envelope
    brings_files = envelope.files_follow and bool(envelope.attachments)
    is_simple = envelope.base_revision is None and not brings_files and found.code is None
    return found.content is not None and not found.reason and is_simple


def new_row(maker: RowMaker, found: Assessed) -> NewSubmission | None:
    """Its row and those that hang on it; None if they cannot be made."""
    try:
        row = maker.submission(found)  # first: the names of files are sealed under its key
        return NewSubmission(row, tuple(maker.attachments(found)), tuple(maker.events(found)))
    except Exception:  # it is then tried by itself, and quarantined if that fails
        logger.exception("the row of a submission could not be made")
        return None


def write(connection: Connection, maker: RowMaker, batch: Sequence[Assessed]) -> list[Outcome]:
    """Insert what is new and say what became of each envelope, in the order of the batch.

    Raises `TwoRoles`, and `RowVanished`.
    """
    work = work_under(connection, batch)
    with one_role():
        fresh = _insert_submissions(connection, maker, batch)
    made = fresh | _edit_submissions(connection, maker, batch)
    stored = _held(connection, batch)
    _refuse_second_role([found for found in batch if id(found) in fresh], stored)
    copies = _copies(connection, maker, made, stored, batch)
    if _file_copies(connection, maker, batch, copies, stored):
        stored = _held(connection, batch)
    first = {
        id(found): row
        for found in batch
        if (id(found) in made or id(found) in copies)
        and (row := first_of(connection, maker, found, work))
    }
    accepted = accept(connection, maker, _made_again(maker.sender, batch, first, made, stored))
    over = {key: row for key, row in first.items() if row.decided_at or row.serial in accepted}
    decided = _decided(connection, batch, over, made)
    settled = [decided.get(id(found)) or _settled(found, made, copies, stored) for found in batch]
    unsettled = [found for found, outcome in zip(batch, settled, strict=True) if outcome is None]
    waiting = iter(_quarantine(connection, maker, [_with_reason(found, stored) for found in unsettled]))
    return [outcome or next(waiting) for outcome in settled]


def looked_at_again(outcomes: Mapping[int, Outcome]) -> dict[int, Outcome]:
    """The same outcomes with what is held of them by now."""
    held = [outcome.held for outcome in outcomes.values() if outcome.held]
    with db.engine.connect().execution_options(reads=True) as connection:
        histories = held_submissions(connection, {each.submission_id for each in held if each.revision})
    return {
        place: replace(o, held=histories[o.held.submission_id].of_revision(o.held.revision))
        if o.held and o.held.revision
        else o
        for place, o in outcomes.items()
    }


def _held(connection: Connection, batch: Sequence[Assessed]) -> dict[UUID, History]:
    return held_submissions(connection, {found.envelope.id for found in batch if found.content})


def _refuse_second_role(inserted: Sequence[Assessed], stored: Mapping[UUID, History]) -> None:
    histories = (stored.get(found.envelope.id) for found in inserted)
    if any(history and history.is_instance for history in histories):
        raise TwoRoles


def _insert_submissions(
    connection: Connection, maker: RowMaker, batch: Sequence[Assessed]
) -> dict[int, int]:
    """Insert what fits and was not there, with all that hangs on it."""
    accepted = [
        found
        for found in batch
        if found.content and not found.reason and found.envelope.base_revision is None
    ]
    fresh = _first_let_in(connection, maker, accepted)
    fulfil(connection, (maker.named_by(found) for found in fresh.values()))
    insert_all(
        connection, Attachment, (row for found in fresh.values() for row in maker.attachments(found))
    )
    insert_all(connection, Event, (row for found in fresh.values() for row in maker.events(found)))
    return {id(found): 1 for found in fresh.values()}


def _edit_submissions(
    connection: Connection, maker: RowMaker, batch: Sequence[Assessed]
) -> dict[int, int]:
    """Make the edits of current revisions the next ones."""
    edits = [
        found
        for found in batch
        if found.content and not found.reason and found.envelope.base_revision is not None
    ]
    made = apply_edits(connection, maker, edits)
    return {id(edits[position]): revision for position, revision in made.items()}


def _copies(
    connection: Connection,
    maker: RowMaker,
    made: Made,
    stored: Mapping[UUID, History],
    batch: Sequence[Assessed],
) -> dict[int, Held]:
    """Those of the batch that are copies of a revision that is held, and which.

    Not what tells or brings files of a record that somebody else collected.
    """
    copies: dict[int, Held] = {}
    for found in batch:
        history = stored.get(found.envelope.id)
        if found.malformed or found.content is None or history is None or id(found) in made:
            continue
        copy = history.copy_of(found.envelope, found.content)
        brings_files = copy and copy.lacks_any_of(found.envelope, found.content)
        if copy and (not brings_files or may_add_files(connection, copy.submission_id, maker.sender)):
            copies[id(found)] = copy
    return copies


def _made_again(
    sender: Sender,
    batch: Sequence[Assessed],
    first: Mapping[int, Row[Any]],
    made: Made,
    stored: Mapping[UUID, History],
) -> Iterator[Again]:
    """What had waited and was stored now that it came again.

    Not what somebody else brought files with: these are for an administrator.
    """
    for found in batch:
        row, history = first.get(id(found)), stored.get(found.envelope.id)
        revision = made.get(id(found))
        if row is None or row.decided_at is not None or history is None or not revision:
            continue
        if not row.brought or sender.may_edit(row.sender_id, row.device_id):
            yield Again(found, row, history.of_revision(revision))


def _decided(
    connection: Connection, batch: Sequence[Assessed], over: Mapping[int, Row[Any]], made: Made
) -> dict[int, Outcome]:
    """Copies of what waited in quarantine first: they get the receipt that the first one got."""
    held = held_quarantined(connection, {row.submission_id for row in over.values()})
    outcomes: dict[int, Outcome] = {}
    for found in batch:
        row, revision = over.get(id(found)), made.get(id(found))
        if row is not None and revision:
            outcomes[id(found)] = Outcome(found, Status.STORED, held[key_of(row)], revision)
        elif row is not None:
            waited = found.waiting(Reason(row.reason))
            outcomes[id(found)] = Outcome(waited, Status.QUARANTINED, held[key_of(row)])
    return outcomes


def _file_copies(
    connection: Connection,
    maker: RowMaker,
    batch: Sequence[Assessed],
    copies: Mapping[int, Held],
    stored: Mapping[UUID, History],
) -> bool:
    """Put files that copies tell of or bring to what is held; whether any of it was news.

    What was erased gets none.
    """
    bringing = [
        found
        for found in batch
        if id(found) in copies
        and found.envelope.attachments
        and stored[found.envelope.id].state is not State.ERASED
    ]
    news = [file_copies(connection, maker, found, copies[id(found)]) for found in bringing]
    return any(news)


def _first_let_in(
    connection: Connection, maker: RowMaker, accepted: Sequence[Assessed]
) -> dict[UUID, Assessed]:
    """Of each id the first that is let in: a bad invitation leaves its id to the next one."""
    fresh: dict[UUID, Assessed] = {}
    while accepted:
        first = {found.envelope.id: found for found in reversed(accepted)}
        rows = [maker.submission(first[submission_id]) for submission_id in sorted(first)]
        new = insert_new(connection, Submission, rows, key=["id"])
        inserted = {row.id: first[row.id] for row in new}
        let_in = _let_in(connection, inserted)
        fresh |= let_in
        left = inserted.keys() - let_in.keys()
        accepted = [f for f in accepted if f.envelope.id in left and f is not first[f.envelope.id]]
    return fresh


def _let_in(connection: Connection, inserted: Mapping[UUID, Assessed]) -> dict[UUID, Assessed]:
    """Use up the invitations, and take back the rows of those that are not good.

    Only now: a copy of a submission whose code is used up (by itself) must have found its row first.
    """
    refused = [
        submission_id
        for submission_id, found in inserted.items()
        if found.code is not None
        and not invitations.use(connection, found.code, found.envelope.questionnaire)
    ]
    if refused:
        submissions = table_of(Submission)
        connection.execute(delete(submissions).where(submissions.c.id.in_(refused)))
    return {key: found for key, found in inserted.items() if key not in refused}


def _settled(
    found: Assessed, made: Made, copies: Mapping[int, Held], stored: Mapping[UUID, History]
) -> Outcome | None:
    """The outcome of what is malformed, stored or a copy; None: it must wait in quarantine."""
    if found.malformed:
        return Outcome(found, Status.MALFORMED)
    history = stored.get(found.envelope.id)
    if history and (revision := made.get(id(found))):
        return Outcome(found, Status.STORED, history.of_revision(revision))
    if history and (copy := copies.get(id(found))):
        return Outcome(found, Status.DUPLICATE, history.of_revision(copy.revision or 1))
    return None


def _with_reason(found: Assessed, stored: Mapping[UUID, History]) -> Assessed:
    """The same with the reason to wait that only the transaction could tell."""
    if found.reason:
        return found
    history = stored.get(found.envelope.id)
    if history:
        return found.waiting(Reason.DELETED if history.state.is_gone else Reason.CONFLICT)
    if found.envelope.base_revision is not None:
        return found.waiting(Reason.EDIT)
    if found.code is None:
        raise RowVanished
    return found.waiting(Reason.INVITATION)


def _quarantine(connection: Connection, maker: RowMaker, waiting: Sequence[Assessed]) -> list[Outcome]:
    """Insert what waits and was not waiting yet, told apart by id and content as it was sent."""
    keyed = [((found.envelope.id, maker.digest_as_sent(found)), found) for found in waiting]
    first = dict(reversed(keyed))
    rows = [maker.quarantined(first[key], key[1]) for key in sorted(first)]
    inserted = insert_new(connection, Quarantined, rows, key=["submission_id", "content_digest"])
    new = {(row.submission_id, row.content_digest) for row in inserted}
    for key, found in keyed:
        if key not in new or found is not first[key]:
            bring_quarantined(connection, maker.keys, key, found.envelope)
    fresh = [first[key] for key in sorted(new)]
    insert_all(connection, Event, (row for found in fresh for row in maker.events(found)))
    held = held_quarantined(connection, {key[0] for key in first})
    return [Outcome(found, Status.QUARANTINED, held[key]) for key, found in keyed]
