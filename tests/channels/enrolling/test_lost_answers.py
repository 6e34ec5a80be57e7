"""A phone whose network dies while it is enrolled: a real server, real sockets, two worker processes."""

from __future__ import annotations

import json
import re
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.migrating import upgrade_database
from surveyapp.people import enrolments
from tests.live import live_server

RETRY = {"retry_key": "made-up-by-the-phone"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Flask]]:
    """A server's address, and an application on the same instance."""
    folder: Path = tmp_path_factory.mktemp("lost") / "instance"
    settings = Settings.from_environment({"INSTANCE_PATH": str(folder), "DEMONSTRATION": "yes"})
    app = create_app(settings)
    with app.app_context():
        upgrade_database()
    with live_server(folder, prepared=True) as address:
        yield address, app
    with app.app_context():
        db.engine.dispose()


def new_code(app: Flask, name: str) -> str:
    with app.app_context():
        code = enrolments.enrol(name).code
        db.session.commit()
        return code


def post(address: str, body: dict[str, Any]) -> bytes:
    """What the server answers."""
    request = urllib.request.Request(
        f"{address}/api/v1/enrolments/redeem", json.dumps(body).encode(), method="POST"
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        content: bytes = answer.read()
        return content


def begin_and_vanish(address: str, body: dict[str, Any], kept: int) -> None:
    """Send a request, read so many bytes of the answer, and be gone."""
    host, port = re.fullmatch(r"http://(.+):(\d+)", address).groups()  # type: ignore[union-attr]  # it is one
    content = json.dumps(body).encode()
    head = (
        f"POST /api/v1/enrolments/redeem HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(head.encode() + content)
        if kept:
            connection.recv(kept)


def test_whenever_the_answer_is_lost_the_next_try_gives_a_token_that_works(
    served: tuple[str, Flask],
) -> None:
    address, app = served
    for kept in (0, 1, 20, 400):
        body = {"code": new_code(app, f"phone {kept}"), **RETRY}
        begin_and_vanish(address, body, kept)
        first, again = post(address, body), post(address, body)
        assert first == again
        token = json.loads(first)["token"]
        headers = {"Authorization": f"Bearer {token}"}
        inbox = urllib.request.Request(f"{address}/api/v1/inbox", headers=headers)
        with urllib.request.urlopen(inbox, timeout=30) as answer:
            assert json.load(answer)["device"]["name"] == f"phone {kept}"
