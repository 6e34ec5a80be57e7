"""The details of the audit log in the reader's language: their values are the code's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import LazyString, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from surveyapp.exports.request import Profile
from surveyapp.i18n import LANGUAGE_NAMES
from surveyapp.manage.account_words import ROLES, SCOPES, region_names
from surveyapp.manage.desk_words import DECISIONS
from surveyapp.manage.words import ACCESS, ACTIONS, DAY_KINDS, OUTCOMES, REASONS, WISHES, spoken
from surveyapp.people.factors import Factor
from surveyapp.people.links import Purpose
from surveyapp.submissions.retention_models import Unit

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


#: how much an export took out
PROFILES: Mapping[str, LazyString] = {
    Profile.AGGREGATE: _l("counts only"),
    Profile.DE_IDENTIFIED: _l("without what points at somebody"),
    Profile.FULL: _l("everything as answered"),
}


def numbered(subject: str) -> str | None:
    """`breach 1` and its like in the reader's language; None: it is nothing of that kind."""
    kind, _space, number = subject.partition(" ")
    speak = _NUMBERED.get(kind)
    return speak(number) if speak and number.isdecimal() else None


def detail(word: str, value: Any) -> str:
    """A detail's value, readable; as it is, where it is a number or words of a person."""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return ", ".join(detail(word, each) for each in value)
    speak = _SPEAKING.get(word)
    return speak(str(value)) if speak else str(value)


def _decision(value: str) -> str:
    """Of quarantine; what a day is; or what a family asked for, and how that ended (`copy: done`)."""
    wish, _colon, outcome = value.partition(": ")
    if not outcome:
        return spoken({**WISHES, **DECISIONS, **DAY_KINDS}, value)
    return f"{spoken(WISHES, wish)}: {spoken(OUTCOMES, outcome)}"


def _labels(value: str) -> str:
    """In what an export wrote chosen answers: their codes, or a language."""
    return str(_("codes")) if value == "codes" else _language(value)


def _language(value: str) -> str:
    return LANGUAGE_NAMES.get(value, value)


def _expires(value: str) -> str:
    """A moment or a day, as it is; or how long records are kept (`36 months`)."""
    amount, _space, unit = value.partition(" ")
    if not amount.isdecimal():
        return value
    if unit == Unit.DAYS:
        return str(ngettext("%(num)s day", "%(num)s days", int(amount)))
    return str(ngettext("%(num)s month", "%(num)s months", int(amount)))


def _reason(value: str) -> str:
    """Why work was quarantined, a family's request, or what a person wrote."""
    return numbered(value) or spoken(REASONS, value)


def _among(words: Mapping[str, LazyString]) -> Callable[[str], str]:
    return lambda value: spoken(words, value)


_NUMBERED: Mapping[str, Callable[[str], str]] = {
    "breach": lambda number: str(_("breach no. %(number)s", number=number)),
    "device": lambda number: str(_("phone no. %(number)s", number=number)),
    "request": lambda number: str(_("family’s request no. %(number)s", number=number)),
}
_SPEAKING: Mapping[str, Callable[[str], str]] = {
    "access": _among(ACCESS),
    "action": _among(ACTIONS),
    "decision": _decision,
    "expires": _expires,
    "factor": _among(FACTORS),
    "labels": _labels,
    "language": _language,
    "link": _among(PURPOSES),
    "profile": _among(PROFILES),
    "reason": _reason,
    "region": lambda value: region_names().get(value, value),
    "roles": _among(ROLES),
    "scopes": _among(SCOPES),
}
