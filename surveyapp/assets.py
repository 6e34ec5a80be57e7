"""Addresses of static files that change with their content, so that a browser may keep them for ever.

The phone's modules are served joined (`surveyapp.scripts`): `/scripts/logic.js`, and the parts beside
the logic, which a questionnaire's document names, under their own names.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, abort, request, url_for

from surveyapp.config import Settings
from surveyapp.people.access import ANYONE, allow
from surveyapp.resources import PACKAGE
from surveyapp.scripts import Joined, join_modules

FOLDER = PACKAGE / "static"
#: modules that are served joined, each with what it imports
ENTRIES = (
    "logic/logic.js",
    "logic/parts/*.js",
    "keep/*.js",
    "page/start.js",
    "page/parts/*.js",
    "field/field.js",
)
FOR_EVER = "public, max-age=31536000, immutable"
PAGE = "page"
FOR_AN_HOUR = "public, max-age=3600"


@cache
def content_mark(filename: str) -> str:
    """The first ten hex digits of a static file's SHA-256; empty when there is no such file."""
    path = FOLDER / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if _is_ours(path) else ""


def asset_url(filename: str) -> str:
    """Address of a static file with its content's mark."""
    return url_for("static", filename=filename, v=content_mark(filename))


@cache
def inlined_picture(filename: str) -> str:
    """A small SVG as an address that holds it, where one more request costs more."""
    return "data:image/svg+xml," + quote((FOLDER / filename).read_text(encoding="utf-8"), safe=" =:/'()")


@cache
def compact_style(filename: str) -> str:
    """A stylesheet as it is served, without what only its reader needs."""
    text = (FOLDER / filename).read_text(encoding="utf-8")
    for pattern, instead in _NEEDLESS_IN_STYLES:
        text = pattern.sub(instead, text)
    return text.strip()


_NEEDLESS_IN_STYLES = (
    (re.compile(r"/\*.*?\*/", re.DOTALL), ""),
    (re.compile(r"\s+"), " "),
    (re.compile(r"\s*([{};,])\s*"), r"\1"),
    (re.compile(r": (?=[^{}]*\})"), ":"),
    (re.compile(r";\}"), "}"),
)


def cache_rule() -> str:
    """How long the static file of this request may be kept: for ever only under its own mark."""
    filename = str((request.view_args or {}).get("filename", ""))
    marked = content_mark(filename)
    return FOR_EVER if marked and request.args.get("v") == marked else FOR_AN_HOUR


def _is_ours(path: Path) -> bool:
    return path.resolve().is_relative_to(FOLDER) and path.is_file()


def joined_script(name: str) -> Joined | None:
    """The joined modules of a name (`logic`, `geography` …), or None."""
    if name == PAGE:
        return _page_script()
    entries = (path for pattern in ENTRIES for path in FOLDER.glob(pattern))
    entry = next((path for path in entries if path.stem == name), None)
    return join_modules(entry) if entry else None


def _page_script() -> Joined:
    """The whole page's modules with the logic before them: one request instead of two."""
    logic, page = (join_modules(FOLDER / name / f"{name}.js") for name in ("logic", PAGE))
    return Joined(logic.script("surveyLogic") + page.body, page.exports)


def joined_worker() -> Joined:
    """The service worker's modules, for one classic script."""
    return join_modules(FOLDER / "worker" / "worker.js")


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
    app.add_template_global(inlined_picture, "inlined")
    app.add_url_rule("/scripts/<name>.js", "script", script)

    def static_file(filename: str) -> Response:
        if not (filename.endswith(".css") and content_mark(filename)):
            return app.send_static_file(filename)
        response = Response(compact_style(filename), mimetype="text/css")
        response.set_etag(content_mark(filename))
        response.make_conditional(request)
        return response

    app.view_functions["static"] = static_file

    @app.after_request
    def allow_keeping(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in {200, 206, 304}:
            response.headers["Cache-Control"] = cache_rule()
        return response
