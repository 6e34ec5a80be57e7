"""Taking files in: each is looked at, cleaned of places, and sealed under its submission's data key.

Done right after the record or the file is stored, and again by the worker where that failed: what has
come is held from the first moment, and nothing that is found in it changes that.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Connection, Row, exists, func, select, update

from surveyapp.catalogue.models import VersionMedia
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.files import looking
from surveyapp.files.cleaning import CannotClean, without_places
from surveyapp.files.editing import Edit, applied
from surveyapp.files.kinds import HEAD, kind_of, suits
from surveyapp.media_store import media_store, new_address
from surveyapp.submissions import file_sealing, kept_files, sealing
from surveyapp.submissions.editing import lock
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import Keys, keys_of
from surveyapp.submissions.models import Attachment, Fault, Flag, KeptFile, Submission
from surveyapp.submissions.sealing import DataKey
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of

logger = logging.getLogger(__name__)

SEALED = "sealed"
BATCH = 100


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found in a file, and how it becomes clean."""

    kind: str
    fault: Fault | None
    edits: Sequence[Edit]


def take_in(submission_ids: Iterable[UUID]) -> int:
    """Take in the files of submissions that have come and were not taken in yet; how many.

    What fails is said in the log and stays as it came, for the next time. Commits.
    """
    table = table_of(Attachment)
    ids = list(submission_ids)
    with db.engine.connect().execution_options(reads=True) as connection:
        rows = connection.execute(select(table).where(_is_due(), table.c.submission_id.in_(ids))).all()
    return sum(_taken_in(row) for row in rows)


def take_in_all() -> int:
    """Take in whatever has come and was not taken in yet; how many. Commits."""
    table = table_of(Attachment)
    taken = last = 0
    while True:
        query = select(table).where(_is_due(), table.c.serial > last).order_by(table.c.serial)
        with db.engine.connect().execution_options(reads=True) as connection:
            rows = connection.execute(query.limit(BATCH)).all()
        if not rows:
            return taken
        taken += sum(_taken_in(row) for row in rows)
        last = rows[-1].serial


def _is_due() -> Any:
    table = table_of(Attachment)
    return table.c.address.is_not(None) & ~table.c.sealed  # spelt as the index is


def _taken_in(row: Row[Any]) -> bool:
    try:
        return _take_in(keys_of(), settings_of(), row)
    except Exception:
        if _is_still_due(
            row
        ):  # else somebody else took it in meanwhile, or it is gone with its submission
            logger.exception("a file of submission %s could not be taken in", row.submission_id)
        return False


def _is_still_due(row: Row[Any]) -> bool:
    query = select(exists().where(_is_due(), table_of(Attachment).c.serial == row.serial))
    with db.engine.connect().execution_options(reads=True) as connection:
        return bool(connection.scalar(query))


def _take_in(keys: Keys, settings: Settings, row: Row[Any]) -> bool:
    key = _data_key(keys, row.submission_id)
    if key is None:  # erased meanwhile
        return False
    address = new_address(SEALED)
    with kept_files.open_at(keys, row.address) as source:
        found = _look(source, row, settings)
        pieces = file_sealing.sealed(key.secret, kept_files.binding(row), applied(source, found.edits))
        media_store().put(address, pieces)
    placed = in_one_transaction(partial(_place, row=row, key=key, address=address, found=found))
    kept_files.discard(
        in_one_transaction(partial(_let_go, address=row.address)) if placed else [address]
    )
    return placed


def _data_key(keys: Keys, submission_id: UUID) -> DataKey | None:
    table = table_of(Submission)
    query = select(table.c.data_key, table.c.key_id).where(table.c.id == submission_id)
    with db.engine.connect().execution_options(reads=True) as connection:
        row = connection.execute(query).one_or_none()
    if row is None or row.data_key is None:
        return None
    return DataKey.unwrap(keys, sealing.Row.of_submission(submission_id), row.data_key, row.key_id)


# --- looking ----------------------------------------------------------------------------------------


def _look(source: IO[bytes], row: Row[Any], settings: Settings) -> _Found:
    kind = kind_of(source.read(HEAD))
    faults = list(_faults(source, kind, row, settings))
    edits: Sequence[Edit] = ()
    if not row.keeps_place:
        try:
            edits = without_places(source, kind, most_bytes=settings.max_image_bytes)
        except CannotClean:
            faults.append(Fault.NOT_CLEANED)
    return _Found(kind, next(iter(faults), None), edits)


def _faults(source: IO[bytes], kind: str, row: Row[Any], settings: Settings) -> Iterator[Fault]:
    if row.wanted and not suits(kind, row.wanted):
        yield Fault.WRONG_KIND
    if kind.startswith("image/") and row.size and row.size > settings.max_image_bytes:
        yield Fault.TOO_LARGE
        return
    try:
        looking.look(source, kind, most_pixels=settings.max_image_pixels)
    except looking.TooLarge:
        yield Fault.TOO_LARGE
    except looking.Damaged:
        yield Fault.DAMAGED


# --- placing ----------------------------------------------------------------------------------------


def _place(connection: Connection, row: Row[Any], key: DataKey, address: str, found: _Found) -> bool:
    """Let the row tell of the sealed file; False: somebody else was faster, or it was erased.

    Or the submission has another key now, which would not open it: the file waits for the next time.
    """
    table = table_of(Attachment)
    head = lock(connection, row.submission_id)  # a next revision carries its files over under this lock
    if head is None or head.data_key != key.wrapped:
        return False
    # the rows of further revisions that were carried over as it lay
    same = [
        getattr(table.c, name) == getattr(row, name)
        for name in ("submission_id", "address", "sha256", "keeps_place", "wanted")
        if getattr(row, name) is not None
    ]
    done = connection.execute(
        update(table)
        .where(*same, table.c.sealed.is_(False))
        .values(address=address, sealed=True, kind=found.kind, fault=found.fault)
        .returning(table.c.serial)
    ).all()
    if done and found.fault and Flag.UNFIT_FILE not in head.flags:
        submissions = table_of(Submission)
        flags = [*head.flags, Flag.UNFIT_FILE]
        connection.execute(update(submissions).where(submissions.c.id == head.id).values(flags=flags))
    return bool(done)


def _let_go(connection: Connection, address: str) -> list[str]:
    """The addresses to discard now that a file was taken in from this one."""
    if "/" in address:
        return kept_files.let_go(connection, [address]) or _if_unfiled(connection, address)
    media = table_of(VersionMedia)
    query = select(func.count()).where(media.c.sha256 == address)
    return [] if connection.scalar(query) else _if_unfiled(connection, address)


def _if_unfiled(connection: Connection, address: str) -> list[str]:
    """An address that neither a submission nor a kept file needs any more."""
    attachments = table_of(Attachment)
    kept = table_of(KeptFile)
    filed = connection.scalar(select(func.count()).where(attachments.c.address == address))
    held = connection.scalar(select(func.count()).where(kept.c.address == address))
    return [] if filed or held else [address]
