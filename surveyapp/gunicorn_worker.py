"""The worker class of gunicorn: threads, and each process gets its share of the connections.

Every process waits for new connections at the same socket, and the one that is quickest takes them.
Phones and proxies keep their connections open, so a process that took twelve of sixteen works on them
alone while the other idles: the same server received 231 or 452 records a second, by chance.
"""

from __future__ import annotations

import mmap
import socket
import time
from array import array
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

#: how long a process that has more connections leaves a new one to the others, in seconds
COURTESY = 0.001
#: processes that can be told apart; any beyond that take connections as they come
SLOTS = 64
_NOBODY = -1


class Shares:
    """How many connections each process holds: memory that all share, each part written by its owner."""

    def __init__(self, slots: int = SLOTS) -> None:
        self._counts = memoryview(mmap.mmap(-1, slots * array("i").itemsize)).cast("i")
        for slot in range(slots):
            self._counts[slot] = _NOBODY

    def take(self) -> int | None:
        """A slot that nobody has; None if there is none."""
        free = (slot for slot, count in enumerate(self._counts) if count == _NOBODY)
        if (slot := next(free, None)) is not None:
            self._counts[slot] = 0
        return slot

    def leave(self, slot: int | None) -> None:
        """The process with that slot has ended."""
        if slot is not None:
            self._counts[slot] = _NOBODY

    def tell(self, slot: int | None, count: int) -> None:
        """That process holds so many now."""
        if slot is not None:
            self._counts[slot] = count

    def fewest(self) -> int:
        """What the process holds that has the fewest; 0 if there is none."""
        return min((count for count in self._counts if count != _NOBODY), default=0)


SHARES = Shares()


class EvenThreads(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's threads, which let the process with fewer connections take a new one."""

    #: given by the process that starts the others (`gunicorn_hooks`)
    slot: int | None = None

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, after a moment in which one that has fewer can take it."""
        if self.slot is not None and self.nr_conns > SHARES.fewest():
            time.sleep(COURTESY)
        super().accept(listener)
        SHARES.tell(self.slot, self.nr_conns)

    def wait_for_and_dispatch_events(self, timeout: float) -> Any:
        """As gunicorn does; then say how many connections are left."""
        done = super().wait_for_and_dispatch_events(timeout)
        SHARES.tell(self.slot, self.nr_conns)
        return done
