"""Whom to call for help: the text of the help box, by language and, where it is set, by region."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, cast

from flask import Flask, current_app
from flask_babel import gettext as _

from surveyapp.config import BadSetting, Settings
from surveyapp.i18n import LANGUAGES

#: language → text
Wordings: TypeAlias = Mapping[str, str]
_EXTENSION = "surveyapp-help-lines"


@dataclass(frozen=True, slots=True)
class HelpLines:
    """The operator's own texts: for everywhere, and for regions by their code."""

    everywhere: Wordings = field(default_factory=dict)
    regions: Mapping[str, Wordings] = field(default_factory=dict)

    def text(self, language: str, region: str | None = None) -> str:
        """The text to show: the region's, else the one for everywhere, else 111 and 112."""
        own = self.regions.get(region or "", {}).get(language) or self.everywhere.get(language)
        return own or _(
            "Need help? 111: free, confidential help for children and families, day and night. "
            "If life is in danger: 112."
        )


def read_help_lines(path: str) -> HelpLines:
    """Read the operator's file; an empty path means there is none. Raises `BadSetting`.

    The file is JSON: `{"kk": "…", "ru": "…", "en": "…", "regions": {"750000000": {"kk": "…", …}}}`.
    Whoever gives a text gives it in all three languages.
    """
    if not path:
        return HelpLines()
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSetting(f"HELP_LINES_FILE: {error}") from None
    if not isinstance(content, dict):
        raise BadSetting("HELP_LINES_FILE: must hold one JSON object")
    regions = content.pop("regions", {})
    if not isinstance(regions, dict):
        raise BadSetting("HELP_LINES_FILE: “regions” must be an object of regions' codes")
    return HelpLines(
        _wordings(content, "the text for everywhere") if content else {},
        {code: _wordings(texts, f"region {code}") for code, texts in regions.items()},
    )


def _wordings(texts: Any, whose: str) -> Wordings:
    complete = isinstance(texts, dict) and set(texts) == set(LANGUAGES)
    if not complete or not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise BadSetting(f"HELP_LINES_FILE: {whose} needs a text in each of {', '.join(LANGUAGES)}")
    return cast(Wordings, texts)


def help_text(language: str, region: str | None = None) -> str:
    """The help box's text of this application."""
    lines: HelpLines = current_app.extensions[_EXTENSION]
    return lines.text(language, region)


def register_help_lines(app: Flask, settings: Settings) -> None:
    """Read the operator's texts once."""
    app.extensions[_EXTENSION] = read_help_lines(settings.help_lines_file)
