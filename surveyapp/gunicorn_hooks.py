"""What gunicorn does at certain moments (its configuration file).

It gives up senders that are gone: a thread reads a body as it comes, and when a network dies in the
middle of a photo, nobody says so. The thread would wait for good: a few dozen such phones would stop a
server that no proxy stands before.

It keeps what its processes share in memory once.
"""

from __future__ import annotations

import gc
import socket
import struct
from typing import Any

from surveyapp.config import Settings

#: how many objects more than before there are until the garbage collector looks through the young ones
ALLOCATIONS = 20_000


def when_ready(server: Any) -> None:
    """Before the worker processes part from this one."""
    _let_senders_go(server)
    _share_what_is_there()


def _let_senders_go(server: Any) -> None:
    """Let reading and writing end after a while without a byte; connections inherit it (socket(7))."""
    patience = struct.pack("ll", Settings.from_environment().client_patience, 0)  # struct timeval
    for listener in server.LISTENERS:
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, option, patience)


def _share_what_is_there() -> None:
    """What the garbage collector looks through is written to, and then each process needs its own copy.

    What is there now lives as long as the server. What a request leaves goes by itself, all but little:
    looking for the rest several times in each record cost a twentieth of it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 20, 50)
