"""What a worker does with the queue of exports: makes one after the other, until it is told to stop."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from flask import Flask, current_app
from sqlalchemy import Row

from surveyapp.catalogue.errors import CatalogueError
from surveyapp.exports import jobs
from surveyapp.exports.choosing import read_request
from surveyapp.exports.errors import ExportError
from surveyapp.exports.fetching import binding, secret
from surveyapp.exports.jobs import Failure, Made
from surveyapp.exports.models import JobState
from surveyapp.exports.rights import NotAllowed, allowed
from surveyapp.exports.service import Export, export
from surveyapp.exports.waking import wait
from surveyapp.extensions import db
from surveyapp.media_store import media_store
from surveyapp.submissions import file_sealing
from surveyapp.wiring import settings_of

logger = logging.getLogger(__name__)

#: seconds between two signs of life; a worker may miss several before it is believed dead
BEAT = jobs.LEASE.total_seconds() / 20


class Abandoned(Exception):
    """Nobody wants the export any more: it is cancelled, or another worker's by now."""


class Stopped(Exception):
    """The worker is told to stop."""


def run_queue(app: Flask, stop: Event) -> None:
    """Make what is in the queue, and what comes, until `stop`; never raises."""
    while not stop.is_set():
        try:
            with app.app_context():
                busy = run_next(stop)
        except Exception:  # a database that is away: it comes back
            logger.exception("the queue of exports cannot be worked on")
            busy = False
        if not busy:
            wait(settings_of(app).queue_url, stop)


def run_next(stop: Event) -> bool:
    """Make the job that has waited longest; whether there was one. Needs an application context."""
    job = jobs.claim()
    if job is None:
        return False
    try:
        _run(job, stop)
    except Abandoned:
        _discard(job)
    except Stopped:
        jobs.give_back(job.id, job.claim)
    except NotAllowed:
        jobs.end(job.id, job.claim, JobState.FAILED, Failure.RIGHTS)
    except (ExportError, CatalogueError):
        jobs.end(job.id, job.claim, JobState.FAILED, Failure.REFUSED)
    except Exception:
        logger.exception("an export failed")
        jobs.end(job.id, job.claim, JobState.FAILED, Failure.BROKEN)
    finally:
        db.session.remove()
    return True


def _run(job: Row[Any], stop: Event) -> None:
    request = read_request(job.questionnaire, job.choices, settings_of().timezone)
    request = allowed(request, job.owner_id)  # as they are now, whatever they were when it was asked for
    begun: list[Export] = []
    # an expression is asked of every submission before there is anything to tell
    with _beating(job, begun) as abandoned:
        try:
            made = export(request, user_id=job.owner_id)
            begun.append(made)
            file = _File(made)
            sealed = file_sealing.sealed(secret(), binding(job.id), file.pieces(abandoned, stop))
            media_store().put(job.address, sealed)
        finally:  # of what is refused half-way: on SQLite its lock would keep out what says so
            db.session.rollback()
    finished = Made(
        address=job.address,
        name=made.name,
        media_type=made.media_type,
        size=file.size,
        sha256=file.digest.hexdigest(),
        submissions=made.sent,
        regions=None if request.selection.regions is None else sorted(request.selection.regions),
    )
    if not jobs.finish(job.id, job.claim, finished):
        raise Abandoned


class _File:
    """Counts and digests what an export gives, on its way into the store."""

    def __init__(self, made: Export) -> None:
        self._made = made
        self.size = 0
        self.digest = hashlib.sha256()

    def pieces(self, abandoned: Event, stop: Event) -> Iterator[bytes]:
        """The bytes; raises as soon as there is no use in going on."""
        try:
            for piece in self._made:
                if abandoned.is_set():
                    raise Abandoned
                if stop.is_set():
                    raise Stopped
                self.size += len(piece)
                self.digest.update(piece)
                yield piece
        finally:
            self._made.close()


@contextmanager
def _beating(job: Row[Any], begun: Sequence[Export]) -> Iterator[Event]:
    """Signs of life from a thread of their own: some formats work long before they give a byte."""
    abandoned, over = Event(), Event()
    app = _app()

    def beat() -> None:
        with app.app_context():
            while not over.is_set():
                try:
                    sent, submissions = next(((e.sent, e.submissions) for e in begun), (0, 0))
                    if not jobs.beat(job.id, job.claim, sent, submissions):
                        abandoned.set()
                        return
                except Exception:  # the lease has room for several that fail
                    logger.exception("a sign of life could not be given")
                over.wait(BEAT)

    thread = Thread(target=beat, name="export-beat", daemon=True)
    thread.start()
    try:
        yield abandoned
    finally:
        over.set()
        thread.join()


def _app() -> Flask:
    found: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # as Flask documents it
    return found


def _discard(job: Row[Any]) -> None:
    try:
        media_store().discard(job.address)
    except OSError:  # `jobs.expire` comes to it
        logger.exception("the file of a cancelled export could not be removed")
