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
    #: names between slashes from the root on, nothing else: `/data/child/age`
    PATH = "path"
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
#: a whole path in one word, as most forms write theirs: no predicate, axis or node test in or behind it
_PATH = rf"(?P<path>(?>(?:/{_NAME}(?::{_NAME})?)+)(?!{_BLANKS}[\[/:(]))"
#: what may stand where an operand is awaited, with the blanks before it
_OPERAND = re.compile(
    rf"""{_BLANKS}(?:
      {_PATH} | {_WORD}
    | (?P<operator>!=|<=|>=|[=<>+\-|])
    | (?P<mark>\.\.|//|::|[.,/@$*()\[\]]))""",
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
#: each kind by the name of its group, and whether an operator can follow
_KINDS = {kind.value: (kind, kind is not Kind.OPERATOR) for kind in Kind}
#: of the marks only after these
_ENDS_OPERAND = frozenset({")", "]", ".", "..", "*"})


def tokens(source: str) -> Iterator[Token]:
    """The words of an expression, the last of them of the kind END.

    Raises:
        ExpressionError: `character` or `quote`.
    """
    find, position = _OPERAND.match, 0
    while match := find(source, position):
        group = match.lastgroup or ""
        kind, ends_operand = _KINDS[group]
        start, position = match.span(group)
        text = source[start:position]
        yield Token(kind, text[1:-1] if kind is Kind.STRING else text, start)
        if kind is Kind.MARK:
            ends_operand = text in _ENDS_OPERAND
        find = _BEHIND.match if ends_operand else _OPERAND.match
    yield _end(source, position)


def _end(source: str, position: int) -> Token:
    """The last word, or the complaint about what is none."""
    rest = source[position:].lstrip(_BLANK)
    start = len(source) - len(rest)
    if not rest:
        return Token(Kind.END, "", start)
    if rest[0] in "'\"":
        raise ExpressionError("quote", start)
    raise ExpressionError("character", start, character=rest[0])
