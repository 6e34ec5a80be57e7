"""Requests that are none in the eyes of gunicorn: the sender's mistake, and nothing of them in a log."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from surveyapp.config import Settings
from surveyapp.serving import web_command
from tests.live import free_port, wait_until_answers

CANARY = b"zhumbaq7391"
START = b"POST /api/v1/submissions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


@dataclass(frozen=True)
class Served:
    """A server without a database, and what it wrote to its log."""

    port: int
    log: Path

    def answer(self, request: bytes) -> bytes:
        """All that comes back for the bytes of a request."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    chosen = {
        "INSTANCE_PATH": str(folder),
        "PORT": str(free_port()),
        "WEB_WORKERS": "1",
        "CLIENT_PATIENCE": "1",
    }
    settings = Settings.from_environment(chosen)
    log = folder / "server.log"
    with log.open("w") as written:
        environment = {**os.environ, "DATABASE_URL": "", **chosen}
        server = subprocess.Popen(web_command(settings), env=environment, stdout=written, stderr=written)
        try:
            wait_until_answers(f"http://127.0.0.1:{settings.port}/healthz", server)
            yield Served(settings.port, log)
        finally:
            server.terminate()
            server.wait(60)


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(CANARY + b"\r\n\r\n", id="no request line"),
        pytest.param(b"GET /?name=a " + CANARY + b" HTTP/1.1\r\n\r\n", id="a blank in the query"),
        pytest.param(b"GET /?" + CANARY + b" HTTP/9.9\r\n\r\n", id="no such version"),
        pytest.param(b"GET / HTTP/1.1\r\nBad name " + CANARY + b": x\r\n\r\n", id="no header"),
        pytest.param(
            b'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n{"a""'
            + CANARY
            + b'"}\r\n\r\n',
            id="a body longer than it says",
        ),
    ],
)
def test_what_is_no_request_is_refused_and_not_quoted_in_the_log(
    served: Served, request_bytes: bytes
) -> None:
    assert b" 400 Bad Request" in served.answer(request_bytes)
    log = served.log.read_bytes()
    assert b"Invalid request from ip=127.0.0.1: Invalid" in log
    assert CANARY not in log


def test_nobody_on_this_machine_is_believed_to_speak_https(served: Served) -> None:
    claimed = (
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-Proto: https\r\n\r\n"
    )
    assert b"strict-transport-security" not in served.answer(claimed).lower()


def test_pieces_of_no_length_are_the_sender_s_mistake(served: Served) -> None:
    broken = START + b"Transfer-Encoding: chunked\r\n\r\n" + CANARY + b"\r\nxx\r\n0\r\n\r\n"
    assert served.answer(broken).startswith(b"HTTP/1.1 401 ")
    assert b" ERROR " not in served.log.read_bytes()


@pytest.mark.parametrize(
    "half",
    [
        pytest.param(START + b"Authorization: Bea", id="in a header"),
        pytest.param(START + b"Content-Length: 9\r\n\r\nhalf", id="in the body"),
        pytest.param(START + b"Transfer-Encoding: chunked\r\n\r\n9\r\nhalf", id="in a piece"),
    ],
)
def test_senders_whose_network_died_do_not_keep_the_others_from_being_served(
    served: Served, half: bytes
) -> None:
    with ExitStack() as opened:
        for _phone in range(8):  # the server has four threads
            dead = opened.enter_context(socket.create_connection(("127.0.0.1", served.port)))
            dead.sendall(half)
        answer = served.answer(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b" ERROR " not in served.log.read_bytes()


@pytest.mark.parametrize("length", ["000000001000000000", "1000000000", "9" * 5000])
def test_no_body_is_read_of_somebody_unknown_however_its_length_is_spelt(
    served: Served, length: str
) -> None:
    kind = b"Connection: close\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    start = b"POST /openrosa/unknown/submission HTTP/1.1\r\nHost: x\r\n" + kind
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as connection:
        connection.sendall(start + b"Content-Length: " + length.encode() + b"\r\n\r\n--x")
        # the rest is not sent: who waits for it has no answer (without a database it is an error)
        assert connection.recv(12).startswith(b"HTTP/1.1 ")
