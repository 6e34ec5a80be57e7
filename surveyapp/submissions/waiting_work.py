"""Work in quarantine, read again from the bytes that came and judged by a version."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from surveyapp.catalogue import service as catalogue
from surveyapp.extensions import db
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.submissions import instances, kept_files
from surveyapp.submissions.assessing import Assessed
from surveyapp.submissions.fitting import Fitting
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Quarantined
from surveyapp.submissions.opening import quarantined_bytes
from surveyapp.submissions.quarantine import NotQuarantined
from surveyapp.submissions.refusals import AlreadyDecided, NoVersion, Unreadable
from surveyapp.submissions.rereading import reread
from surveyapp.submissions.rows import RowMaker
from surveyapp.submissions.verdicts import Sender
from surveyapp.wiring import settings_of

logger = logging.getLogger(__name__)


def waiting(serial: int) -> Quarantined:
    """The work of this number. Raises `NotQuarantined`, `AlreadyDecided`."""
    row = db.session.get(Quarantined, serial, populate_existing=True)
    if row is None:
        raise NotQuarantined(serial)
    refuse_decided(row)
    return row


def refuse_decided(row: Any) -> None:
    """Raises `AlreadyDecided`."""
    if row.decided_at is not None:
        raise AlreadyDecided(row.serial, row.decision, row.decided_at)


def definition_for(row: Quarantined) -> Questionnaire:
    """The version that the work names. Raises `NoVersion`."""
    return published(row.questionnaire, row.version)


def published(questionnaire: str, version: str) -> Questionnaire:
    """A version's definition. Raises `NoVersion`."""
    found = catalogue.edition(questionnaire, version)
    if found is None:
        raise NoVersion(questionnaire, version)
    return found.definition


def judged(row: Quarantined, definition: Questionnaire) -> Assessed:
    """The work under its submission's id, judged by a version; it has content, whatever is in it.

    Raises `Unreadable`, `opening.Erased`, `sealing.CannotOpen`, `keys.KeyMissing`.
    """
    envelope = reread(row, quarantined_bytes(keys_of(), row), definition)
    (resolved,) = instances.resolve(db.session.connection(), [envelope])
    try:
        return fitting_for(row, row.received_at).fit(definition, resolved)
    except Exception:  # it may wait for that very reason; whoever decides is told, and can discard it
        logger.exception("quarantined work %s cannot be judged", row.serial)
        raise Unreadable(row.serial, "the program fails over it") from None


def fitting_for(row: Quarantined, received_at: datetime) -> Fitting:
    """Judges as if the work had come at that time."""
    return Fitting(
        settings=settings_of(),
        keys=keys_of(),
        sender=_sender_of(row),
        received_at=received_at,
        offers={},
    )


def _sender_of(row: Quarantined) -> Sender:
    return Sender(user_id=row.sender_id, device_id=row.device_id)


def maker_for(row: Quarantined) -> RowMaker:
    """Makes rows that tell who sent the work, and when it came."""
    return row_maker(_sender_of(row), row.received_at, row.synthetic)


def row_maker(sender: Sender, at: datetime, synthetic: bool) -> RowMaker:
    """Makes the rows of one revision."""
    return RowMaker(keys=keys_of(), sender=sender, received_at=at, demonstration=synthetic)


def with_files_of(connection: Connection, row: Row[Any], maker: RowMaker) -> RowMaker:
    """The same with the files at hand that are held for the sender of quarantined work."""
    owner = kept_files.owner_of(row.sender_id, row.device_id)
    return replace(maker, held_files=kept_files.held_for(connection, owner, row.files), data_keys={})
