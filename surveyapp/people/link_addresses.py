"""Where one-time links lead, as an address and as a picture."""

from __future__ import annotations

import segno
from flask import has_request_context, request
from markupsafe import Markup

from surveyapp.wiring import settings_of

PATH = "/manage/link"


def address_of(word: str) -> str:
    """The whole address: by `PUBLIC_URL`, else by the request, else where this server listens.

    The word stands in the query, which no log of ours keeps.
    """
    return f"{_base()}{PATH}?word={word}"


def picture_of(link: str) -> Markup:
    """Its QR code, as an inline picture on a white ground, which dark pages need."""
    drawn = segno.make_qr(link, error="m", boost_error=False).svg_inline(
        scale=4, border=4, light="#fff", svgclass="code", lineclass=None, omitsize=True
    )
    return Markup(drawn)  # noqa: S704  # segno draws squares; nothing of the text is in it


def _base() -> str:
    settings = settings_of()
    if settings.public_url:
        return settings.public_url
    if has_request_context():
        return request.host_url.rstrip("/")
    return f"http://{settings.host}:{settings.port}"
