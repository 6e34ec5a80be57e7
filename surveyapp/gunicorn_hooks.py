"""What gunicorn does at certain moments (its configuration file): it gives up senders that are gone.

A thread reads a body as it comes. When a network dies in the middle of a photo, nobody says so, and the
thread would wait for good: a few dozen such phones would stop a server that no proxy stands before.
"""

from __future__ import annotations

import socket
import struct
from typing import Any

from surveyapp.config import Settings


def when_ready(server: Any) -> None:
    """Let reading and writing end after a while without a byte; connections inherit it (socket(7))."""
    patience = struct.pack("ll", Settings.from_environment().client_patience, 0)  # struct timeval
    for listener in server.LISTENERS:
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, option, patience)
