"""How a worker learns of a new job: it looks into the database now and then, or Redis wakes it at once.

The queue is in the database either way (docs/decisions/0038): Redis holds no job, only that there may be
one. If it is away, or forgets, the worker finds the job at its next look.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from threading import Event
from time import monotonic
from typing import Any

logger = logging.getLogger(__name__)

#: seconds between two looks into the database
LOOK = 2.0
#: the same where Redis tells of new jobs: only those of workers that died are found by looking
SELDOM = 30.0
#: a list of at most one element: somebody rang
BELL = "surveyapp:exports:bell"
#: seconds after which a worker that waits for the bell asks whether it is to stop
_AT_ONCE = 1


def ring(url: str) -> None:
    """Wake a worker; `url`: of Redis, or empty. Never raises: the job is found later anyway."""
    if not url:
        return
    from redis import RedisError

    try:
        with _client(url).pipeline() as told:
            told.lpush(BELL, "rung").ltrim(BELL, 0, 0).execute()
    except RedisError as error:  # its text may quote a password
        logger.warning("no worker could be woken: %s", type(error).__name__)


def wait(url: str, stop: Event) -> None:
    """Return when it is time to look for a job: when somebody rang, after a while, or at `stop`."""
    if not url:
        stop.wait(LOOK)
        return
    from redis import RedisError

    until = monotonic() + SELDOM
    while not stop.is_set() and monotonic() < until:
        try:
            if _client(url).brpop([BELL], timeout=_AT_ONCE):
                return
        except RedisError as error:
            logger.warning("Redis tells of no job: %s", type(error).__name__)
            stop.wait(LOOK)
            return


@lru_cache(maxsize=4)
def _client(url: str) -> Any:
    """One for each process; connections are made when they are needed."""
    from redis import Redis

    return Redis.from_url(url, socket_connect_timeout=2, socket_timeout=5)
