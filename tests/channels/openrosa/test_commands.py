"""`surveyapp device …`: the address, and the QR code that ODK Collect reads."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from surveyapp.channels.openrosa import collect_settings
from surveyapp.people import devices
from surveyapp.people.devices import Purpose
from tests.accounts import make_user
from tests.channels.openrosa.conftest import Phone
from tests.collecting import publish


def unpacked(text: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(text, validate=True)))


def test_enrolling_prints_an_address_that_works(app: Flask, tmp_path: Path) -> None:
    publish()
    png, svg = tmp_path / "qr.png", tmp_path / "qr.svg"
    outcome = app.test_cli_runner().invoke(
        args=[
            *("device", "enrol", "kostanay-7", "--questionnaire", "visit", "--language", "ru"),
            *("--png", str(png), "--svg", str(svg)),
        ]
    )
    assert outcome.exit_code == 0, outcome.output
    found = re.search(r"Address  http://127\.0\.0\.1:8000(\S+)", outcome.output)
    assert found
    assert [form["formID"] for form in Phone(app, found[1]).forms()] == ["visit"]
    assert png.read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in svg.read_bytes()
    assert "▀" in outcome.output


def test_the_code_holds_the_settings_as_collect_reads_them() -> None:
    settings = collect_settings.collect_settings(
        "https://survey.example.kz/openrosa/key", project="Балалар", language="ru"
    )
    read = unpacked(collect_settings.packed(settings))
    assert read["general"]["server_url"] == "https://survey.example.kz/openrosa/key"
    assert read["general"]["form_update_mode"] == "match_exactly"
    assert read["general"]["app_language"] == "ru"
    assert read["project"]["name"] == "Балалар"
    assert {"general", "admin"} <= read.keys()


def test_kazakh_is_left_to_the_phone_since_collect_does_not_ship_it() -> None:
    settings = collect_settings.collect_settings("https://x", project="x", language="kk")
    assert "app_language" not in settings["general"]


def test_devices_are_listed_and_revoked(app: Flask) -> None:
    make_user("erlan")
    made = devices.enrol("phone", Purpose.OPENROSA, username="erlan")
    run = app.test_cli_runner().invoke
    assert f"{made.id}  phone  all  never seen  of erlan" in run(args=["device", "list"]).output
    assert "no access any more" in run(args=["device", "revoke", str(made.id)]).output
    assert "revoked 20" in run(args=["device", "list"]).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["device", "enrol", "x", "--questionnaire", "nowhere"], "no questionnaire “nowhere”"),
        (["device", "enrol", "x", "--user", "nobody"], "no user “nobody”"),
        (["device", "enrol", "x", "--png", "/nowhere/x.png"], "/nowhere/x.png"),
        (["device", "revoke", "77"], "no device 77"),
        (["user", "collect-password", "nobody"], "no user “nobody”"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(app: Flask, arguments: list[str], said: str) -> None:
    outcome = app.test_cli_runner().invoke(args=arguments)
    assert outcome.exit_code != 0
    assert said in outcome.output
    assert "Traceback" not in outcome.output
