"""Bad input by generation: whatever comes, no server error, a message, and nothing half-written."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from tests.channels.openrosa.conftest import Phone, enrolled
from tests.channels.openrosa.test_submission import visit
from tests.collecting import publish, untold

FEW = hypothesis_settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
RECORD = visit(instance="uuid:6f1c1d9e-52a5-4a11-8c3a-3b1d7f3f0e01", extra="<pet a='b'>x</pet>")
WHOLE = (
    b'--b\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="s.xml"\r\n'
    b"Content-Type: text/xml\r\n\r\n" + RECORD + b"\r\n--b\r\n"
    b'Content-Disposition: form-data; name="a.jpg"; filename="a.jpg"\r\n\r\nphoto\r\n--b--\r\n'
)
ANSWERS = {200, 201, 202, 204, 400, 404, 413}


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes with pieces cut out, doubled, replaced or put in."""
    content = whole
    for _blow in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 60)))
        piece = draw(
            st.one_of(
                st.binary(max_size=20),
                st.just(content[start:end] * 2),
                st.sampled_from(
                    [
                        b"\r\n--b\r\n",
                        b"--b--",
                        b"\x00",
                        b"<!DOCTYPE a>",
                        b"&x;",
                        b"<a>",
                        b"]]>",
                        b"\xff\xfe",
                    ]
                ),
            )
        )
        content = content[:start] + piece + content[end:]
    return content


@pytest.fixture
def phone(app: Flask) -> Phone:
    publish()
    return enrolled(app, language="kk")


@pytest.fixture
def left_before(app: Flask) -> set[str]:
    return untold()


def is_answered_well(reply: Any, left_before: set[str]) -> None:
    assert reply.status_code in ANSWERS
    assert reply.headers["X-OpenRosa-Version"] == "1.0"
    if reply.data and reply.mimetype == "text/xml":
        etree.fromstring(reply.data)
    assert b"Traceback" not in reply.data
    assert untold() <= left_before


@FEW
@given(body=damaged(WHOLE))
def test_a_damaged_request_is_answered(phone: Phone, left_before: set[str], body: bytes) -> None:
    content_type = "multipart/form-data; boundary=b"
    reply = phone.call("POST", "/submission", data=body, content_type=content_type)
    is_answered_well(reply, left_before)


@FEW
@given(xml=damaged(RECORD))
def test_a_damaged_record_is_answered(phone: Phone, left_before: set[str], xml: bytes) -> None:
    is_answered_well(phone.send(xml, {"a.jpg": b"photo"}), left_before)


@FEW
@given(
    content_type=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=80),
    authorization=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=120),
)
def test_strange_headers_are_answered(
    app: Flask, phone: Phone, left_before: set[str], content_type: str, authorization: str
) -> None:
    given_type = f"multipart/form-data;{content_type}"
    reply = phone.call("POST", "/submission", data=WHOLE, content_type=given_type)
    is_answered_well(reply, left_before)
    people = Phone(app, "/openrosa")
    for scheme in ("Digest ", "Basic ", ""):
        reply = people.get("/formList", headers={"Authorization": scheme + authorization})
        assert reply.status_code == 401


@FEW
@given(rest=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_strange_addresses_are_answered(app: Flask, phone: Phone, rest: str) -> None:
    for path in (f"/{rest}", f"/forms/{rest}", f"/forms/1/media/{rest}", f"/formList?formID={rest}"):
        reply = phone.get(path)
        assert reply.status_code in ANSWERS | {308}
