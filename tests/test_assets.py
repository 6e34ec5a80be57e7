"""Static files may be kept for ever under their content's mark; text is compressed for whoever reads it."""

from __future__ import annotations

import gzip
import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveyapp.assets import FOR_AN_HOUR, FOR_EVER


def fetched(client: FlaskClient, address: str, **headers: str) -> TestResponse:
    """A response that has been read to its end, so that the file behind it is closed."""
    return client.get(address, headers=headers, buffered=True)


def marked(client: FlaskClient, name: str) -> str:
    page = client.get("/en/").get_data(as_text=True)
    match = re.search(rf"/static/{name}\?v=[0-9a-f]+", page)
    assert match
    return match.group()


def test_a_file_under_its_mark_is_kept_for_ever(client: FlaskClient) -> None:
    assert fetched(client, marked(client, "style.css")).headers["Cache-Control"] == FOR_EVER


def test_under_another_mark_or_none_it_is_not(client: FlaskClient) -> None:
    for address in ("/static/style.css", "/static/style.css?v=0000000000", "/static/style.css?v="):
        assert fetched(client, address).headers["Cache-Control"] == FOR_AN_HOUR


def test_a_missing_file_is_not_kept(client: FlaskClient) -> None:
    for name in ("nothing.css", "../assets.py", "%2e%2e/assets.py"):
        response = client.get(f"/static/{name}?v=")
        assert response.status_code == 404
        assert response.headers["Cache-Control"] == "no-store"


def test_pages_and_styles_are_compressed_for_those_who_can_read_it(client: FlaskClient) -> None:
    for address in ("/en/privacy", "/static/style.css"):
        plain = fetched(client, address)
        packed = fetched(client, address, **{"Accept-Encoding": "gzip, br"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
        assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]


def test_whoever_refuses_gzip_is_believed(client: FlaskClient) -> None:
    response = fetched(client, "/en/privacy", **{"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in response.headers


def test_a_compressed_file_that_is_still_the_same_is_not_sent_again(client: FlaskClient) -> None:
    packed = fetched(client, "/static/style.css", **{"Accept-Encoding": "gzip"})
    known = {"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]}
    again = fetched(client, "/static/style.css", **known)
    assert (again.status_code, again.data) == (304, b"")
