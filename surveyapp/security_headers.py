"""Headers of every response: nothing is cached, framed, sniffed or loaded from elsewhere by default."""

from __future__ import annotations

from flask import Flask, Response

from surveyapp.config import Settings
from surveyapp.cookies import came_over_https

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not `no-referrer`: with it browsers send `Origin: null` along with our own forms
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
#: of responses over https
STRICT = {"Strict-Transport-Security": "max-age=31536000"}


def headers_of(*, over_https: bool) -> dict[str, str]:
    """The headers of a response that sets none of them itself."""
    return HEADERS | STRICT if over_https else HEADERS


#: for a page that our own pages show in a frame, and for one that shows such a frame
FRAMED = {
    "Content-Security-Policy": POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    "X-Frame-Options": "SAMEORIGIN",
}
FRAMING = {"Content-Security-Policy": f"{POLICY}; frame-src 'self'"}


def register_security_headers(app: Flask, _settings: Settings) -> None:
    """Add the headers to every response; one that set a header itself, on purpose, keeps it."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        present = {name.lower() for name, _value in response.headers}
        wanted = headers_of(over_https=came_over_https())
        for name, value in wanted.items():
            if name.lower() not in present:
                response.headers.add(name, value)
        return response
