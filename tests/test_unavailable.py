"""A database that does not answer: everybody is told to come again, in their own format and language."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp import create_app
from surveyapp.config import Settings
from surveyapp.people import devices

KEY = "this-key-stands-in-no-log"
NOWHERE = ("sqlite:////nowhere/survey.sqlite3", "postgresql://nobody@/survey?host=/nowhere")


@pytest.fixture(params=NOWHERE)
def cut_off(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database is not there."""
    settings = {"DATABASE_URL": request.param, "INSTANCE_PATH": str(tmp_path), "DEMONSTRATION": "yes"}
    yield create_app(Settings.from_environment(settings))


@pytest.fixture
def caller(cut_off: Flask) -> FlaskClient:
    """Somebody who calls it."""
    return cut_off.test_client()


def test_a_phone_is_told_to_come_again_with_its_records(caller: FlaskClient) -> None:
    reply = caller.post(
        "/api/v1/submissions",
        json={"submissions": []},
        headers={"Authorization": "Bearer x", "Accept-Language": "ru"},
    )
    assert (reply.status_code, reply.mimetype) == (503, "application/problem+json")
    assert int(reply.headers["Retry-After"]) > 0
    assert reply.headers["Content-Language"] == "ru"


def test_collect_is_told_to_come_again_with_its_records(caller: FlaskClient) -> None:
    reply = caller.post(f"/openrosa/{KEY}/submission")
    assert (reply.status_code, reply.mimetype) == (503, "text/xml")
    assert int(reply.headers["Retry-After"]) > 0
    assert b"<message" in reply.data


def test_a_family_gets_a_page_in_its_language(caller: FlaskClient) -> None:
    reply = caller.get("/kk/q/family_survey")
    assert reply.status_code == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert 'lang="kk"' in reply.text


def test_no_key_of_an_address_reaches_the_log(
    caller: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caller.get(f"/openrosa/{KEY}/formList")
    assert caplog.records
    assert KEY not in caplog.text


def test_no_key_of_an_address_reaches_the_log_when_the_program_fails(
    caller: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "holder_of", lambda *_arguments: 1 / 0)
    caplog.set_level(logging.DEBUG)
    reply = caller.get(f"/openrosa/{KEY}/formList")
    assert reply.status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert KEY not in caplog.text
