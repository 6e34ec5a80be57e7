"""Connections on which bad requests are sent one after the other, as phones and proxies keep theirs open.

A request that says `Connection: close`, or whose end may be understood in two ways, has one of its own.
"""

from __future__ import annotations

import re
import select
import socket
from contextlib import suppress

from tests.faults import wire

_CLOSE = b"\r\nConnection: close"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_GOODBYE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_EMPTY = {b"204", b"304"}


class Asker:
    """One sender's connections; `ask` gives all bytes that came back for a request."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._line: socket.socket | None = None

    def ask(self, request: bytes, *, is_gone: bool = False) -> bytes:
        """What came back; nothing when the server hung up at once.

        `is_gone`: the sender ends its side when it has sent, so that a server need not wait for bytes
        that were announced and do not come.
        """
        head = request.partition(b"\r\n\r\n")[0]
        if _CLOSE in head or is_gone:
            return self._alone(request, is_gone=is_gone)
        return self._on_kept(request)

    def close(self) -> bytes:
        """Hang up; what still came: there should be nothing."""
        late = self._late()
        self._hang_up()
        return late

    def _hang_up(self) -> None:
        if self._line:
            self._line.close()
            self._line = None

    def _alone(self, request: bytes, *, is_gone: bool) -> bytes:
        received = bytearray()
        with wire.connected(self._address) as line, suppress(OSError):
            # it may answer before it has read all; what came before the reset counts
            line.sendall(request)
            if is_gone:
                line.shutdown(socket.SHUT_WR)
            while piece := line.recv(65536):
                received += piece
        return bytes(received)

    def _on_kept(self, request: bytes) -> bytes:
        late = self._late()
        answer = _answer(self._line, request) if self._line else b""
        if not answer:  # the server let a kept connection go meanwhile
            self._hang_up()
            self._line = wire.connected(self._address)
            answer = _answer(self._line, request)
        if not _is_whole(answer, request) or _GOODBYE.search(_head(answer)):
            self._hang_up()
        return late + answer

    def _late(self) -> bytes:
        """What came without being asked for; the connection is let go when the server has ended it."""
        if self._line is None or not select.select([self._line], [], [], 0)[0]:
            return b""
        came = b""
        with suppress(OSError):
            came = self._line.recv(65536)
        if not came:
            self._hang_up()
        return came


def _answer(line: socket.socket, request: bytes) -> bytes:
    received = bytearray()
    with suppress(OSError):
        line.sendall(request)
    with suppress(OSError):
        while not _is_whole(received, request) and (piece := line.recv(65536)):
            received += piece
    return bytes(received)


def _head(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[0]


def _is_whole(answer: bytes | bytearray, request: bytes) -> bool:
    """Whether it has come to its end (RFC 9112, 6.3)."""
    head, end, body = bytes(answer).partition(b"\r\n\r\n")
    if not end:
        return False
    if head[9:12] == b"100":
        return _is_whole(body, request)
    if request.startswith(b"HEAD ") or head[9:12] in _EMPTY:
        return True
    if _CHUNKED.search(head):
        return body.endswith(b"0\r\n\r\n")
    length = _LENGTH.search(head)
    return length is not None and len(body) >= int(length[1])
