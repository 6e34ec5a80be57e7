"""Somebody with an authenticator app, for the tests of second factors."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveyapp.database import utc_now
from surveyapp.people import totp
from surveyapp.wiring import settings_of
from tests.accounts import token_of

OVERVIEW = "/manage/second-factor"
APP = "/manage/second-factor/app"
SECOND = "/manage/sign-in/second"
CONFIRM = "/manage/confirm"


@contextmanager
def second_factor_required(app: Flask) -> Iterator[None]:
    """The setting as it is outside these tests."""
    before = settings_of(app)
    app.config["SETTINGS"] = replace(before, second_factor=True)
    yield
    app.config["SETTINGS"] = before


def shown_secret(client: FlaskClient) -> bytes:
    """The secret on the page that sets an app up, as somebody types it."""
    html = client.get(APP).get_data(as_text=True)
    found = re.search(r'class="code secret">([A-Z2-7 ]+)<', html)
    assert found, html
    assert all(len(group) == 4 for group in found[1].split())
    return base64.b32decode(found[1].replace(" ", ""))


def code_of(secret: bytes, steps: int = 0) -> str:
    """The code that the app shows, or showed or will show some steps from now."""
    return totp.code_at(secret, totp.counter_at(utc_now()) + steps)


def send(client: FlaskClient, page: str, **form: str) -> TestResponse:
    """Send a form with the token that the overview has."""
    return client.post(page, data={"csrf_token": token_of(client, OVERVIEW), **form})


def set_up_app(client: FlaskClient) -> tuple[bytes, list[str]]:
    """Set an app up as the signed-in person does; its secret, and the recovery codes."""
    secret = shown_secret(client)
    answer = send(client, APP, code=code_of(secret))
    return secret, codes_on(answer)


def codes_on(answer: TestResponse) -> list[str]:
    """The recovery codes on a page."""
    return [
        unescape(code)
        for code in re.findall(r'<li class="code">([^<]+)</li>', answer.get_data(as_text=True))
    ]


def give_second(client: FlaskClient, code: str) -> TestResponse:
    """What the second step answers to a code, to somebody who has given the password."""
    return client.post(SECOND, data={"csrf_token": token_of(client, SECOND), "code": code})
