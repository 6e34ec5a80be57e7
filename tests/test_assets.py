"""Static files may be kept for ever under their content's mark; text is compressed for whoever reads it."""

from __future__ import annotations

import gzip
import random
import re
from concurrent.futures import ThreadPoolExecutor

import brotli
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from surveyapp.assets import FOR_AN_HOUR, FOR_EVER
from surveyapp.compression import Packed

STYLE = "/static/style.css"
#: text, and sent from its file as it is
SCRIPT = "/static/exit.js"


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


def unpacked(response: TestResponse) -> bytes:
    ways = {"br": brotli.decompress, "gzip": gzip.decompress}
    content: bytes = ways[response.headers["Content-Encoding"]](response.data)
    return content


def without_its_moment(content: bytes) -> bytes:
    """A page without what is new in each."""
    return re.sub(rb'name="started" value="[^"]*"', b"", content)


def test_pages_and_styles_are_compressed_for_those_who_can_read_it(client: FlaskClient) -> None:
    for address, coding in (("/en/privacy", "gzip"), ("/static/style.css", "br")):
        plain = fetched(client, address)
        packed = fetched(client, address, **{"Accept-Encoding": "gzip, deflate, br, zstd"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == coding
        assert without_its_moment(unpacked(packed)) == without_its_moment(plain.data)
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
        assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("br", "br"),
        ("gzip", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br;q=0, *", "gzip"),
        ("*", "br"),
        ("gzip;q=0", None),
        ("br;q=0, gzip;q=0, *", None),
        ("*;q=0", None),
        ("identity", None),
        ("identity;q=1, br;q=0.5", None),
        ("identity;q=0.5, br", "br"),
        ("", None),
        ("deflate", None),
    ],
)
def test_the_coding_is_the_one_that_the_reader_likes_best(
    client: FlaskClient, accepted: str, coding: str | None
) -> None:
    response = fetched(client, "/static/style.css", **{"Accept-Encoding": accepted})
    assert response.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in response.headers["Vary"]


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_a_compressed_file_that_is_still_the_same_is_not_sent_again(
    client: FlaskClient, coding: str
) -> None:
    packed = fetched(client, "/static/style.css", **{"Accept-Encoding": coding})
    known = {"Accept-Encoding": coding, "If-None-Match": packed.headers["ETag"]}
    again = fetched(client, "/static/style.css", **known)
    assert (again.status_code, again.data) == (304, b"")
    # weak, since one in another coding has the same
    assert (
        again.headers["ETag"] == packed.headers["ETag"] == f"W/{fetched(client, STYLE).headers['ETag']}"
    )
    assert "Accept-Encoding" in again.headers["Vary"]


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_asked_for_its_head_a_file_tells_the_length_of_what_would_come(
    client: FlaskClient, coding: str
) -> None:
    told = client.head(STYLE, headers={"Accept-Encoding": coding})
    whole = fetched(client, STYLE, **{"Accept-Encoding": coding})
    assert told.data == b""
    for name in ("Content-Encoding", "Content-Length", "ETag", "Vary"):
        assert told.headers[name] == whole.headers[name]


def test_a_part_of_a_file_is_of_the_file_as_it_is(client: FlaskClient) -> None:
    whole = fetched(client, SCRIPT)
    part = fetched(client, SCRIPT, **{"Accept-Encoding": "br", "Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    assert "Content-Encoding" not in part.headers


def test_a_packed_file_offers_no_parts_and_none_is_joined_to_it(client: FlaskClient) -> None:
    packed = fetched(client, SCRIPT, **{"Accept-Encoding": "br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert not {"Accept-Ranges", "Last-Modified"} & set(packed.headers.keys())
    wanted = {"Accept-Encoding": "br", "Range": "bytes=10-19", "If-Range": packed.headers["ETag"]}
    assert fetched(client, SCRIPT, **wanted).status_code == 200


def test_what_is_packed_is_kept_up_to_its_limit() -> None:
    contents = [random.Random(seed).randbytes(1000) for seed in range(12)]  # noqa: S311
    packed = Packed(most=5000)
    for _again in range(2):
        for content in contents:
            assert brotli.decompress(packed.of(content, "br")) == content
            assert gzip.decompress(packed.of(content, "gzip")) == content
            assert packed.size <= 5000
    assert packed.size > 3000


def test_what_is_asked_for_again_is_not_packed_again() -> None:
    packed = Packed()
    with ThreadPoolExecutor(8) as readers:
        found = list(readers.map(lambda _each: packed.of(b"the same " * 1000, "br"), range(64)))
    assert all(each is found[0] for each in found)
