"""HTTP as a phone speaks it, on sockets of its own, and the requests that it makes of records."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.faults.records import Photo, Record, as_json, as_xml

#: seconds until a phone gives a connection up
PATIENCE = 60.0
BOUNDARY = "----surveyapp-faults"
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request, whose bytes are made once."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    def as_bytes(self, host: str, *, is_kept: bool = False) -> bytes:
        """What goes over the wire; whether the connection is kept for the next one."""
        headers = {"Host": host, "Content-Length": str(len(self.body))}
        if not is_kept:
            headers["Connection"] = "close"
        lines = [f"{self.method} {self.path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in {**headers, **self.headers}.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


class Line:
    """One kept connection to a server; broken, it is made anew for the next request."""

    def __init__(self, address: str) -> None:
        self.host = urlsplit(address).netloc
        self._connection = http.client.HTTPConnection(self.host, timeout=PATIENCE)

    def ask(self, request: Request) -> Answer:
        """Send a request and wait for its answer. Raises OSError, http.client.HTTPException."""
        try:
            self._connection.request(request.method, request.path, request.body, dict(request.headers))
            answer = self._connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, headers, answer.read())
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def answer_on(line: socket.socket) -> Answer:
    """The answer on a connection that is closed after it. Raises OSError when there is none."""
    received = bytearray()
    while piece := line.recv(65536):
        received += piece
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1."):
        raise ConnectionError("no answer")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _colon, value in pairs}
    return Answer(int(first.split(" ")[1]), headers, body)


def connected(address: str) -> socket.socket:
    """A connection to a server."""
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE)


# --- what phones ask --------------------------------------------------------------------------------


def batch(token: str, records: Sequence[Record], **others: Any) -> Request:
    """Records by the JSON API."""
    return batch_of(token, [written(as_json(record)) for record in records], **others)


def batch_of(token: str, items: Sequence[bytes], **others: Any) -> Request:
    """Items, each as its bytes, by the JSON API."""
    members = [b"%s:%s" % (written(name), written(value)) for name, value in others.items()]
    body = b"{%s}" % b",".join([*members, b'"submissions":[%s]' % b",".join(items)])
    headers = _bearer(token) | {"Content-Type": "application/json"}
    return Request("POST", "/api/v1/submissions", headers, body)


def written(value: Any) -> bytes:
    """A value as phones write JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def missing(token: str, record: Record) -> Request:
    """Which files are still to come."""
    return Request("GET", f"/api/v1/submissions/{record.id}/missing", _bearer(token))


def upload(token: str, photo: Photo) -> Request:
    """The beginning of an upload."""
    told = base64.b64encode(photo.sha256.encode()).decode()
    headers = {"Upload-Length": str(len(photo.content)), "Upload-Metadata": f"sha256 {told}"}
    return Request("POST", "/api/v1/uploads", _bearer(token) | TUS | headers)


def offset(token: str, location: str) -> Request:
    """How far an upload is."""
    return Request("HEAD", location, _bearer(token) | TUS)


def piece(token: str, location: str, start: int, content: bytes) -> Request:
    """Bytes of an upload."""
    headers = {"Upload-Offset": str(start), "Content-Type": "application/offset+octet-stream"}
    return Request("PATCH", location, _bearer(token) | TUS | headers, content)


def post(key: str, record: Record, files: Sequence[Photo] = ()) -> Request:
    """A record by OpenRosa, with those of its files."""
    parts = [_part("xml_submission_file", "submission.xml", "text/xml", as_xml(record))]
    parts += [_part(file.name, file.name, "image/png", file.content) for file in files]
    return multipart(key, b"".join(parts) + f"--{BOUNDARY}--\r\n".encode())


def multipart(key: str, body: bytes) -> Request:
    """A body of parts, to OpenRosa's address."""
    headers = {
        "X-OpenRosa-Version": "1.0",
        "User-Agent": "org.odk.collect.android/v2026.1.0",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    return Request("POST", f"/openrosa/{key}/submission", headers, body)


def _part(name: str, filename: str, kind: str, content: bytes) -> bytes:
    head = (
        f"--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    )
    return head.encode() + content + b"\r\n"


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
