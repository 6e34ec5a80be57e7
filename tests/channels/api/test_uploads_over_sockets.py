"""Uploads through a real server and real sockets: cut, killed, and gone on with at the byte."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.people import tokens
from surveyapp.people.rights import RoleName
from surveyapp.people.service import known_user
from surveyapp.people.tokens import Scope
from surveyapp.submissions import kept_files
from surveyapp.submissions.keys import keys_of
from tests.accounts import make_user
from tests.live import live_server

MEGABYTE = 1024 * 1024
CONTENT = hashlib.shake_128(b"a photograph").digest(5 * MEGABYTE + 12_345)
TUS = {"Tus-Resumable": "1.0.0"}


class Phone:
    """Sends one file to a live server, over sockets of its own."""

    def __init__(self, address: str, token: str) -> None:
        self.host = urlsplit(address).netloc
        self.headers = TUS | {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> dict[str, str]:
        """One whole request; its headers, with the status."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, self.headers | named)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return dict(answer.getheaders()) | {"status": str(answer.status)}

    def begin(self, content: bytes) -> str:
        """The path of a new upload."""
        told = base64.b64encode(hashlib.sha256(content).hexdigest().encode()).decode()
        length = str(len(content))
        return self.ask(
            "POST", "/api/v1/uploads", Upload_Length=length, Upload_Metadata=f"sha256 {told}"
        )["Location"]

    def offset(self, path: str) -> int:
        """How far the server says it is; asked until it answers, as a phone does."""
        for _second in range(60):
            try:
                return int(self.ask("HEAD", path)["Upload-Offset"])
            except OSError:
                time.sleep(1)
        raise RuntimeError("the server does not answer")

    def patch(self, path: str, content: bytes, offset: int) -> int:
        """Send the rest from an offset on; the offset that the server answers."""
        kind = "application/offset+octet-stream"
        rest = content[offset:]
        answer = self.ask("PATCH", path, rest, Upload_Offset=str(offset), Content_Type=kind)
        return int(answer["Upload-Offset"])

    def opened(self, path: str, offset: int, length: int) -> socket.socket:
        """A socket on which a PATCH of that length has begun; its body is the caller's to send."""
        host, _, port = self.host.partition(":")
        opened = socket.create_connection((host, int(port)), timeout=60)
        lines = [f"PATCH {path} HTTP/1.1", f"Host: {self.host}", f"Content-Length: {length}"]
        lines += [f"Upload-Offset: {offset}", "Content-Type: application/offset+octet-stream"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        opened.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return opened


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live") / "instance"


@pytest.fixture(scope="module")
def address(instance: Path) -> Iterator[str]:
    with live_server(instance) as found:
        yield found


@pytest.fixture(scope="module")
def phone(address: str, instance: Path) -> Phone:
    app = create_app(Settings.from_environment({"INSTANCE_PATH": str(instance), "DEMONSTRATION": "yes"}))
    with app.app_context():
        make_user("erlan", RoleName.INTERVIEWER)
        token = tokens.create_token("erlan", [Scope.SUBMIT], label="phone")
        db.session.remove()
        db.engine.dispose()
    return Phone(address, token)


def kept_content(instance: Path, content: bytes) -> bytes:
    """What the server has kept of a file, as it was sent."""
    sha256 = hashlib.sha256(content).hexdigest()
    app = create_app(Settings.from_environment({"INSTANCE_PATH": str(instance), "DEMONSTRATION": "yes"}))
    with app.app_context():
        owner = kept_files.owner_of(known_user("erlan").id, None)
        db.session.rollback()
        with db.engine.connect().execution_options(reads=True) as connection:
            held = kept_files.held_for(connection, owner, [sha256])
        with kept_files.open_at(keys_of(), held[sha256].address) as file:
            found = file.read()
        db.session.remove()
        db.engine.dispose()
    return found


def worker_of(opened: socket.socket) -> int:
    """The process id of the gunicorn worker that has taken a connection."""
    mine = opened.getsockname()[1]
    inode = _inode_at_the_other_end(mine)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = [str(fd.readlink()) for fd in (process / "fd").iterdir()]
        except OSError:  # it has ended, or is somebody else's
            continue
        if f"socket:[{inode}]" in links:
            return int(process.name)
    raise RuntimeError("nobody has taken the connection")


def _inode_at_the_other_end(port: int) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[2].rpartition(":")[2], 16) == port and fields[9] != "0":
            return fields[9]
    raise RuntimeError("the server has not taken the connection")


def wait_for_offset(phone: Phone, path: str, least: int) -> int:
    """The offset as soon as it is large enough."""
    for _try in range(100):
        if (offset := phone.offset(path)) >= least:
            return offset
        time.sleep(0.2)
    raise AssertionError(f"only {offset} of {least} bytes are there")


def test_a_connection_that_is_cut_keeps_what_came(phone: Phone, instance: Path) -> None:
    content = CONTENT + b"cut"
    path = phone.begin(content)
    offset = 0
    for cut in (1, 100_000, 2 * MEGABYTE + 7):
        with phone.opened(path, offset, len(content) - offset) as opened:
            opened.sendall(content[offset : offset + cut])
        offset = wait_for_offset(phone, path, offset + cut)
    assert offset == 1 + 100_000 + 2 * MEGABYTE + 7
    assert phone.patch(path, content, offset) == len(content)
    assert kept_content(instance, content) == content


def test_a_worker_that_is_killed_within_a_request_loses_less_than_a_part(
    phone: Phone, instance: Path
) -> None:
    content = CONTENT + b"killed"
    path = phone.begin(content)
    with phone.opened(path, 0, len(content)) as opened:
        opened.sendall(content[: 3 * MEGABYTE + 500_000])
        wait_for_offset(phone, path, 3 * MEGABYTE)
        os.kill(worker_of(opened), signal.SIGKILL)
    offset = phone.offset(path)
    assert 3 * MEGABYTE <= offset <= 3 * MEGABYTE + 500_000
    assert phone.patch(path, content, offset) == len(content)
    assert kept_content(instance, content) == content


def test_a_phone_that_comes_back_need_not_wait_for_its_dead_connection(phone: Phone) -> None:
    content = CONTENT + b"hangs"
    path = phone.begin(content)
    with phone.opened(path, 0, len(content)) as hanging:
        hanging.sendall(content[: MEGABYTE + 1000])
        offset = wait_for_offset(phone, path, MEGABYTE)
        assert phone.patch(path, content, offset) == len(content)
        hanging.sendall(b"late bytes that are not the file's" * 40_000)
    assert phone.offset(path) == len(content)
