"""QR codes as pictures within a page, and the public addresses that they hold."""

from __future__ import annotations

from typing import Any

import segno
from flask import request, url_for
from markupsafe import Markup

from surveyapp.wiring import settings_of


def picture(text: str, *, error: str = "m") -> Markup:
    """A QR code as SVG, as large as its place; error correction as `segno` names it."""
    code = segno.make_qr(text, error=error, boost_error=False)
    drawn = code.svg_inline(border=4, svgclass="code", lineclass=None, omitsize=True, light="#fff")
    return Markup(drawn)  # noqa: S704  # segno draws squares; nothing of the text is in it


def public_address(endpoint: str, **values: Any) -> str:
    """An address as people outside know this server."""
    host = settings_of().public_url or request.host_url.rstrip("/")
    return host + url_for(endpoint, **values)
