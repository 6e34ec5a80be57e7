"""A provider of OpenID Connect (the package oidc-provider-mock) in a process of its own, on loopback.

`python -m tests.people.provider PORT` serves it; what it was asked can be read at `/recorded`.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from flask.testing import FlaskClient
from werkzeug.serving import run_simple
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request, Response

from tests.live import free_port, wait_until_answers

PATIENCE = 30
RECORDED = "/recorded"


@dataclass(frozen=True)
class Provider:
    """A running provider."""

    issuer: str

    def knows(self, subject: str, **claims: Any) -> None:
        """Somebody has an account here, of whom it says this."""
        answer = requests.put(f"{self.issuer}/users/{subject}", json=claims, timeout=PATIENCE)
        answer.raise_for_status()

    def sent_to(self, path: str) -> dict[str, str]:
        """The arguments of the last request to a path."""
        got = requests.get(self.issuer + RECORDED, timeout=PATIENCE).json()
        arguments: dict[str, str] = [arguments for asked, arguments in got if asked == path][-1]
        return arguments


@contextmanager
def provider_running() -> Iterator[Provider]:
    """A provider on a port of its own."""
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.people.provider", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_answers(issuer + RECORDED, process)
        yield Provider(issuer)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def say_at_provider(address: str, **form: str) -> str:
    """What somebody enters on the provider's page; where it leads the browser then."""
    answer = requests.post(address, data=form, allow_redirects=False, timeout=PATIENCE)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def come_back(client: FlaskClient, location: str) -> TestResponse:
    """Follow the provider's redirect to our page."""
    parts = urlsplit(location)
    return client.get(f"{parts.path}?{parts.query}", headers={"Accept-Language": "en"})


def arguments_of(location: str) -> dict[str, str]:
    """The arguments of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


# --- the process ------------------------------------------------------------------------------------

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def recording(app: Application) -> Application:
    """The application, and what it was asked."""
    got: list[tuple[str, dict[str, str]]] = []

    def listen(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.path == RECORDED:
            return Response(json.dumps(got), mimetype="application/json")(environ, start)
        got.append((request.path, request.args.to_dict() | request.form.to_dict()))
        if request.form:  # reading it used it up
            environ["wsgi.input"] = io.BytesIO(urlencode(request.form.to_dict()).encode())
        return app(environ, start)

    return listen


def main() -> None:
    """Serve it until it is ended."""
    import oidc_provider_mock

    app = oidc_provider_mock.app(require_nonce=True)
    run_simple("127.0.0.1", int(sys.argv[1]), recording(app), threaded=True)


if __name__ == "__main__":
    main()
