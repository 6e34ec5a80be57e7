"""Each process gets its share of the connections: alone, and in a real server of two processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest

from surveyapp import gunicorn_worker
from surveyapp.config import Settings
from surveyapp.gunicorn_worker import SHARES, Shares
from surveyapp.serving import web_command
from tests.live import free_port, wait_until_answers

TREE = Path(__file__).parent.parent
CONNECTIONS = 16
#: seconds that a process leaves a new connection to the other here: as long as a busy machine may need
COURTESY = 0.2
PATIENCE = 60.0


# --- alone ------------------------------------------------------------------------------------------


def test_each_process_has_a_slot_of_its_own() -> None:
    shares = Shares(2)
    assert (shares.take(), shares.take(), shares.take()) == (0, 1, None)


def test_a_slot_that_was_left_is_taken_again() -> None:
    shares = Shares(2)
    first, _second = shares.take(), shares.take()
    shares.leave(first)
    assert shares.take() == first


def test_the_fewest_are_those_of_a_process_that_lives() -> None:
    shares = Shares(3)
    assert shares.fewest() == 0
    first, second = shares.take(), shares.take()
    shares.tell(first, 5)
    shares.tell(second, 3)
    assert shares.fewest() == 3
    shares.leave(second)
    assert shares.fewest() == 5


def test_a_process_without_a_slot_changes_nothing() -> None:
    shares = Shares(1)
    slot = shares.take()
    shares.tell(slot, 4)
    shares.tell(None, 1)
    shares.leave(None)
    assert shares.fewest() == 4


def test_another_process_sees_what_was_told() -> None:
    shares = Shares(2)
    slot = shares.take()
    child = os.fork()
    if child == 0:
        shares.tell(slot, 7)
        os._exit(0)
    os.waitpid(child, 0)
    assert shares.fewest() == 7


# --- a server ---------------------------------------------------------------------------------------


def patient_app() -> WSGIApplication:
    """Answers with what the process holds that has the fewest connections; loaded by the server."""
    gunicorn_worker.COURTESY = COURTESY

    def answer(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = str(SHARES.fewest()).encode()
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]

    return answer


class Server:
    """gunicorn as `surveyapp run` starts it, before an application of its own."""

    def __init__(self, settings: Settings) -> None:
        self.port = settings.port
        app = f"{__name__}:patient_app()"
        command = [app if part == "surveyapp:create_app()" else part for part in web_command(settings)]
        self.process = subprocess.Popen(command, cwd=TREE)

    def workers(self) -> list[int]:
        """The processes that answer."""
        pid = self.process.pid
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def held(self) -> list[int]:
        """How many connections each of them holds, sorted."""
        ends = established(self.port)
        return sorted(len(sockets(pid) & ends) for pid in self.workers())


def established(port: int) -> set[str]:
    """The kernel's numbers of the server's ends of connections."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {each[9] for each in lines if each[1].endswith(f":{port:04X}") and each[3] == "01"}


def sockets(pid: int) -> set[str]:
    """The kernel's numbers of a process's sockets."""
    found: set[str] = set()
    with suppress(FileNotFoundError):  # it has ended
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                found.add(str(each.readlink()).removeprefix("socket:[").removesuffix("]"))
    return found


class Kept:
    """A connection that is kept open after its first answer."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)

    def ask(self) -> str:
        """The body of an answer."""
        self.socket.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        received = b""
        while not received.partition(b"\r\n\r\n")[2]:
            received += self.socket.recv(4096)
        return received.partition(b"\r\n\r\n")[2].decode()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, "it has not come about"
        time.sleep(0.05)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    environment = {"INSTANCE_PATH": str(tmp_path), "PORT": str(free_port()), "WEB_WORKERS": "2"}
    started = Server(Settings.from_environment(environment))
    try:
        wait_until_answers(f"http://127.0.0.1:{started.port}/", started.process)
        wait_until(lambda: started.held() == [0, 0])
        yield started
    finally:
        started.process.terminate()
        started.process.wait(PATIENCE)


def connections(stack: ExitStack, server: Server) -> list[Kept]:
    """Connections that were asked once each, one after the other."""
    kept: list[Kept] = []
    for _each in range(CONNECTIONS):
        kept.append(Kept(server.port))
        stack.callback(kept[-1].socket.close)
        kept[-1].ask()
    return kept


def test_two_processes_share_connections_evenly(server: Server) -> None:
    with ExitStack() as stack:
        connections(stack, server)
        # the kernel's table may leave out a line while others come and go
        wait_until(lambda: server.held() == [CONNECTIONS // 2, CONNECTIONS // 2])


def test_the_slot_of_a_killed_process_is_free_again(server: Server) -> None:
    before = server.workers()
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(set(server.workers()) - {before[0]}) == 2)
    with ExitStack() as stack:
        kept = connections(stack, server)
        wait_until(lambda: server.held() == [CONNECTIONS // 2, CONNECTIONS // 2])
        # a slot that nobody left would still say that its process holds none
        wait_until(lambda: kept[0].ask() == str(CONNECTIONS // 2))
