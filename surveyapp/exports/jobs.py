"""The queue of exports, in the database: who asks, who works on what, and what became of it.

A worker claims the job that has waited longest and renews its lease while it works. A lease that ran out
is that of a dead worker: the job is claimed anew, and begins from its first submission, since a file of
which nobody knows how far it is whole is worth nothing. Whatever a worker writes of a job it writes
under its claim: one that was given up for dead and goes on all the same changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update

from surveyapp.database import utc_now
from surveyapp.exports.models import ExportJob, JobState
from surveyapp.exports.overtaken import is_overtaken
from surveyapp.exports.waking import ring
from surveyapp.extensions import db
from surveyapp.media_store import media_store, new_address
from surveyapp.people import audit
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Act, ReviewAct, Submission
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of

#: how long a worker is believed to live without a word
LEASE = timedelta(seconds=60)
#: after so many workers died over a job nobody tries it again
MOST_ATTEMPTS = 3
#: jobs of one person that wait or run at once
MOST_AT_ONCE = 10
#: area of the media store; `submissions.orphans` leaves it alone
AREA = "exports"
#: how many of somebody's jobs a page shows
SHOWN = 20


class Failure(StrEnum):
    """Why a job failed, as its owner is told."""

    #: its owner may not export this any more
    RIGHTS = "rights"
    #: it cannot be made as it was asked for
    REFUSED = "refused"
    #: each worker that tried it died
    GIVEN_UP = "given_up"
    #: the program failed over it; the log knows more
    BROKEN = "broken"


class TooManyJobs(Exception):
    """Somebody has as many under way as one may have."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for."""

    owner_id: int
    questionnaire: str
    #: as `choices.written_request` writes them
    choices: Mapping[str, str]
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """The file of a job that is done: where it lies sealed, and what it is when it is opened."""

    address: str
    name: str
    media_type: str
    size: int
    sha256: str
    submissions: int
    regions: Sequence[str] | None


_JOBS = table_of(ExportJob)
_UNDER_WAY = (JobState.WAITING, JobState.RUNNING)


# --- for whoever asks -------------------------------------------------------------------------------


def ask(wanted: Wanted) -> UUID:
    """Put a job into the queue; commits. Raises `TooManyJobs`."""
    db.session.rollback()  # on SQLite its lock would keep this one waiting for itself
    id_ = in_one_transaction(partial(_ask, wanted))
    ring(settings_of().queue_url)
    return id_


def _ask(wanted: Wanted, connection: Connection) -> UUID:
    mine = _JOBS.c.owner_id == wanted.owner_id
    waiting = select(_JOBS.c.serial).where(mine, _JOBS.c.state.in_(_UNDER_WAY)).limit(MOST_AT_ONCE)
    if len(connection.scalars(waiting).all()) == MOST_AT_ONCE:
        raise TooManyJobs
    id_ = uuid4()
    row = {
        "id": id_,
        "owner_id": wanted.owner_id,
        "questionnaire": wanted.questionnaire,
        "choices": dict(wanted.choices),
        "confidential": wanted.confidential,
    }
    connection.execute(insert(_JOBS), [row])
    _write_down(connection, audit.Action.EXPORT_ASKED, row)
    return id_


def cancel(id_: UUID, owner_id: int) -> bool:
    """Cancel one's own job that is not over; whether there was one. Its worker notices, and stops."""

    def work(connection: Connection) -> bool:
        this = (_JOBS.c.id == id_, _JOBS.c.owner_id == owner_id, _JOBS.c.state.in_(_UNDER_WAY))
        ended = {"state": JobState.CANCELLED, "ended_at": utc_now(), "told_at": utc_now()}
        done = connection.execute(update(_JOBS).where(*this).values(ended | {"claim": None}))
        if done.rowcount:
            row = connection.execute(select(_JOBS).where(_JOBS.c.id == id_)).one()._asdict()
            _write_down(connection, audit.Action.EXPORT_CANCELLED, row)
        return bool(done.rowcount)

    db.session.rollback()
    return in_one_transaction(work)


def own(owner_id: int, questionnaire: str) -> Sequence[Row[Any]]:
    """Somebody's latest jobs of a questionnaire, newest first; `outlived`: as `one` says."""
    query = (
        select(_JOBS, _outlived().label("outlived"))
        .where(_JOBS.c.owner_id == owner_id, _JOBS.c.questionnaire == questionnaire)
        .order_by(_JOBS.c.serial.desc())
        .limit(SHOWN)
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        return connection.execute(query).all()


def one(id_: UUID, owner_id: int) -> Row[Any] | None:
    """One of somebody's jobs; `outlived`: whether a record that it may hold has been erased since."""
    query = select(_JOBS, _outlived().label("outlived")).where(
        _JOBS.c.id == id_, _JOBS.c.owner_id == owner_id
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        return connection.execute(query).one_or_none()


def news(owner_id: int) -> Sequence[Row[Any]]:
    """Those of somebody's jobs that have come to an end, and of which nobody has told them yet."""
    query = select(_JOBS).where(
        _JOBS.c.owner_id == owner_id,
        _JOBS.c.told_at.is_(None),
        _JOBS.c.state.in_((JobState.DONE, JobState.FAILED)),
        ~and_(_JOBS.c.state == JobState.DONE, _outlived()),
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        rows = connection.execute(query.order_by(_JOBS.c.serial).limit(SHOWN)).all()
    return [row for row in rows if not is_overtaken(row)]


def _outlived() -> ColumnElement[bool]:
    """Whether a record of its questionnaire was erased after it was begun: the file may hold it still.

    Of who is meant, where the file may tell that.
    """
    acts, records = table_of(ReviewAct), table_of(Submission)
    of_all = acts.c.act == Act.ERASE
    of_identity = and_(acts.c.act == Act.ERASE_IDENTITY, _JOBS.c.confidential)
    query = select(acts.c.serial).join(records, records.c.id == acts.c.submission_id)
    erased = query.where(
        acts.c.act.in_((Act.ERASE, Act.ERASE_IDENTITY)),
        or_(of_all, of_identity),
        acts.c.at >= _JOBS.c.begun_at,
        records.c.questionnaire == _JOBS.c.questionnaire,
    )
    return erased.exists()


def told(ids: Sequence[UUID]) -> None:
    """Say that somebody has been told of these; commits."""
    if ids:
        mark = update(_JOBS).where(_JOBS.c.id.in_(ids)).values(told_at=utc_now())
        db.session.rollback()
        in_one_transaction(lambda connection: connection.execute(mark).rowcount)


def note_fetched(connection: Connection, id_: UUID) -> None:
    """Its owner has begun to fetch the file."""
    now = utc_now()
    connection.execute(update(_JOBS).where(_JOBS.c.id == id_).values(fetched_at=now, told_at=now))


# --- for workers ------------------------------------------------------------------------------------


def claim() -> Row[Any] | None:
    """Take the job that has waited longest, or that of a dead worker; None: there is nothing to do."""
    if _next_id() is None:  # nothing is written, and no writer is kept waiting, while nobody asks
        return None
    row, former = in_one_transaction(_claim)
    if row is None:
        return None
    if former is not None:  # what the dead worker may have left
        with suppress(OSError):
            media_store().discard(former)
    if row.attempts > MOST_ATTEMPTS:
        end(row.id, row.claim, JobState.FAILED, failure=Failure.GIVEN_UP)
        return None
    return row


def _due() -> ColumnElement[bool]:
    dead = and_(_JOBS.c.state == JobState.RUNNING, _JOBS.c.leased_until < utc_now())
    return or_(_JOBS.c.state == JobState.WAITING, dead)


def _next_id() -> int | None:
    query = select(_JOBS.c.serial).where(_due()).order_by(_JOBS.c.serial).limit(1)
    with db.engine.connect().execution_options(reads=True) as connection:
        return connection.scalar(query)


def _claim(connection: Connection) -> tuple[Row[Any] | None, str | None]:
    """The job as it is now, and where a former attempt has put its file."""
    query = select(_JOBS).where(_due()).order_by(_JOBS.c.serial).limit(1)
    found = connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
    if found is None:  # another worker was first
        return None, None
    now = utc_now()
    taken = {
        "state": JobState.RUNNING,
        "claim": uuid4(),
        "leased_until": now + LEASE,
        "attempts": found.attempts + 1,
        "begun_at": now,
        "done": 0,
    }
    # where the file will lie is written down before a byte of it is: whatever happens, it is found
    this = update(_JOBS).where(_JOBS.c.serial == found.serial)
    connection.execute(this.values(taken | {"address": new_address(AREA)}))
    claimed = connection.execute(select(_JOBS).where(_JOBS.c.serial == found.serial)).one()
    return claimed, found.address


def beat(id_: UUID, claim_: UUID, done: int, total: int) -> bool:
    """Renew the lease and tell how far it is; False: it is cancelled, or another worker's by now."""
    values = {"leased_until": utc_now() + LEASE, "done": done, "total": total}
    return in_one_transaction(partial(_write, id_, claim_, values))


def finish(id_: UUID, claim_: UUID, made: Made) -> bool:
    """The file is there; False: nobody wants it any more."""
    now = utc_now()
    values = {
        "state": JobState.DONE,
        "ended_at": now,
        "expires_at": now + timedelta(days=settings_of().export_days),
        "claim": None,
        "address": made.address,
        "name": made.name,
        "media_type": made.media_type,
        "size": made.size,
        "sha256": made.sha256,
        "done": made.submissions,
        "total": made.submissions,
        "regions": None if made.regions is None else sorted(made.regions),
    }
    return in_one_transaction(partial(_write, id_, claim_, values))


def end(id_: UUID, claim_: UUID, state: JobState, failure: Failure | None = None) -> bool:
    """It came to nothing."""
    values = {"state": state, "ended_at": utc_now(), "failure": failure, "claim": None, "address": None}
    return in_one_transaction(partial(_write, id_, claim_, values))


def give_back(id_: UUID, claim_: UUID) -> bool:
    """The worker is told to stop: another one begins the job anew, and this attempt does not count."""
    values = {
        "state": JobState.WAITING,
        "claim": None,
        "leased_until": None,
        "address": None,
        "attempts": _JOBS.c.attempts - 1,
    }
    is_back = in_one_transaction(partial(_write, id_, claim_, values))
    ring(settings_of().queue_url)
    return is_back


def _write(id_: UUID, claim_: UUID, values: Mapping[str, Any], connection: Connection) -> bool:
    this = (_JOBS.c.id == id_, _JOBS.c.claim == claim_, _JOBS.c.state == JobState.RUNNING)
    return bool(connection.execute(update(_JOBS).where(*this).values(**values)).rowcount)


def expire(now: datetime) -> int:
    """Let go of files whose days are over, that are outlived or overtaken, or nobody wants; how many.

    Commits.
    """
    ended = (JobState.CANCELLED, JobState.FAILED)
    over = or_(
        and_(_JOBS.c.state == JobState.DONE, or_(_JOBS.c.expires_at <= now, _outlived())),
        # not before the worker that had it can be believed dead
        and_(_JOBS.c.state.in_(ended), _JOBS.c.address.is_not(None), _JOBS.c.ended_at <= now - LEASE),
    )
    done = _JOBS.c.state == JobState.DONE
    with db.engine.connect().execution_options(reads=True) as connection:
        rows = list(connection.execute(select(_JOBS).where(over)))
        there = connection.execute(select(_JOBS).where(done, ~over)).all()
    rows += [row for row in there if is_overtaken(row)]
    for row in rows:
        media_store().discard(row.address)
        state = JobState.EXPIRED if row.state == JobState.DONE else row.state
        in_one_transaction(partial(_let_go, row.id, state))
    return len(rows)


def _let_go(id_: UUID, state: str, connection: Connection) -> None:
    connection.execute(update(_JOBS).where(_JOBS.c.id == id_).values(state=state, address=None))


def _write_down(connection: Connection, action: audit.Action, job: Mapping[str, Any]) -> None:
    details: dict[str, audit.Detail] = {
        "format": str(job["choices"].get("format", "csv")),
        "identity": bool(job["confidential"]),
    }
    audit.record_on(connection, action, job["questionnaire"], details, user_id=job["owner_id"])
