"""A server under test: gunicorn with the project's own command line, on loopback, to be killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from surveyapp.config import Settings
from surveyapp.serving import web_command
from tests.live import wait_until_answers

#: what stands before each entry of the log
_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ", re.MULTILINE)

#: seconds that workers live without their master
_MOMENT = 0.3


class Served:
    """gunicorn and its workers, in a process group of their own."""

    def __init__(self, settings: Settings, environment: dict[str, str], log: Path) -> None:
        self.settings = settings
        self.address = f"http://{settings.host}:{settings.port}"
        self.log = log
        #: what it is told beside its own settings
        self.environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                web_command(self.settings),
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until_answers(f"{self.address}/healthz", self._process)

    def stop(self) -> None:
        """End it as `surveyapp run` does."""
        self._running.terminate()
        self._running.wait(60)

    def kill(self) -> None:
        """`kill -9` of all of it at once, as when the power fails."""
        with suppress(ProcessLookupError):
            os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()

    def kill_master(self) -> None:
        """`kill -9` of gunicorn's first process; a moment later, as a service manager does, of the rest."""
        os.kill(self._running.pid, signal.SIGKILL)
        self._running.wait()
        time.sleep(_MOMENT)
        self.kill()

    def workers(self) -> list[int]:
        """The processes that answer."""
        pid = self._running.pid
        try:
            return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            return []

    def memory(self) -> int:
        """Resident memory of the workers together, in KiB."""
        return sum(map(resident, self.workers()))

    def complaints(self) -> list[str]:
        """Errors in the log, each told by its logger, its message and the kind of exception."""
        entries = _ENTRY.split(self.log.read_text("utf-8", "replace"))
        errors = [entry for entry in entries if entry.startswith(("ERROR", "CRITICAL"))]
        return [_told(entry.strip().splitlines()) for entry in errors]

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it was never started"
        return self._process


def _told(lines: list[str]) -> str:
    told = lines[0] if len(lines) == 1 else f"{lines[0]}: {lines[-1]}"
    return re.sub(r"pid:\d+", "pid", told)


def is_alive(pid: int) -> bool:
    """Whether a process of this id runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def resident(pid: int) -> int:
    """Resident memory of a process, in KiB; 0 when it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    return 0
