"""A real server for the tests that need one: gunicorn in a process of its own, on loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 60.0


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def live_server(
    instance: Path, settings: Mapping[str, str] | None = None, *, prepared: bool = False
) -> Iterator[str]:
    """Serve an instance that `surveyapp run --prepare` makes there; yields its address.

    `prepared`: its database is there already, and nothing is to be published. A demonstration on SQLite unless the settings say otherwise; two worker processes.
    """
    port = free_port()
    environment = {
        **os.environ,
        "DEMONSTRATION": "yes",
        "SECOND_FACTOR": "optional",
        "INSTANCE_PATH": str(instance),
        "PORT": str(port),
        **(settings or {}),
    }
    command = [sys.executable, "-m", "surveyapp", "run", *([] if prepared else ["--prepare"])]
    instance.mkdir(parents=True, exist_ok=True)
    with (instance / "server.log").open("a+") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(60)


def wait_until_ready(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server says it is ready; raises RuntimeError when it ends or takes too long."""
    wait_until_answers(f"{address}/readyz", server)


def wait_until_answers(address: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until an address answers well; raises RuntimeError when the server ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with status {server.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:  # not yet: refused, reset or too slow
            time.sleep(0.1)
    raise RuntimeError(f"the server was not ready after {START_SECONDS:.0f} s")
