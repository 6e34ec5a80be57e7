"""What a person sees when something went wrong."""

from __future__ import annotations

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
