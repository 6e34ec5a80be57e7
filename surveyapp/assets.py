"""Addresses of static files that change with their content, so that a browser may keep them for ever.

The phone's modules are served joined (`surveyapp.scripts`): `/scripts/logic.js`, and the parts beside
the logic, which a questionnaire's document names, under their own names.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, abort, request, url_for

from surveyapp.config import Settings
from surveyapp.people.access import ANYONE, allow
from surveyapp.resources import PACKAGE
from surveyapp.scripts import Joined, join_modules

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


def joined_script(name: str) -> Joined | None:
    """The joined modules of a name (`logic`, `geography` …), or None."""
    entries = (FOLDER / "logic" / "logic.js", *(FOLDER / "logic" / "parts").glob("*.js"))
    entry = next((path for path in entries if path.stem == name), None)
    return join_modules(entry) if entry else None


def script_url(name: str) -> str:
    """Address of joined modules with their content's mark."""
    joined = joined_script(name)
    return url_for("script", name=name, v=joined.mark if joined else "")


@allow(ANYONE)
def script(name: str) -> Response:
    """Joined modules as one ES module."""
    joined = joined_script(name)
    if joined is None:
        abort(404)
    response = Response(joined.module, mimetype="text/javascript")
    response.headers["Cache-Control"] = FOR_EVER if request.args.get("v") == joined.mark else FOR_AN_HOUR
    response.set_etag(joined.mark)
    response.make_conditional(request)
    return response


def register_assets(app: Flask, _settings: Settings) -> None:
    """Give the templates `asset()` and `script()`, and static files their `Cache-Control`."""
    app.add_template_global(asset_url, "asset")
    app.add_template_global(script_url, "script")
    app.add_url_rule("/scripts/<name>.js", "script", script)

    @app.after_request
    def allow_keeping(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 206, 304}:
            response.headers["Cache-Control"] = cache_rule()
        return response
