"""A phone with ODK Collect, as far as the server can see it."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from lxml import etree
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from surveyapp.people import devices
from surveyapp.people.devices import Purpose
from tests.accounts import browser
from tests.collecting import publish

SUCCESS = "full submission upload was successful!"
LIST = {"l": "http://openrosa.org/xforms/xformsList"}
MANIFEST = {"m": "http://openrosa.org/xforms/xformsManifest"}


def part(content: bytes, name: str, content_type: str) -> FileStorage:
    """A file as a part of a request."""
    return FileStorage(BytesIO(content), filename=name, content_type=content_type)


class Phone:
    """What ODK Collect does: GET, HEAD, and POST with the XML and files as parts."""

    def __init__(self, app: Flask, base: str, headers: Mapping[str, str] | None = None) -> None:
        self.app = app
        self.base = base
        self.headers = {
            "X-OpenRosa-Version": "1.0",
            "User-Agent": "org.odk.collect.android/v2026.1.0 Dalvik/2.1.0",
            **(headers or {}),
        }

    def call(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = self.headers | options.pop("headers", {})
        return browser(self.app).open(self.base + path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.call("GET", path, **options)

    def send(
        self,
        xml: bytes | None,
        files: Mapping[str, bytes] | None = None,
        *,
        incomplete: bool = False,
        **options: Any,
    ) -> TestResponse:
        parts: MultiDict[str, Any] = MultiDict()
        if incomplete:
            parts.add("*isIncomplete*", "yes")
        if xml is not None:
            parts.add("xml_submission_file", part(xml, "submission.xml", "text/xml"))
        for name, content in (files or {}).items():
            parts.add(name, part(content, name, "image/jpeg"))
        boundary, body = encode_multipart(parts)
        content_type = f"multipart/form-data; boundary={boundary}"
        return self.call("POST", "/submission", data=body, content_type=content_type, **options)

    def forms(self, query: str = "") -> list[dict[str, str]]:
        """The entries of the list, element by element."""
        reply = self.get(f"/formList{query}")
        assert reply.status_code == 200
        return [
            {etree.QName(part).localname: part.text or "" for part in entry}
            for entry in etree.fromstring(reply.data).findall("l:xform", LIST)
        ]


def message_of(reply: TestResponse) -> str:
    """The text that ODK Collect shows."""
    found = etree.fromstring(reply.data).find("{http://openrosa.org/http/response}message")
    assert found is not None
    return found.text or ""


def path_of(address: str) -> str:
    """The path of an absolute address of the test's server."""
    return address.removeprefix("http://localhost")


def enrolled(app: Flask, **options: Any) -> Phone:
    """A phone with a key."""
    made = devices.enrol("phone", Purpose.OPENROSA, **options)
    return Phone(app, f"/openrosa/{made.key}")


@pytest.fixture
def phone(app: Flask) -> Phone:
    """A phone in English that may fill in everything; one questionnaire is published."""
    publish()
    return enrolled(app, language="en")
