"""What the frame of every page (`templates/base.html`) needs besides the language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from surveyapp.config import Settings
from surveyapp.i18n import LANGUAGE_NAMES, LANGUAGES, current_language

_PHONE_NUMBER = re.compile(r"\+?[0-9](?:[0-9 ()-]{0,18}[0-9])?")


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """The same page in one of the languages."""

    code: str
    name: str
    address: str
    current: bool


def language_links() -> Iterator[LanguageLink]:
    """This page in each language; the first page where the address names no language."""
    arguments = request.view_args or {}
    endpoint = request.endpoint if "lang" in arguments else None
    for code, name in LANGUAGE_NAMES.items():
        address = url_for(endpoint or "pages.home", **{**arguments, "lang": code})
        yield LanguageLink(code, name, address, code == current_language())


def home_url() -> str:
    """The first page, in the reader's language."""
    return url_for("pages.home", lang=current_language())


def demonstration_words() -> Iterator[tuple[str, str]]:
    """The banner of a demonstration: each language's code and its word."""
    for code in LANGUAGES:
        with force_locale(code):
            yield code, _("Demonstration")


def with_phone_links(text: str) -> Markup:
    """A text whose phone numbers can be called by touching them."""
    pieces = []
    end = 0
    for match in _PHONE_NUMBER.finditer(text):
        number = "".join(letter for letter in match.group() if letter in "+0123456789")
        if len(number) >= 3:
            link = Markup('<a href="tel:{}">{}</a>').format(number, match.group())
            pieces += [escape(text[end : match.start()]), link]
            end = match.end()
    return Markup("").join([*pieces, escape(text[end:])])


def register_page_frame(app: Flask, _settings: Settings) -> None:
    """Give the templates these names."""
    for function in (language_links, home_url, demonstration_words, with_phone_links):
        app.add_template_global(function)
    # an escaped letter weighs more than the letter, compressed too
    app.jinja_env.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
