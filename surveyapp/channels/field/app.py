"""The program's own page, in each language: the same for everybody, without any token or name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, g, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from surveyapp.assets import asset_url
from surveyapp.channels.field.keeping import files_of
from surveyapp.channels.field.words import words
from surveyapp.i18n import LANGUAGES

_EXTENSION = "surveyapp-field"
#: file → its size, and what a launcher may do with it
_ICONS = (
    ("mark.svg", "any", "any"),
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
)
_PAPER, _DEEP = "#faf8f3", "#0a4a63"


@dataclass(frozen=True, slots=True)
class Made:
    """A text in one language, and its mark."""

    text: str
    mark: str


def app_page(language: str) -> Made:
    """The page; rendered once by each process."""
    return _kept(f"page {language}", language, lambda: _page(language))


def manifest(language: str) -> Made:
    """What a launcher shows when the program is installed."""
    return _kept(f"manifest {language}", language, lambda: _manifest(language))


def _kept(name: str, language: str, make: Callable[[], str]) -> Made:
    kept: dict[str, Made] = current_app.extensions.setdefault(_EXTENSION, {})
    key = f"{name} {request.script_root}"
    if key not in kept:
        before = g.get("language")
        g.language = language
        with force_locale(language):
            text = make()
        g.language = before
        kept[key] = Made(text, hashlib.sha256(text.encode()).hexdigest()[:10])
    return kept[key]


def _page(language: str) -> str:
    others = {each: url_for("field.app", lang=each) for each in LANGUAGES}
    named = url_for("field.launcher", lang=language, v=manifest(language).mark)
    return render_template("field/app.html", words=words(), others=others, manifest=named)


def _manifest(language: str) -> str:
    icons = [
        {"src": asset_url(name), "sizes": size, "purpose": purpose, "type": _type(name)}
        for name, size, purpose in _ICONS
    ]
    icons.append(
        {
            "src": asset_url("icon-maskable.png"),
            "sizes": "512x512",
            "purpose": "maskable",
            "type": "image/png",
        }
    )
    content = {
        "id": url_for("field.front"),
        "name": _("Field work"),
        "short_name": _("Field work"),
        "lang": language,
        "start_url": url_for("field.front"),
        "scope": url_for("pages.front"),
        "display": "standalone",
        "background_color": _PAPER,
        "theme_color": _DEEP,
        "icons": icons,
    }
    return json.dumps(content, ensure_ascii=False)


def _type(name: str) -> str:
    return "image/svg+xml" if name.endswith(".svg") else "image/png"


def app_addresses() -> dict[str, str]:
    """The page in each language, under its mark."""
    return {each: url_for("field.app", lang=each, v=app_page(each).mark) for each in LANGUAGES}


def app_files() -> list[str]:
    """Addresses of all that the pages load."""
    return files_of([app_page(each).text for each in LANGUAGES])
