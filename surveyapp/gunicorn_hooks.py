"""What gunicorn does at certain moments (its configuration file).

It gives up senders that are gone: a thread reads a body as it comes, and when a network dies in the
middle of a photo, nobody says so. The thread would wait for good: a few dozen such phones would stop a
server that no proxy stands before.

It keeps what its processes share in memory once, and tells them apart (`gunicorn_worker`).
"""

from __future__ import annotations

import ctypes
import gc
import socket
import struct
from typing import Any

from surveyapp.config import Settings
from surveyapp.gunicorn_worker import SHARES

#: how many objects more than before there are until the garbage collector looks through the young ones
ALLOCATIONS = 3_000
#: of mallopt(3), by their numbers in malloc.h: M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX
MEMORY = {-1: 256 * 1024, -3: 128 * 1024, -8: 2}


def when_ready(server: Any) -> None:
    """Before the worker processes part from this one."""
    _let_senders_go(server)
    give_memory_back()
    _share_what_is_there()


def pre_fork(_server: Any, worker: Any) -> None:
    """Before a worker process is made."""
    worker.slot = SHARES.take()


def child_exit(_server: Any, worker: Any) -> None:
    """A worker process has ended, in whatever way."""
    SHARES.leave(worker.slot)


def give_memory_back() -> None:
    """Let the C library keep less of what is free.

    By itself it keeps a heap for each thread, and after the first large body takes all bodies out of
    these heaps, where they leave holes: under bad requests of every size two workers grew while nothing
    in Python did. Two heaps, large bodies beside them, and a heap's free end goes back to the system.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # the C libraries of Alpine and macOS have none
        for parameter, value in MEMORY.items():
            library.mallopt(parameter, value)


def _let_senders_go(server: Any) -> None:
    """Let reading and writing end after a while without a byte; connections inherit it (socket(7))."""
    patience = struct.pack("ll", Settings.from_environment().client_patience, 0)  # struct timeval
    for listener in server.LISTENERS:
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, option, patience)


def _share_what_is_there() -> None:
    """What the garbage collector looks through is written to, and then each process needs its own copy.

    What is there now lives as long as the server, and is not looked through again. What a request leaves
    goes by itself, all but little; but looked for too seldom, that little made two workers 19 MB larger
    (20,000 allocations instead of 3,000), and the look at it is no longer seen in a record's CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 10, 10)
