"""A pattern as JSON for the phone, which has no parser of Java's dialect but the same kind of matcher.

`static/logic/expressions/patterns.js` describes the trees. A set of characters is written as what stands
between the brackets of a class in JavaScript's `u` mode. What is the whole of a Unicode category is
written by its name: that is shorter by kilobytes, and means what the browser's edition of Unicode says.
"""

from __future__ import annotations

from functools import singledispatch
from typing import Any, TypeAlias

from surveyapp.questionnaires.expressions.patterns.characters import CharacterSet, named
from surveyapp.questionnaires.expressions.patterns.matcher import compile_pattern, without_edges
from surveyapp.questionnaires.expressions.patterns.syntax import (
    Anchor,
    Either,
    Look,
    One,
    Pattern,
    Repeat,
    Sequence,
    parse_pattern,
)

Portable: TypeAlias = str | list[Any]

#: sets of more ranges than this are looked through for whole categories, the large ones first
_FEW_RANGES = 20
_CATEGORIES = ("L", "M", "N", "P", "S", "Z", "C", "Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No")
_SPECIAL = frozenset("\\]^-[/")


def portable_pattern(source: str) -> Portable:
    """The tree of a pattern. Raises `PatternError` for one that cannot be used."""
    compile_pattern(source)  # refuses what would be too large
    return _portable(without_edges(parse_pattern(source)))


@singledispatch
def _portable(pattern: Pattern) -> Portable:
    raise TypeError(pattern)


@_portable.register
def _(pattern: One) -> Portable:
    return class_body(pattern.members)


@_portable.register
def _(pattern: Sequence) -> Portable:
    return ["&", *map(_portable, pattern.parts)]


@_portable.register
def _(pattern: Either) -> Portable:
    return ["|", *map(_portable, pattern.branches)]


@_portable.register
def _(pattern: Repeat) -> Portable:
    return ["*", _portable(pattern.body), pattern.least, pattern.most]


@_portable.register
def _(pattern: Anchor) -> Portable:
    return ["@", pattern.place]


@_portable.register
def _(pattern: Look) -> Portable:
    return ["?", _portable(pattern.body), pattern.wanted]


def class_body(members: CharacterSet) -> str:
    """What stands between the brackets of a class for these characters, in JavaScript's `u` mode."""
    plain, negated = _listed(members), _listed(~members)
    return plain if len(plain) <= len(negated) + 1 else f"^{negated}"


def _listed(members: CharacterSet) -> str:
    names = []
    if len(members.ranges()) > _FEW_RANGES:
        for name in _CATEGORIES:
            category = named(name)
            if category is not None and not (category & ~members).bounds:
                names.append(f"\\p{{{name}}}")
                members &= ~category
    return "".join([*names, *(_range(first, last) for first, last in members.ranges())])


def _range(first: int, last: int) -> str:
    if first == last:
        return _character(first)
    return f"{_character(first)}{'-' if last > first + 1 else ''}{_character(last)}"


def _character(code: int) -> str:
    character = chr(code)
    if character in _SPECIAL:
        return "\\" + character
    return character if " " <= character <= "~" else f"\\u{{{code:x}}}"
