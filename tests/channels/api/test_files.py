"""`/api/v1/submissions/{id}/attachments`: downloads, for those who may have them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from surveyapp.people.rights import RoleName
from surveyapp.submissions import reviewing
from tests.channels.api.conftest import Call, caller
from tests.channels.api.test_uploads import address_of, begin, patch, send, sha256_of, with_file
from tests.files import pictures


@pytest.fixture
def sent(call: Call) -> dict[str, Any]:
    """A record whose photograph has come."""
    content = pictures.jpeg()
    given = with_file(content)
    given["answers"]["photo"] = "a.jpg"
    patch(call, address_of(begin(call, content)), 0, content)
    assert send(call, given)["complete"]
    return given


def get(call: Call, sent: dict[str, Any], method: str = "GET", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    address = f"/submissions/{sent['id']}/attachments/{sent['attachments'][0]['sha256']}"
    return call(method, address, headers=named)


def test_a_file_is_a_download_and_nothing_else(call: Call, sent: dict[str, Any]) -> None:
    got = get(call, sent)
    assert (got.status_code, got.mimetype) == (HTTPStatus.OK, "image/jpeg")
    assert got.headers["Content-Disposition"] == "attachment; filename=a.jpg"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Cache-Control"] == "no-store"
    assert int(got.headers["Content-Length"]) == len(got.data)
    assert got.data.startswith(b"\xff\xd8\xff")
    assert pictures.PLACE not in got.data


@pytest.mark.parametrize(
    ("wanted", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=100-", 100, None), ("bytes=-20", -20, None)],
)
def test_a_part_can_be_asked_for(
    call: Call, sent: dict[str, Any], wanted: str, start: int, end: int | None
) -> None:
    whole = get(call, sent).data
    part = get(call, sent, Range=wanted)
    assert (part.status_code, part.data) == (HTTPStatus.PARTIAL_CONTENT, whole[start:end])


def test_a_part_beyond_the_end_is_refused(call: Call, sent: dict[str, Any]) -> None:
    refused = get(call, sent, Range="bytes=999999-")
    assert refused.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE


def test_what_the_caller_has_is_not_sent_again(call: Call, sent: dict[str, Any]) -> None:
    etag = get(call, sent, "HEAD").headers["ETag"]
    assert get(call, sent, If_None_Match=etag).status_code == HTTPStatus.NOT_MODIFIED
    assert get(call, sent, If_None_Match='"other"').status_code == HTTPStatus.OK


def test_only_the_sender_and_administrators_get_it(call: Call, sent: dict[str, Any], app: Flask) -> None:
    stranger = caller(app, "aigul", RoleName.INTERVIEWER)
    administrator = caller(app, "saule", RoleName.ADMINISTRATOR)
    assert get(stranger, sent).status_code == HTTPStatus.NOT_FOUND
    listed = f"/submissions/{sent['id']}/attachments"
    assert stranger("GET", listed).status_code == HTTPStatus.NOT_FOUND
    assert get(administrator, sent).status_code == HTTPStatus.OK
    (file,) = administrator("GET", listed).get_json()["attachments"]
    assert file["name"] == "a.jpg"
    assert (file["sha256"], file["size"]) == (sha256_of(pictures.jpeg()), len(pictures.jpeg()))
    assert (file["kind"], file["fault"], file["is_held"]) == ("image/jpeg", None, True)


@pytest.mark.parametrize("put_away", [reviewing.delete, reviewing.block])
def test_what_is_deleted_or_blocked_is_read_by_no_token(
    call: Call, sent: dict[str, Any], app: Flask, put_away: Callable[[UUID], None]
) -> None:
    administrator = caller(app, "saule", RoleName.ADMINISTRATOR)
    assert get(administrator, sent).status_code == HTTPStatus.OK
    put_away(UUID(sent["id"]))
    listed = f"/submissions/{sent['id']}/attachments"
    for somebody in (administrator, call):
        assert get(somebody, sent).status_code == HTTPStatus.NOT_FOUND
        assert somebody("GET", listed).status_code == HTTPStatus.NOT_FOUND


def test_other_kinds_are_not_said(call: Call) -> None:
    content = b"<html><script>alert(1)</script></html>"
    given = with_file(content)
    patch(call, address_of(begin(call, content)), 0, content)
    send(call, given)
    got = get(call, given)
    assert (got.mimetype, got.data) == ("application/octet-stream", content)


@pytest.mark.parametrize("sha256", ["ab" * 32, "x", "%2e%2e"])
def test_what_is_not_there_is_not_found(call: Call, sent: dict[str, Any], sha256: str) -> None:
    found = call("GET", f"/submissions/{sent['id']}/attachments/{sha256}")
    assert found.status_code == HTTPStatus.NOT_FOUND
