"""Addresses of static files that change with their content, so that a browser may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

from surveyapp.config import Settings
from surveyapp.resources import PACKAGE

FOLDER = PACKAGE / "static"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600"


@cache
def content_mark(filename: str) -> str:
    """The first ten hex digits of a static file's SHA-256; empty when there is no such file."""
    path = FOLDER / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if _is_ours(path) else ""


def asset_url(filename: str) -> str:
    """Address of a static file with its content's mark."""
    return url_for("static", filename=filename, v=content_mark(filename))


def cache_rule() -> str:
    """How long the static file of this request may be kept: for ever only under its own mark."""
    filename = str((request.view_args or {}).get("filename", ""))
    marked = content_mark(filename)
    return FOR_EVER if marked and request.args.get("v") == marked else FOR_AN_HOUR


def _is_ours(path: Path) -> bool:
    return path.resolve().is_relative_to(FOLDER) and path.is_file()


def register_assets(app: Flask, _settings: Settings) -> None:
    """Give the templates `asset()`, and static files their `Cache-Control`."""
    app.add_template_global(asset_url, "asset")

    @app.after_request
    def allow_keeping(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 206, 304}:
            response.headers["Cache-Control"] = cache_rule()
        return response
