"""What `/field` serves: pages that are the same for everybody, a worker that names all a phone keeps."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.assets import FOR_EVER
from surveyapp.catalogue.models import Access
from surveyapp.extensions import db
from surveyapp.people import enrolments
from tests.accounts import browser
from tests.collecting import INVITED, QUESTIONNAIRE, publish


def kept(client: FlaskClient) -> dict[str, Any]:
    """What the service worker says that a phone keeps of the program."""
    script = client.get("/sw.js").get_data(as_text=True)
    told = re.match(r"self\.PROGRAM=(\{.*?\});", script)
    assert told
    return dict(json.loads(told.group(1)))


def test_everything_that_a_phone_keeps_is_there_and_never_changes(client: FlaskClient) -> None:
    program = kept(client)
    assert set(program["pages"]) == {"kk", "ru", "en"}
    for address in [*program["files"], *program["pages"].values()]:
        response = client.get(address, buffered=True)
        assert (response.status_code, response.headers["Cache-Control"]) == (200, FOR_EVER), address
    names = {re.sub(r".*/|\.js.*", "", address) for address in program["files"]}
    assert {"keeper", "field", "vault", "finishing", "outbox", "sending"} <= names


def test_the_page_under_no_mark_or_another_is_not_kept(client: FlaskClient) -> None:
    for address in ("/field", "/kk/field", "/kk/field?v=0123456789"):
        assert client.get(address).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("language", "word"), [("kk", "Далалық"), ("ru", "Полевая"), ("en", "Field")])
def test_the_page_and_its_launcher_speak_the_language(
    client: FlaskClient, language: str, word: str
) -> None:
    page = client.get("/field", headers={"Accept-Language": language}).get_data(as_text=True)
    assert f'<html lang="{language}">' in page and word in page
    manifest = client.get(f"/{language}/launcher/manifest.json").get_json()
    assert (manifest["lang"], manifest["start_url"], manifest["id"]) == (language, "/field", "/field")
    for icon in manifest["icons"]:
        assert client.get(icon["src"], buffered=True).mimetype == icon["type"]


def test_a_phone_is_told_what_it_keeps_of_its_questionnaires(app: Flask) -> None:
    publish()
    publish(INVITED, access=Access.PUBLIC)
    made = enrolments.enrol("phone", questionnaires=[QUESTIONNAIRE])
    db.session.commit()
    client = browser(app)
    assert client.get("/field/questionnaires").status_code == HTTPStatus.UNAUTHORIZED
    token = client.post("/api/v1/enrolments/redeem", json={"code": made.code}).get_json()["token"]
    answer = client.get("/field/questionnaires", headers={"Authorization": f"Bearer {token}"})
    [offer] = answer.get_json()["questionnaires"]
    assert (offer["id"], offer["version"], set(offer["titles"])) == (
        QUESTIONNAIRE,
        "1",
        {"kk", "ru", "en"},
    )
    for address in [*offer["pages"].values(), *offer["files"]]:
        response = client.get(address, buffered=True)
        assert (response.status_code, response.headers["Cache-Control"]) == (200, FOR_EVER), address
    assert sum("/logic/" in address for address in offer["files"]) >= len(offer["pages"])
