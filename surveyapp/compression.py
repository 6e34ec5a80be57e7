"""Brotli and gzip for text, by the application itself: a first visit is small behind any proxy.

What is the same for everybody and kept by phones is packed once, as well as it can be; what is made
for one request is packed by gzip, which takes less of the processor (docs/decisions/0025-brotli.md).

Public pages hold nothing that a page of another site could make them reflect beside a secret (no token
stands in a form; see docs/decisions/0008-answering-without-scripts.md), so compression gives nothing
away. The pages behind the sign-in do hold a token; they are left as they are.
"""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeAlias

import brotli
from flask import Flask, Response, request

from surveyapp.config import Settings

TEXT = frozenset(
    {
        "application/javascript",
        "application/json",
        "application/manifest+json",
        "application/problem+json",
        "image/svg+xml",
        "text/css",
        "text/html",
        "text/javascript",
    }
)
#: its forms carry a token, and its address says what stands beside it (BREACH)
UNCOMPRESSED = "/manage"
#: below this the header costs more than the saving
SMALLEST = 400
#: in the order of our liking, where the reader likes several as much
_CODINGS = ("br", "gzip", "identity")
#: beyond so many bytes the best quality keeps the first reader waiting for half a second and more
_MOST_AT_BEST = 128 * 1024
#: bytes that a process keeps packed; a questionnaire takes 10 to 40 thousand in three languages
MOST_PACKED = 4 * 1024 * 1024

Pack: TypeAlias = Callable[[bytes], bytes]


def _brotli(content: bytes) -> bytes:
    packed: bytes = brotli.compress(content, quality=11 if len(content) <= _MOST_AT_BEST else 9)
    return packed


def _gzip_hard(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=6, mtime=0)


#: for what is packed once; and for what is made for one request
_ONCE: Mapping[str, Pack] = {"br": _brotli, "gzip": _gzip_hard}
_EACH: Mapping[str, Pack] = {"gzip": _gzip}


@dataclass(slots=True)
class _Entry:
    lock: Lock = field(default_factory=Lock)
    packed: bytes = b""


class Packed:
    """What was packed, by content and coding: each once; those asked for last, up to so many bytes."""

    def __init__(self, most: int = MOST_PACKED) -> None:
        self._most = most
        self._lock = Lock()
        self._entries: OrderedDict[tuple[str, bytes], _Entry] = OrderedDict()

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return sum(len(entry.packed) for entry in self._entries.values())

    def of(self, content: bytes, coding: str) -> bytes:
        """A content in a coding; who asks while it is being packed waits for that."""
        key = (coding, hashlib.sha256(content).digest())
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
        with entry.lock:
            if not entry.packed:
                entry.packed = _ONCE[coding](content)
                self._make_room()
        return entry.packed

    def _make_room(self) -> None:
        with self._lock:
            while self.size > self._most:
                self._entries.popitem(last=False)


def register_compression(app: Flask, _settings: Settings) -> None:
    """Compress what is worth it, for browsers that say they can read it."""
    once = Packed()

    @app.before_request
    def join_nothing_weak() -> None:
        """A weak tag matches nothing in `If-Range` (RFC 9110, 13.1.5); Werkzeug thinks it does."""
        if request.headers.get("If-Range", "").startswith("W/"):
            request.environ.pop("HTTP_RANGE", None)

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype in TEXT and not request.path.startswith(UNCOMPRESSED):
            response.vary.add("Accept-Encoding")
            _pack(response, once)
        return response


def _pack(response: Response, once: Packed) -> None:
    is_kept = request.endpoint == "static" or "public" in response.headers.get("Cache-Control", "")
    coding = _coding(_ONCE if is_kept else _EACH)
    if not coding or "Content-Encoding" in response.headers:
        return
    if response.status_code == 304:
        _weaken(response)
    elif _worth_it(response):
        content = response.get_data()
        response.set_data(once.of(content, coding) if is_kept else _EACH[coding](content))
        response.headers["Content-Encoding"] = coding
        _weaken(response)


def _coding(offered: Mapping[str, Pack]) -> str:
    """The coding that the reader likes best of those offered; empty: the content as it is."""
    liked = {coding: request.accept_encodings.quality(coding) for coding in (*offered, "identity")}
    best = max(liked, key=lambda coding: (liked[coding], -_CODINGS.index(coding)))
    return best if best in offered and liked[best] > 0 else ""


def _worth_it(response: Response) -> bool:
    if response.status_code in {204, 206}:
        return False
    if request.endpoint == "static":
        response.direct_passthrough = False
    elif response.is_streamed:  # an export is streamed so that it is never whole in memory
        return False
    return len(response.get_data()) >= SMALLEST


def _weaken(response: Response) -> None:
    """The same file, but not byte for byte: no part of it may be joined with one in another coding."""
    etag, _is_weak = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)
    for name in ("Accept-Ranges", "Last-Modified"):
        response.headers.pop(name, None)
