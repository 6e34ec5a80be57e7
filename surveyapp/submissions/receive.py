"""The one door in: every channel hands its envelopes to `receive`, and gets the same verdicts for them.

Nothing that can be read is refused: what fits its version is stored, the rest waits in quarantine for a
person, and only what is over a limit is turned away (design: verdicts).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, SQLAlchemyError

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.submissions import awaited_files, instances, kept_files, receipts, taking_in
from surveyapp.submissions.admission import Offers, offers_for
from surveyapp.submissions.assessing import Assessed, Assessor
from surveyapp.submissions.envelope import Envelope
from surveyapp.submissions.kept_files import Brought
from surveyapp.submissions.keys import Keys, keys_of
from surveyapp.submissions.models import Reason
from surveyapp.submissions.rows import RowMaker
from surveyapp.submissions.storing import Outcome, looked_at_again, store_new, write
from surveyapp.submissions.transactions import ATTEMPTS, RowVanished, in_one_transaction
from surveyapp.submissions.verdicts import Result, Sender, Status
from surveyapp.wiring import settings_of

logger = logging.getLogger(__name__)

#: what a database or its driver says to a value that it cannot hold
_UNHOLDABLE = (DataError, UnicodeError, OverflowError)


class NotStored(RuntimeError):
    """The database could not take the batch: it is to be sent again; what was held is a copy then."""


def receive(
    envelopes: Sequence[Envelope],
    sender: Sender,
    *,
    now: datetime | None = None,
    brought: Sequence[Brought] = (),
) -> list[Result]:
    """Judge and store a batch; one verdict for each envelope, in their order.

    `brought` are the files that came along, put into the media store already. All that is held is on
    disk when this returns. `now` (aware; default: the present) is the time of receipt. The database
    session's open transaction, if there is one, is committed first. Raises `NotStored` when the database
    cannot be written to, and `keys.KeyFileError`.

    What is new and came without files is stored first, together with what other threads bring
    (`committing`); then, in one transaction, the rest: copies, edits, what must wait.
    """
    received_at = now or utc_now()
    for _attempt in range(ATTEMPTS):
        with suppress(instances.TwoRoles):
            return _receive(envelopes, sender, received_at, brought)
    raise NotStored("TwoRoles")


def _receive(
    envelopes: Sequence[Envelope], sender: Sender, received_at: datetime, brought: Sequence[Brought]
) -> list[Result]:
    keys, settings = keys_of(), settings_of()
    envelopes, offers = _looked_up(envelopes)
    assessor = Assessor(
        settings=settings, keys=keys, sender=sender, received_at=received_at, offers=offers
    )
    maker = RowMaker(
        keys=keys,
        sender=sender,
        received_at=received_at,
        demonstration=settings.demonstration,
    )
    batch = [assessor.assess(envelope) for envelope in envelopes]
    # files that came along are held in the transaction that names them; those that came before are
    # found once the row that waits for them is there
    outcomes = {} if brought else store_new(maker, batch)
    left = [place for place in range(len(batch)) if place not in outcomes]
    others = _resolved(assessor, [(envelopes[place], batch[place]) for place in left])
    outcomes |= zip(left, _store(maker, others, brought), strict=True)
    if brought or any(envelope.attachments for envelope in envelopes):
        outcomes = _after_files(outcomes, brought)
    return [_result(keys, outcomes[place]) for place in range(len(batch))]


def _looked_up(envelopes: Sequence[Envelope]) -> tuple[Sequence[Envelope], Offers]:
    """Look up what they are edits of, and their versions.

    In a transaction that takes no lock and is over before the judging begins.
    """
    db.session.commit()
    try:
        if any(envelope.deprecates for envelope in envelopes):
            envelopes = instances.resolve(_reading(), envelopes)
        return envelopes, offers_for(envelopes)
    finally:
        db.session.rollback()


def _resolved(assessor: Assessor, left: Sequence[tuple[Envelope, Assessed]]) -> list[Assessed]:
    """What was not new, as a copy of the revision that its id may stand for.

    Only here, for what is new needs no such look: its id would have been in the way.
    """
    if not left:
        return []
    try:
        envelopes = instances.resolve(_reading(), [envelope for envelope, _found in left])
    finally:
        db.session.rollback()
    return [
        found if resolved is envelope else assessor.assess(resolved)
        for resolved, (envelope, found) in zip(envelopes, left, strict=True)
    ]


def _reading() -> Connection:
    return db.session.connection(execution_options={"reads": True})


def _store(maker: RowMaker, batch: Sequence[Assessed], brought: Sequence[Brought]) -> list[Outcome]:
    """Write a batch in one transaction; if the database refuses something in it, each by itself."""
    if not batch:
        return []
    try:
        return in_one_transaction(partial(_write, maker=maker, batch=batch, brought=brought))
    except _UNHOLDABLE:
        logger.exception("the database refused a batch; its records are written one by one")
        return [outcome for found in batch for outcome in _store_alone(maker, found, brought)]
    except (SQLAlchemyError, RowVanished) as error:
        logger.exception("a batch could not be stored")
        raise NotStored(type(error).__name__) from None


def _store_alone(maker: RowMaker, found: Assessed, brought: Sequence[Brought]) -> list[Outcome]:
    try:
        return in_one_transaction(partial(_write, maker=maker, batch=[found], brought=brought))
    except _UNHOLDABLE:
        refused = Assessed(envelope=found.envelope).waiting(Reason.FAILURE)
        return in_one_transaction(partial(_write, maker=maker, batch=[refused], brought=brought))


def _write(
    connection: Connection, maker: RowMaker, batch: Sequence[Assessed], brought: Sequence[Brought]
) -> list[Outcome]:
    """Hold the files that came along, and find those that came before; then write the batch."""
    owner = kept_files.owner_of_sender(maker.sender)
    if brought:
        kept_files.keep(connection, owner, brought)
    named = {file.sha256 for found in batch for file in found.envelope.attachments}
    held = kept_files.held_for(connection, owner, named)
    return write(connection, replace(maker, held_files=held, data_keys={}), batch)


def _after_files(outcomes: dict[int, Outcome], brought: Sequence[Brought]) -> dict[int, Outcome]:
    """Take in the files of what was stored, and look once more for those that are missing.

    One that came while the batch was written may not have found what waits for it.
    """
    held = [outcome.held for outcome in outcomes.values() if outcome.held]
    stored = {o.held.submission_id for o in outcomes.values() if o.held and o.revision}
    healed = awaited_files.heal(stored) if any(each.missing for each in held) else set()
    taking_in.take_in(stored)
    if brought:
        kept_files.discard(in_one_transaction(partial(kept_files.surplus, brought=brought)))
    return looked_at_again(outcomes) if healed else outcomes


def _result(keys: Keys, outcome: Outcome) -> Result:
    found, held = outcome.found, outcome.held
    return Result(
        id=found.envelope.id,
        status=outcome.status,
        revision=outcome.revision,
        sign_receipt=partial(receipts.receipt, keys, held) if held else None,
        receipt_code=held.receipt_code if held else None,
        missing_attachments=held.missing if held else (),
        sign_complete=partial(receipts.complete, keys, held) if held else None,
        errors=found.why_it_waits if outcome.status is Status.QUARANTINED else found.errors,
        default_language=found.default_language,
    )
