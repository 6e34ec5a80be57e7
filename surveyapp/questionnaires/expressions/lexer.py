"""The words of an expression.

`*` and the words `and`, `or`, `div`, `mod` are operators where an operand has just ended and names
elsewhere, as in XPath 1.0 §3.7. Like JavaRosa's lexer this one finds them without a blank behind
(`5 div2`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from surveyapp.questionnaires.expressions.errors import ExpressionError


class Kind(Enum):
    """What sort of word a token is."""

    NUMBER = "number"
    STRING = "string"
    NAME = "name"
    OPERATOR = "operator"
    #: brackets, commas, slashes, dots
    MARK = "mark"
    END = "end"


class Token(NamedTuple):
    """One word: its sort, its text (of a string: without the quotes) and its offset in the source."""

    kind: Kind
    text: str
    position: int


_NAME = r"[^\W\d][\w.\-]*"
_BLANK = " \t\r\n\f"
_BLANKS = f"[{_BLANK}]*"
_WORD = rf"""
      (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<string>"[^"]*"|'[^']*')
    | (?P<name>{_NAME}(?::{_NAME})?)
"""
#: what may stand where an operand is awaited, with the blanks before it
_OPERAND = re.compile(
    rf"{_BLANKS}(?:{_WORD} | (?P<operator>!=|<=|>=|[=<>+\-|]) | (?P<mark>\.\.|//|::|[.,/@$*()\[\]]))",
    re.VERBOSE,
)
#: and behind one
_BEHIND = re.compile(
    rf"""{_BLANKS}(?:
      (?P<operator>and|or|div|mod|\*|!=|<=|>=|[=<>+\-|])
    | (?P<mark>\.\.|//|::|[.,/@$()\[\]])
    | {_WORD})""",
    re.VERBOSE,
)
_KINDS = {kind.value: kind for kind in Kind}
#: after these an operator can follow
_ENDS_OPERAND = frozenset({")", "]", ".", "..", "*"})


def tokens(source: str) -> Iterator[Token]:
    """The words of an expression, the last of them of the kind END.

    Raises:
        ExpressionError: `character` or `quote`.
    """
    pattern, position = _OPERAND, 0
    while match := pattern.match(source, position):
        group = match.lastgroup or ""
        kind = _KINDS[group]
        start, position = match.span(group)
        text = source[start:position]
        yield Token(kind, text[1:-1] if kind is Kind.STRING else text, start)
        pattern = _BEHIND if _ends_operand(kind, text) else _OPERAND
    yield _end(source, position)


def _ends_operand(kind: Kind, text: str) -> bool:
    return text in _ENDS_OPERAND if kind is Kind.MARK else kind is not Kind.OPERATOR


def _end(source: str, position: int) -> Token:
    """The last word, or the complaint about what is none."""
    rest = source[position:].lstrip(_BLANK)
    start = len(source) - len(rest)
    if not rest:
        return Token(Kind.END, "", start)
    if rest[0] in "'\"":
        raise ExpressionError("quote", start)
    raise ExpressionError("character", start, character=rest[0])
