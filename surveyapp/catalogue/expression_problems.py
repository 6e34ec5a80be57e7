"""Finished sentences for what is wrong with an expression, in the author's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import LazyString, force_locale
from flask_babel import lazy_gettext as _l

#: code of an `ExpressionError` → sentence; `%(name)s` are its params
SENTENCES: dict[str, LazyString] = {
    "empty": _l("The expression is empty"),
    "character": _l("The character “%(character)s” cannot stand here"),
    "quote": _l("This quotation mark is never closed"),
    "number": _l("This number is too large"),
    "end": _l("Something is missing at the end"),
    "unexpected": _l("“%(found)s” cannot stand here"),
    "parenthesis": _l("This parenthesis is never closed"),
    "bracket": _l("This square bracket is never closed"),
    "function": _l("There is no function “%(name)s”"),
    "arguments": _l("Arguments that “%(name)s” takes: %(allowed)s; given: %(given)s"),
    "choice_name": _l("The second argument of jr:choice-name is a question in quotes: '${name}'"),
    "instance": _l("instance() takes the name of a list in quotes"),
    "deep": _l("The expression is nested too deeply: at most %(limit)s levels"),
}

#: feature of an `unsupported` expression → sentence
UNSUPPORTED: dict[str, LazyString] = {
    "attribute": _l("@* and attributes that the form computes cannot be read"),
    "axis": _l("Axes (name::) do not work; use paths with / and .."),
    "descendant": _l("// does not work; write the whole path"),
    "filter": _l("Square brackets and / can only follow a path"),
    "node test": _l("text(), node() and their like do not work"),
    "parent": _l(".. can only stand at the beginning of a path"),
    "root": _l("A path needs a name behind the first /"),
    "union": _l("Paths cannot be joined by |"),
    "variable": _l("There is no question of this name; a reference is written ${name}"),
}

#: reason of a `PatternError` → sentence
PATTERNS: dict[str, LazyString] = {
    "unclosed": _l("The pattern of regex() has a bracket that is never closed"),
    "closing": _l("The pattern of regex() has a closing parenthesis too many"),
    "dangling": _l("In the pattern of regex(), nothing stands before a *, +, ? or {"),
    "quantifier": _l("In the pattern of regex(), the numbers in {} make no sense"),
    "range": _l("In the pattern of regex(), a range such as a-z runs backwards"),
    "escape": _l("The pattern of regex() has a \\ before a letter that means nothing there"),
    "property": _l("The pattern of regex() has a \\p{…} with an unknown name"),
    "flag": _l("Only the flags (?i) and (?s) work in the pattern of regex()"),
    "large": _l("The pattern of regex() repeats too much"),
    "backreference": _l("\\1 and its like do not work in the pattern of regex()"),
    "lookbehind": _l("(?<=…) and (?<!…) do not work in the pattern of regex()"),
    "possessive": _l("*+, ++ and ?+ do not work in the pattern of regex()"),
    "atomic": _l("(?>…) does not work in the pattern of regex()"),
}


def explain_expression(code: str, params: Mapping[str, Any], language: str) -> str:
    """What is wrong with an expression, by the code and params of its `ExpressionError`."""
    with force_locale(language):
        return str(_sentence(code, params) % _filled(params))


def _sentence(code: str, params: Mapping[str, Any]) -> LazyString:
    if code == "unsupported":
        return UNSUPPORTED[params["feature"]]
    if code == "pattern":
        return PATTERNS[params["reason"]]
    return SENTENCES[code]


def _filled(params: Mapping[str, Any]) -> Mapping[str, Any]:
    if "least" not in params:
        return params
    least, most = params["least"], params["most"]
    if most is None:
        return {**params, "allowed": f"{least}+"}
    return {**params, "allowed": str(least) if least == most else f"{least}–{most}"}


#: How much of an expression is shown around the place that is wrong.
_AROUND = 20


def excerpt(source: str, position: int) -> str:
    """An expression around a place, which is marked: `… and ▸$x = 1`."""
    start, end = max(0, position - _AROUND), position + _AROUND
    before = ("…" if start else "") + source[start:position]
    after = source[position:end] + ("…" if end < len(source) else "")
    return f"{before}▸{after}"
