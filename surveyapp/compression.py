"""Gzip for text, done by the application itself: a first visit is small behind any proxy or none.

Public pages hold nothing that a page of another site could make them reflect beside a secret (no token
stands in a form; see docs/decisions/0008-answering-without-scripts.md), so compression gives nothing
away. The pages behind the sign-in do hold a token; they are left as they are.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

from surveyapp.config import Settings

TEXT = frozenset(
    {
        "application/javascript",
        "application/json",
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


def register_compression(app: Flask, _settings: Settings) -> None:
    """Compress what is worth it, for browsers that say they can read it."""

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype in TEXT and not request.path.startswith(UNCOMPRESSED):
            response.vary.add("Accept-Encoding")
            if request.accept_encodings["gzip"] > 0 and _worth_it(response):
                _compress(response)
        return response


def _worth_it(response: Response) -> bool:
    if response.status_code in {204, 206, 304} or "Content-Encoding" in response.headers:
        return False
    if request.endpoint == "static":
        response.direct_passthrough = False
    elif response.is_streamed:  # an export is streamed so that it is never whole in memory
        return False
    return len(response.get_data()) >= SMALLEST


def _compress(response: Response) -> None:
    response.set_data(gzip.compress(response.get_data(), compresslevel=6, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    etag, _weak = response.get_etag()
    if etag:  # the same file, but no longer byte for byte
        response.set_etag(etag, weak=True)
