"""Sends requests over some connections that are kept open, and takes the time of each.

One thread waits for all connections, so that the generator takes as little as it can from the server's cores.
"""

from __future__ import annotations

import selectors
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


@dataclass(slots=True)
class Load:
    """What came of some requests."""

    seconds: float = 0.0
    #: of each request, in milliseconds
    latencies: list[float] = field(default_factory=list, repr=False)
    #: status → how often
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """Milliseconds within which this share of the answers came."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Connection:
    """One connection and the request that it waits for."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.began = 0.0

    def send(self, request: bytes) -> None:
        self.began = perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int | None:
        """Read what is there; the status when the answer is whole. Raises ConnectionError."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the server closed a connection")
        self.received += data
        head, end, body = self.received.partition(_HEAD_END)
        if not end or len(body) < _length(head):
            return None
        self.received = b""
        return int(head[9:12])


def _length(head: bytes) -> int:
    low = head.lower()
    at = low.find(_LENGTH)
    return int(low[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def drive(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send all requests, each connection its next one as soon as it is answered."""
    load, left = Load(), iter(requests)
    with selectors.DefaultSelector() as selector:
        opened = [_Connection(port) for _each in range(connections)]
        start = perf_counter()
        for connection in opened:
            _next(selector, connection, left, is_new=True)
        while selector.get_map():
            for key, _events in selector.select():
                _answer(selector, key.data, left, load)
        load.seconds = perf_counter() - start
    for connection in opened:
        connection.socket.close()
    return load


def _answer(
    selector: selectors.BaseSelector, connection: _Connection, left: Iterator[bytes], load: Load
) -> None:
    status = connection.receive()
    if status is None:
        return
    load.latencies.append((perf_counter() - connection.began) * 1000)
    load.statuses[status] += 1
    _next(selector, connection, left)


def _next(
    selector: selectors.BaseSelector,
    connection: _Connection,
    left: Iterator[bytes],
    *,
    is_new: bool = False,
) -> None:
    request = next(left, None)
    if request is None:
        if not is_new:
            selector.unregister(connection.socket)
        return
    if is_new:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    connection.send(request)


def request(method: str, path: str, headers: Sequence[str] = (), body: bytes = b"") -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + _HEAD_END + body


def submission(path: str, xml: bytes, files: Sequence[tuple[str, str, bytes]] = ()) -> bytes:
    """A record as ODK Collect posts it; of each file its name, type and content."""
    mark = "----performance7d1f"
    parts = [("xml_submission_file", "submission.xml", "text/xml", xml)]
    parts += [(name, name, kind, content) for name, kind, content in files]
    body = b"".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; '
        f'filename="{filename}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, filename, kind, content in parts
    )
    body += f"--{mark}--\r\n".encode()
    kind = f"Content-Type: multipart/form-data; boundary={mark}"
    return request("POST", f"{path}/submission", ["X-OpenRosa-Version: 1.0", kind], body)
