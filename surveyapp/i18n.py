"""Languages of the interface: which one a request speaks, and how dates and numbers look in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask, g, has_request_context, request, session
from flask_babel import force_locale

from surveyapp.config import Settings
from surveyapp.extensions import babel
from surveyapp.resources import resource_folder

LANGUAGES = ("kk", "ru", "en")
DEFAULT_LANGUAGE = "kk"
#: each language by its own name, for the language buttons
LANGUAGE_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
#: English dates and numbers are written the British way
_FORMATS = {"kk": "kk", "ru": "ru", "en": "en_GB"}
_KAZAKH_LONG_DATE = "y 'жылғы' d MMMM"


def current_language() -> str:
    """Language of this request: the address's, else the person's choice, else the browser's."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    language = g.get("language") or (request.view_args or {}).get("lang") or session.get("language")
    if language in LANGUAGES:
        return str(language)
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT_LANGUAGE


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Within it, texts and templates speak a language, whichever the request has."""
    before = g.get("language")
    g.language = language
    try:
        with force_locale(language):
            yield
    finally:
        g.language = before


def format_day(day: date, language: str) -> str:
    """A day in words: “2026 жылғы 5 қыркүйек”, “5 сентября 2026 г.”, “5 September 2026”."""
    if language == "kk":
        return format_date(day, _KAZAKH_LONG_DATE, locale="kk")
    return format_date(day, "long", locale=_FORMATS[language])


def format_moment(moment: datetime, zone: tzinfo, language: str) -> str:
    """A moment in a time zone, which is told: “5 September 2026, 09:00 (UTC+5)”."""
    local = moment.astimezone(zone)
    minutes = int((local.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    offset = f"{'-' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}"
    return f"{format_day(local.date(), language)}, {local:%H:%M} (UTC{offset})"


def format_number(number: float, language: str) -> str:
    """A number with the language's decimal sign and groups."""
    return format_decimal(number, locale=_FORMATS[language])


def speaking_app() -> Flask:
    """An application that can do nothing but speak, for what needs neither settings nor a database."""
    app = Flask("surveyapp")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(resource_folder("translations"))
    babel.init_app(app, default_locale=DEFAULT_LANGUAGE, locale_selector=current_language)
    return app


def register_i18n(app: Flask, settings: Settings) -> None:
    """Bind Babel and give the templates the languages."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(resource_folder("translations"))
    babel.init_app(
        app,
        default_locale=DEFAULT_LANGUAGE,
        default_timezone=settings.timezone.key,
        locale_selector=current_language,
    )

    @app.context_processor
    def languages() -> dict[str, Any]:
        return {
            "language": current_language(),
            "language_names": LANGUAGE_NAMES,
            "settings": settings,
            "format_day": format_day,
            "format_moment": format_moment,
            "format_number": format_number,
        }
