"""Canaille, a provider of OpenID Connect that organisations run, in a process of its own on loopback.

`python -m tests.people.canaille_server PORT REDIRECT FACTOR…` serves it with one client and one person,
whom it asks for these factors (`password`, `otp`). It wants PKCE, and tells `amr` and `auth_time`.
"""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin

import requests

from surveyapp.database import utc_now
from surveyapp.people import totp
from tests.live import free_port, wait_until_answers

CLIENT, SECRET = "surveyapp", "a secret of this installation"
PERSON, PASSWORD = "dana.sadykova", "жеті сегіз тоғыз 10"
OTP_SECRET = b"twenty bytes of this"
PATIENCE = 30
_DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Canaille:
    """A running provider."""

    issuer: str

    def sign_in(self, address: str, callback: str) -> str:
        """Go through its pages as a browser does; where it leads back to."""
        with requests.Session() as browser:
            answer = browser.get(address, timeout=PATIENCE)
            for _page in range(6):
                form = _filled_in(answer)
                answer = browser.post(answer.url, data=form, allow_redirects=False, timeout=PATIENCE)
                while answer.is_redirect:
                    onward = urljoin(answer.url, answer.headers["Location"])
                    if onward.startswith(callback):
                        return onward
                    answer = browser.get(onward, allow_redirects=False, timeout=PATIENCE)
            raise AssertionError(answer.text)


def _filled_in(page: requests.Response) -> dict[str, str]:
    """What somebody enters on a page: their name, their password, a code, their consent."""
    entries = {
        "login": PERSON,
        "password": PASSWORD,
        "otp": totp.code_at(OTP_SECRET, totp.counter_at(utc_now())),
    }
    form = {name: value for name, value in entries.items() if f'name="{name}"' in page.text}
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    return form | ({"csrf_token": token[1]} if token else {}) | ({} if form else {"answer": "accept"})


@contextmanager
def canaille_running(callback: str, *factors: str) -> Iterator[Canaille]:
    """Canaille on a port of its own."""
    port = free_port()
    issuer = f"http://localhost:{port}"
    command = [sys.executable, "-m", "tests.people.canaille_server", str(port), callback, *factors]
    environment = os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until_answers(issuer + _DISCOVERY, process)
        yield Canaille(issuer)
    finally:
        process.terminate()
        process.wait(PATIENCE)


# --- the process ------------------------------------------------------------------------------------


def main() -> None:
    """Serve it until it is ended."""
    from canaille import create_app
    from canaille.app import models
    from canaille.backends import Backend
    from joserfc.jwk import RSAKey
    from werkzeug.serving import run_simple

    port, callback, *factors = sys.argv[1:]
    key = RSAKey.generate_key(2048)
    key.ensure_kid()
    app = create_app(
        config={
            "SECRET_KEY": os.urandom(16).hex(),
            "SERVER_NAME": f"localhost:{port}",
            "PREFERRED_URL_SCHEME": "http",
            "SESSION_COOKIE_SECURE": False,
            "CANAILLE": {
                "DATABASE": "memory",
                "JAVASCRIPT": False,
                "AUTHENTICATION_FACTORS": factors,
                "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}},
            },
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [key.as_dict(private=True)]},
        }
    )
    with app.app_context():
        now = datetime.datetime.now(datetime.UTC)
        person = models.User(
            user_name=PERSON,
            formatted_name="Дана Садықова",
            family_name="Садықова",
            emails=["dana@example.kz"],
            password=PASSWORD,
            secret_token=OTP_SECRET.decode(),
            last_otp_login=now - datetime.timedelta(days=1),
        )
        client = models.Client(
            client_id=CLIENT,
            client_secret=SECRET,
            client_name="surveyapp",
            redirect_uris=[callback],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "profile"],
            token_endpoint_auth_method="client_secret_basic",
            client_id_issued_at=now,
        )
        for made in (person, client):
            Backend.instance.save(made)
    run_simple("localhost", int(port), app)


if __name__ == "__main__":
    main()
