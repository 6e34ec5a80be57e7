"""A caller with a token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from surveyapp.people import tokens
from surveyapp.people.rights import RoleName
from surveyapp.people.tokens import Scope
from tests.accounts import browser, make_user
from tests.collecting import publish

Call: TypeAlias = Callable[..., TestResponse]


def caller(app: Flask, name: str, *roles: RoleName, scope: Scope = Scope.SUBMIT) -> Call:
    """Somebody new with a token (to submit), and what they call the API with."""
    make_user(name, *roles)
    token = tokens.create_token(name, [scope], label="test")

    def call(
        method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> TestResponse:
        given = {"Authorization": f"Bearer {token}", **(headers or {})}
        return browser(app).open(f"/api/v1{path}", method=method, headers=given, **options)

    return call


@pytest.fixture
def call(app: Flask) -> Call:
    """An interviewer calls the API; one questionnaire is published."""
    publish()
    return caller(app, "erlan", RoleName.INTERVIEWER)
