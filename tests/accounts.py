"""Somebody with an account in front of a browser, for the tests of what lies behind the sign-in."""

from __future__ import annotations

import re
from contextvars import Context
from html import unescape
from typing import Any

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveyapp.extensions import db
from surveyapp.people import service
from surveyapp.people.rights import RoleName

PASSWORD = "бес-алты жеті 89"
SIGN_IN = "/manage/sign-in"
SIGN_OUT = "/manage/sign-out"
CHANGE_PASSWORD = "/manage/password"
LINK = "/manage/link"


class Browser(FlaskClient):
    """A client whose requests share nothing with the test or with one another, as on a real server.

    Inside the application context of a fixture they would share `g`, and with it who is signed in and
    whether a form's token was good. What the test has read or written must be committed before: its
    transaction ends here.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.rollback()
        return Context().run(super().open, *args, **kwargs)


def browser(app: Flask, address: str = "127.0.0.1") -> Browser:
    """A new browser at an address: nobody is signed in, no cookie is set."""
    client = Browser(app, app.response_class, use_cookies=True)
    client.environ_base["REMOTE_ADDR"] = address
    return client


def make_user(name: str = "aigerim", *roles: RoleName) -> str:
    """An account with the password of these tests; without a role it has those of the first account."""
    service.add_user(name, roles or service.FIRST_ROLES, PASSWORD)
    return name


def token_of(client: FlaskClient, page: str = SIGN_IN, **headers: str) -> str:
    """The CSRF token in a page's form."""
    html = client.get(page, headers=headers, follow_redirects=True).get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', html)
    assert found, f"no form on {page}"
    return unescape(found[1])


def sign_in(
    client: FlaskClient, name: str = "aigerim", password: str = PASSWORD, **headers: str
) -> TestResponse:
    """What the sign-in form answers to a name and a password."""
    form = {"csrf_token": token_of(client, **headers), "username": name, "password": password}
    return client.post(SIGN_IN, data=form, headers=headers)


def choose_password(
    client: FlaskClient, link: str, password: str = PASSWORD, again: str | None = None
) -> TestResponse:
    """What the page of a one-time link answers to a password."""
    form = {"word": link.split("word=")[1], "new_password": password}
    token = token_of(client, link)
    return client.post(
        LINK, data={**form, "new_password_confirm": again or password, "csrf_token": token}
    )


def post(client: FlaskClient, page: str, form: dict[str, str] | None = None) -> TestResponse:
    """Send a form of somebody who is signed in, with its token."""
    return client.post(page, data={"csrf_token": token_of(client, CHANGE_PASSWORD), **(form or {})})


def is_signed_in(client: FlaskClient) -> bool:
    """Whether the first page of the administration opens."""
    return client.get("/manage").status_code == 200
