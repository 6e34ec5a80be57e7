"""The settings of ODK Collect as a QR code: JSON, packed with zlib, in base64.

`general` and `admin` must be there, even empty; values are texts, but for switches.
Source: ODK documentation, “Collect import/export”.
"""

from __future__ import annotations

import base64
import io
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import segno

#: those of our languages that ODK Collect's own texts are in; without one it speaks the phone's
_COLLECT_LANGUAGES = frozenset({"ru", "en"})
#: of a module, in pixels: readable from a printed sheet
_SCALE = 6


def collect_settings(
    server_url: str,
    *,
    project: str,
    language: str,
    account: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """The settings that point ODK Collect here; questionnaires then come and go by themselves.

    `account` is a user's name and Collect password, for an address without a key.
    """
    general: dict[str, Any] = {
        "server_url": server_url,
        "form_update_mode": "match_exactly",
        "autosend": "wifi_and_cellular",
    }
    if language in _COLLECT_LANGUAGES:
        general["app_language"] = language
    if account is not None:
        general |= {"username": account[0], "password": account[1]}
    return {
        "general": general,
        "admin": {"change_server": False},
        "project": {"name": project, "icon": "🧒", "color": "#0057B8"},
    }


def packed(settings: Mapping[str, Any]) -> str:
    """The text of the QR code."""
    text = json.dumps(settings, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode("ascii")


def qr_code(settings: Mapping[str, Any]) -> segno.QRCode:
    """The QR code; error correction L keeps it coarse enough for cheap cameras, as ODK Central does."""
    return segno.make_qr(packed(settings), error="l", boost_error=False)


def as_terminal_text(code: segno.QRCode) -> str:
    """The code in half blocks, light on dark, for a terminal."""
    written = io.StringIO()
    code.terminal(out=written, compact=True)
    return written.getvalue()


def write_picture(code: segno.QRCode, file: Path, kind: str) -> None:
    """Write it as `png` or `svg`."""
    with file.open("wb") as opened:
        code.save(opened, kind=kind, scale=_SCALE)
