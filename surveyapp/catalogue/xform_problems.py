"""Finished sentences for what makes an XForm unusable, in the author's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _l

from surveyapp.catalogue.expression_problems import explain_expression
from surveyapp.questionnaires.xform import XFormError

#: code → sentence; `%(name)s` are the error's params
SENTENCES: dict[str, LazyString] = {
    "too_large": _l("The XForm is too large: at most %(limit)s bytes"),
    "too_deep": _l("The XForm is nested too deeply: at most %(limit)s levels"),
    "not_xml": _l("The XForm is no XML: line %(line)s, column %(column)s"),
    "doctype": _l("An XForm must not have a DOCTYPE"),
    "not_xform": _l("This is no XForm: <%(element)s> is missing"),
    "no_form_id": _l("The form_id is missing"),
    "duplicate": _l("%(path)s: this name is used twice"),
    "expression": _l("%(path)s, %(attribute)s: %(sentence)s: %(excerpt)s"),
    "extension": _l("%(path)s, %(attribute)s: “%(value)s” cannot stand here"),
    "choices": _l("%(path)s: the choices cannot be found: %(source)s"),
    "language": _l("Two translations have the same language code: %(language)s"),
    "cycle": _l("These depend on each other: %(cycle)s"),
}

#: How much of an expression is shown around the place that is wrong.
_AROUND = 20


def explain_xform(error: XFormError, language: str) -> str:
    """What is wrong with an XForm and where."""
    params = {**error.params, **_further(error, language)}
    with force_locale(language):
        return str(SENTENCES[error.code] % params)


def _further(error: XFormError, language: str) -> Mapping[str, Any]:
    params = error.params
    if error.code == "cycle":
        return {"cycle": " → ".join(params["paths"])}
    if error.code == "expression":
        details = params.get("details", {})
        return {
            "sentence": explain_expression(params["reason"], details, language),
            "excerpt": excerpt(params["source"], params.get("position", 0)),
        }
    return {}


def excerpt(source: str, position: int) -> str:
    """An expression around a place, which is marked: `… and ▸$x = 1`."""
    start, end = max(0, position - _AROUND), position + _AROUND
    before = ("…" if start else "") + source[start:position]
    after = source[position:end] + ("…" if end < len(source) else "")
    return f"{before}▸{after}"
