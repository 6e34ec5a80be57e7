"""What the privacy notice and the accessibility statement say about the operator."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from surveyapp.catalogue.service import placeholder_texts
from surveyapp.wiring import settings_of


@dataclass(frozen=True, slots=True)
class Operator:
    """Who collects the data, in one language; what the settings leave open is said to be open."""

    operator: str
    bin: str
    contact: str
    retention: str


def operator(language: str) -> Operator:
    """The operator named by the settings, or the demonstration's."""
    texts = placeholder_texts(settings_of())
    unset = _("not stated yet")
    return Operator(
        **{
            name: texts.get(name, {}).get(language) or unset
            for name in ("operator", "bin", "contact", "retention")
        }
    )
