"""The words of a JavaScript text, and what each name in it is: a variable or a property.

This understands our own modules, not all of JavaScript: statements end with `;` or `}`, there are no
labels, no `switch`, no template literal within another and no comments (joining leaves them out).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

_SPACE = re.compile(r"\s+")
_SIMPLE = re.compile(
    r"""
      (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<number>(?:[0-9]|\.[0-9])[\w.]*)
    | (?P<private>\#[A-Za-z_$][\w$]*)
    | (?P<word>[A-Za-z_$][\w$]*)
    | (?P<mark>=>|\.\.\.|\?\.|\?\?=?|\*\*|[-+*/%<>=!&|]=+|&&|\|\||\+\+|--|<<|>>|.)
    """,
    re.VERBOSE,
)
_PATTERN = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_TEMPLATE = re.compile(r"`((?:[^`\\]|\\.)*)`")
_SUBSTITUTION = re.compile(r"\$\{([^}]*)\}")

#: a `{` behind one of these opens an object or a pattern of one
_BEFORE_OBJECT = frozenset("([,=:?&|") | {"return", "const", "let", "...", "&&", "||", "??", "=="}


class Role(Enum):
    """What a word is."""

    VARIABLE = "variable"
    PROPERTY = "property"
    #: `{ name }`: a property and a variable
    BOTH = "both"
    #: not a name: a mark, a text, a number
    NONE = "none"


@dataclass(slots=True)
class Token:
    """One word. Tokens of the same `chunk` share their variables; those of no two chunks do."""

    text: str
    role: Role = Role.NONE
    chunk: int = 0


def read(source: str) -> list[Token]:
    """The tokens of a script, with their roles and chunks. Raises `ValueError` for no script of ours."""
    tokens = list(_split(source))
    _Reader(tokens).mark()
    return tokens


def _split(source: str) -> Iterator[Token]:
    position, before = 0, ""
    while position < len(source):
        if space := _SPACE.match(source, position):
            position = space.end()
            continue
        if template := _TEMPLATE.match(source, position):
            yield from _of_template(template.group(1))
            position, before = template.end(), "`"
            continue
        pattern = _PATTERN.match(source, position) if _may_begin_pattern(before) else None
        match = pattern or _SIMPLE.match(source, position)
        if match is None or match.group() == "`":
            raise ValueError(source[position : position + 20])
        position, before = match.end(), match.group()
        is_word = pattern is None and match.lastgroup == "word"
        yield Token(before, Role.VARIABLE if is_word else Role.NONE)


def _may_begin_pattern(before: str) -> bool:
    return before == "return" or before[-1:] in {*"(,=:?!&|{;>", ""}


def _of_template(content: str) -> Iterator[Token]:
    """Literal pieces as tokens of their own, with the quotes and the brackets of substitutions."""
    pieces = _SUBSTITUTION.split(content)
    for number, piece in enumerate(pieces):
        if number % 2:
            yield from _split(piece)
        elif "${" in piece:
            raise ValueError(f"a template literal within another: {piece}")
        else:
            opening = "`" if number == 0 else "}"
            closing = "`" if number == len(pieces) - 1 else "${"
            yield Token(f"{opening}{piece}{closing}")


class _Reader:
    """One pass over the tokens, with the brackets that are open."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        #: `(`, `assign` (the bracket of an `Object.assign` at the top), `[`, `block`, `object`, and with
        #: `of functions` those whose members have variables of their own
        self._open: list[str] = []
        self._chunk = 0
        self._in_function = False
        self._in_class_head = False
        #: behind the `=` of a class's own field
        self._in_initialiser = False

    def mark(self) -> None:
        for index, token in enumerate(self._tokens):
            before = self._tokens[index - 1].text if index else ";"
            after = self._tokens[index + 1].text if index + 1 < len(self._tokens) else ";"
            self._begin_chunk(before, token)
            token.chunk = self._chunk
            if token.role is Role.VARIABLE:
                token.role = self._role(before, after)
                self._in_class_head |= token.text == "class"
            else:
                self._follow(token.text, before)

    def _begin_chunk(self, before: str, token: Token) -> None:
        inside = self._open[-1] if self._open else ""
        # behind the `}` of an object its expression may go on
        ends = before == ";" or (before == "}" and token.role is not Role.NONE)
        if not self._open and ends:
            self._in_function = False
            self._chunk += 1
        elif inside.endswith("of functions") and before in {"{", "}", ",", ";"}:
            self._chunk += 1

    def _role(self, before: str, after: str) -> Role:
        inside = self._open[-1] if self._open else ""
        if before in {".", "?."} or (inside.startswith("class") and not self._in_initialiser):
            return Role.PROPERTY
        if inside.startswith("object") and before in {"{", ",", "get", "async"}:
            if after in {":", "("}:
                return Role.PROPERTY
            if after in {",", "}", "="}:
                return Role.BOTH
        return Role.VARIABLE

    def _follow(self, text: str, before: str) -> None:
        if text == "=>":
            self._in_function = True
        if text in {"=", ";"} and self._open[-1:] == ["class of functions"]:
            self._in_initialiser = text == "="
        if text in {"(", "["}:
            self._open.append("assign" if before == "assign" and not self._in_function else text)
        elif text == "{":
            self._open.append(self._brace(before))
        elif text in {")", "]", "}"}:
            self._open.pop()

    def _brace(self, before: str) -> str:
        if self._in_class_head:
            self._in_class_head = False
            return "class of functions"
        of_functions = (not self._open and before == "=") or self._open == ["assign"]
        if of_functions and not self._in_function:
            return "object of functions"
        return "object" if before in _BEFORE_OBJECT else "block"
