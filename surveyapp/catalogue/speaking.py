"""In which language a command speaks with an author."""

from __future__ import annotations

import os

import click

from surveyapp.i18n import LANGUAGES

LANGUAGE = click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="Language of the report (default: the terminal's, else English).",
)


def spoken_language(chosen: str | None) -> str:
    """The chosen language, else the terminal's if the program speaks it, else English."""
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    language = chosen or next(filter(None, names), "")[:2]
    return language if language in LANGUAGES else "en"
