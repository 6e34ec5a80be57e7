"""A prepared file over a line that breaks: a real server, its worker, and programs that go on."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.migrating import upgrade_database
from surveyapp.people import tokens
from surveyapp.people.rights import RoleName
from surveyapp.people.tokens import Scope
from tests.accounts import make_user
from tests.breaking_line import line_to
from tests.exports import visits
from tests.factories import store_rows, submission_row
from tests.live import live_server

#: bytes after which the line breaks, each time
PIECE = 200_000
READY_SECONDS = 120


class Served(NamedTuple):
    """A server, somebody's token, and the prepared file that is theirs."""

    host: str
    token: str
    path: str
    size: int
    sha256: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A file of about a megabyte, made by the server's own worker."""
    folder: Path = tmp_path_factory.mktemp("resuming") / "instance"
    app = create_app(Settings.from_environment({"INSTANCE_PATH": str(folder), "DEMONSTRATION": "yes"}))
    with app.app_context():
        upgrade_database()
        visits.publish("1")
        make_user("reader", RoleName.ANALYST)
        token = tokens.create_token("reader", [Scope.EXPORT], label="test")
        store_rows([submission_row(visits.ID, {"visit": {"size": n}}) for n in range(4000)])
        db.session.remove()
        db.engine.dispose()
    with live_server(folder, prepared=True) as address:
        job = _prepared(address, token)
        host = address.removeprefix("http://")
        yield Served(host, token, job["file"], job["size"], job["sha256"])


def _prepared(address: str, token: str) -> dict[str, Any]:
    asked = _asked(f"{address}/api/v1/questionnaires/{visits.ID}/export-jobs?format=csv", token, "POST")
    deadline = time.monotonic() + READY_SECONDS
    while asked["state"] != "done":
        assert time.monotonic() < deadline, asked
        time.sleep(0.2)
        asked = _asked(f"{address}/api/v1/export-jobs/{asked['id']}", token)
    return asked


def _asked(address: str, token: str, method: str = "GET") -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(address, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def test_what_breaks_off_is_gone_on_with_until_it_is_whole(served: Served) -> None:
    content, tries, tag = b"", 0, ""
    with line_to(served.host) as line:
        while len(content) < served.size:
            tries += 1
            line.back = PIECE
            more, tag = _some(line.host, served, len(content), tag)
            content += more
    assert tries > served.size // PIECE
    assert hashlib.sha256(content).hexdigest() == served.sha256


def _some(host: str, served: Served, have: int, tag: str) -> tuple[bytes, str]:
    """What comes before the line breaks, as a browser asks that has a part already."""
    headers = {"Authorization": f"Bearer {served.token}"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": tag}
    connection = HTTPConnection(host, timeout=30)
    try:
        connection.request("GET", served.path, headers=headers)
        answer = connection.getresponse()
        assert answer.status == (206 if have else 200)
        tag = answer.headers["ETag"]
        try:
            return answer.read(), tag
        except IncompleteRead as broken:
            return broken.partial, tag
        except ConnectionError:
            return b"", tag
    finally:
        with suppress(OSError):
            connection.close()


@pytest.mark.parametrize("program", ["curl", "wget"])
def test_the_usual_programs_go_on(served: Served, tmp_path: Path, program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    file = tmp_path / "visits.csv"
    header = f"Authorization: Bearer {served.token}"
    with line_to(served.host) as line:
        address = f"http://{line.host}{served.path}"
        commands = {
            "curl": ["curl", "-sS", "-C", "-", "-H", header, "-o", str(file), address],
            "wget": ["wget", "-q", "-t", "1", "-c", "--header", header, "-O", str(file), address],
        }
        line.back = PIECE
        broken = subprocess.run(commands[program], check=False, capture_output=True, timeout=60)
        assert broken.returncode != 0
        assert 0 < file.stat().st_size < served.size
        line.mend()
        subprocess.run(commands[program], check=True, capture_output=True, timeout=60)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == served.sha256
