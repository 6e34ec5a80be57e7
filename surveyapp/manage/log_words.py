"""The details of the audit log in the reader's language: their values are the code's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from surveyapp.i18n import LANGUAGE_NAMES
from surveyapp.manage.account_words import ROLES, SCOPES, region_names
from surveyapp.manage.desk_words import DECISIONS
from surveyapp.manage.words import ACCESS, ACTIONS, OUTCOMES, REASONS, WISHES, spoken
from surveyapp.people.factors import Factor
from surveyapp.people.links import Purpose

FACTORS: Mapping[str, LazyString] = {
    Factor.APP: _l("authenticator app"),
    Factor.PASSKEY: _l("passkey"),
    Factor.RECOVERY: _l("recovery code"),
    Factor.PROVIDER: _l("single sign-on"),
}
PURPOSES: Mapping[str, LazyString] = {
    Purpose.INVITATION: _l("first sign-in"),
    Purpose.RESET: _l("password forgotten"),
}


def detail(word: str, value: Any) -> str:
    """A detail's value, readable; as it is, where it is a number or words of a person."""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return ", ".join(detail(word, each) for each in value)
    speak = _SPEAKING.get(word)
    return speak(str(value)) if speak else str(value)


def _decision(value: str) -> str:
    """Of work in quarantine; or what a family asked for, and how that ended (`copy: done`)."""
    wish, _colon, outcome = value.partition(": ")
    if not outcome:
        return spoken({**WISHES, **DECISIONS}, value)
    return f"{spoken(WISHES, wish)}: {spoken(OUTCOMES, outcome)}"


def _labels(value: str) -> str:
    """In what an export wrote chosen answers: their codes, or a language."""
    return str(_("codes")) if value == "codes" else _language(value)


def _language(value: str) -> str:
    return LANGUAGE_NAMES.get(value, value)


def _among(words: Mapping[str, LazyString]) -> Callable[[str], str]:
    return lambda value: spoken(words, value)


_SPEAKING: Mapping[str, Callable[[str], str]] = {
    "access": _among(ACCESS),
    "action": _among(ACTIONS),
    "decision": _decision,
    "factor": _among(FACTORS),
    "labels": _labels,
    "language": _language,
    "link": _among(PURPOSES),
    "reason": _among(REASONS),
    "region": lambda value: region_names().get(value, value),
    "roles": _among(ROLES),
    "scopes": _among(SCOPES),
}
