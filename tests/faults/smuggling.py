"""Requests whose length can be understood in two ways, with a second request hidden in them."""

from __future__ import annotations

from random import Random

#: stands in each of them
MARK = b"X-Hidden: yes"
_HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n" % MARK
_LENGTHS = (
    "Content-Length: {n}\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: {n}",
    "Content-Length: 0\r\nContent-Length: {n}",
    "Content-Length: {n}, {n}",
    "Content-Length: +{n}",
    "Content-Length: {n}a",
    "Content-Length: 0x{n}",
    "Content-Length: -{n}",
    "Content-Length : {n}",
    "Content_Length: {n}",
    "Content-Length:\t{n}",
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: identity, chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding:\x0bchunked",
    " Transfer-Encoding: chunked",
    "X: y\r\n Transfer-Encoding: chunked",
    "X: y\nTransfer-Encoding: chunked",
    "Content-Length: 99999999999999999999",
)
_CHUNKS = (
    b"0\r\n\r\n",
    b"5;x=y\r\nhello\r\n0\r\n\r\n",
    b"-1\r\n\r\n",
    b"0x5\r\nhello\r\n0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"5\nhello\n0\n\n",
    b"",
)


def request(random: Random, path: str) -> bytes:
    """One of them; it asks for the connection to be closed, so that one answer is right."""
    body = random.choice(_CHUNKS) + _HIDDEN
    length = random.choice(_LENGTHS).format(n=random.choice((0, 5, len(body))))
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{length}\r\n\r\n"
    return head.encode("latin-1") + body
