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
_BLANKS = re.compile(r"[ \t\r\n\f]*")
_OPERATOR = re.compile(r"and|or|div|mod|\*|!=|<=|>=|[=<>+\-|]")
_OPERAND = re.compile(
    rf"""
      (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<string>"[^"]*"|'[^']*')
    | (?P<name>{_NAME}(?::{_NAME})?)
    | (?P<operator>!=|<=|>=|[=<>+\-|])
    | (?P<mark>\.\.|//|::|[.,/@$*()\[\]])
    """,
    re.VERBOSE,
)
_MARK = re.compile(r"\.\.|//|::|[.,/@$()\[\]]")
_KINDS = {kind.value: kind for kind in Kind}
#: after these an operator can follow
_ENDS_OPERAND = frozenset({")", "]", ".", "..", "*"})


def tokens(source: str) -> Iterator[Token]:
    """The words of an expression, the last of them of the kind END.

    Raises:
        ExpressionError: `character` or `quote`.
    """
    position = _after_blanks(source, 0)
    after_operand = False
    while position < len(source):
        token, position = _next(source, position, after_operand)
        yield token
        after_operand = _ends_operand(token)
        position = _after_blanks(source, position)
    yield Token(Kind.END, "", position)


def _after_blanks(source: str, position: int) -> int:
    blanks = _BLANKS.match(source, position)
    return blanks.end() if blanks else position


def _next(source: str, position: int, after_operand: bool) -> tuple[Token, int]:
    if after_operand:
        if match := _OPERATOR.match(source, position):
            return Token(Kind.OPERATOR, match.group(), position), match.end()
        if match := _MARK.match(source, position):
            return Token(Kind.MARK, match.group(), position), match.end()
    if match := _OPERAND.match(source, position):
        kind = _KINDS[match.lastgroup or ""]
        text = match.group()[1:-1] if kind is Kind.STRING else match.group()
        return Token(kind, text, position), match.end()
    if source[position] in "'\"":
        raise ExpressionError("quote", position)
    raise ExpressionError("character", position, character=source[position])


def _ends_operand(token: Token) -> bool:
    if token.kind is Kind.MARK:
        return token.text in _ENDS_OPERAND
    return token.kind is not Kind.OPERATOR
