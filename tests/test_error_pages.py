"""What a person sees when something went wrong."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.people.access import ANYONE, allow


@pytest.mark.parametrize(
    ("address", "language"),
    [
        ("/kk/nowhere", "kk"),
        ("/ru/nowhere", "ru"),
        ("/en/q/nothing", "en"),
        ("/de/", "ru"),
        ("/x", "ru"),
    ],
)
def test_a_missing_page_speaks_the_language_of_the_address_or_of_the_browser(
    client: FlaskClient, address: str, language: str
) -> None:
    response = client.get(address, headers={"Accept-Language": "ru"})
    assert response.status_code == 404
    assert f'<html lang="{language}">' in response.get_data(as_text=True)
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("address", ["/kk/q/nothing", "/kk/q/family_survey/nothing"])
def test_in_a_questionnaire_the_way_out_and_the_help_stay_and_no_survey_is_named(
    client: FlaskClient, address: str
) -> None:
    page = client.get(address).get_data(as_text=True)
    assert '<a class="exit" href="/kk/exit" data-exit>' in page
    assert re.findall(r'href="tel:(\d+)"', page) == ["111", "112"]
    assert '<a class="name"' not in page


def test_elsewhere_there_is_nothing_to_flee_from(client: FlaskClient) -> None:
    page = client.get("/kk/nowhere").get_data(as_text=True)
    assert "data-exit" not in page
    assert "tel:" not in page


@pytest.mark.parametrize("address", ["/api/v1/nothing", "/api/v1/submissions"])
def test_programs_are_answered_in_their_own_format(client: FlaskClient, address: str) -> None:
    response = client.delete(address)
    assert response.status_code in {404, 405}
    assert response.mimetype == "application/problem+json"


def test_the_allowed_methods_are_still_told(client: FlaskClient) -> None:
    response = client.delete("/kk/")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert response.mimetype == "text/html"


def test_a_failure_of_ours_shows_no_traceback(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    @allow(ANYONE)
    def fails(lang: str) -> str:
        raise RuntimeError(f"secret of {lang}")

    monkeypatch.setitem(app.view_functions, "pages.privacy", fails)
    monkeypatch.setattr(app, "testing", False)
    response = app.test_client().get("/kk/privacy")
    page = response.get_data(as_text=True)
    assert response.status_code == 500
    assert '<html lang="kk">' in page
    assert "secret" not in page and "Traceback" not in page
