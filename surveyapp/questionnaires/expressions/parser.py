"""Text to tree, by recursive descent with one level of precedence a loop.

JavaRosa is the reference for what is an expression. Refused although its parser takes it: what its
evaluator then refuses (axes, `//`, unions, variables), what it evaluates wrongly without a word (`..`
behind a name), and calls at which it would stop while somebody answers (unknown functions, wrong numbers
of arguments).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from surveyapp.questionnaires.definition import Tree
from surveyapp.questionnaires.expressions.errors import ExpressionError
from surveyapp.questionnaires.expressions.lexer import Kind, Token, tokens
from surveyapp.questionnaires.expressions.patterns import PatternError, compile_pattern
from surveyapp.questionnaires.expressions.signatures import SIGNATURES
from surveyapp.questionnaires.expressions.trees import depth, is_plain_path

#: Levels of nesting; beyond them Python's own limit would be near. Real forms reach about twenty.
MAX_DEPTH = 100

#: Binary operators, loosest first; one tuple a level of precedence.
PRECEDENCE: tuple[frozenset[str], ...] = (
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"=", "!="}),
    frozenset({"<", "<=", ">", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "div", "mod"}),
)
_LEVELS = {operator: level for level, some in enumerate(PRECEDENCE) for operator in some}
_NODE_TESTS = frozenset({"node", "text", "comment", "processing-instruction"})
#: `child::a` is `a`, `attribute::a` is `@a`; JavaRosa's evaluator knows no other axes of names
_AXES = {"child": "", "attribute": "@"}
_UNSUPPORTED = {"//": "descendant", "$": "variable", "::": "axis", "|": "union"}


@lru_cache(maxsize=4096)
def parse(source: str) -> Tree:
    """The tree of an expression; shared between callers, who must not change it.

    Raises:
        ExpressionError: it cannot be understood or is not supported; see the error's codes.
    """
    return _Parser(source).whole()


class _Parser:
    """One pass over one source."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._rest = tokens(source)
        self._token = next(self._rest)
        self._depth = 0

    def whole(self) -> Tree:
        if self._at_end():
            raise ExpressionError("empty", self._token.position)
        tree = self._expression()
        if not self._at_end():
            raise self._unexpected()
        # `a + b - c + d …` nests without brackets; each level takes a character at least
        if len(self._source) > MAX_DEPTH and depth(tree) > MAX_DEPTH:
            raise ExpressionError("deep", 0, limit=MAX_DEPTH)
        return tree

    # ---------------------------------------------------------------- operators

    def _expression(self, level: int = 0) -> Tree:
        """An expression of operators that bind at least as tightly as those of `level`."""
        self._enter()
        left = self._unary()
        while (found := self._operator_level()) >= level:
            left = self._chain(left, found)
        self._depth -= 1
        return left

    def _operator_level(self) -> int:
        """Where in `PRECEDENCE` the operator stands that comes next; -1 if none comes."""
        token = self._token
        return _LEVELS.get(token.text, -1) if token.kind is Kind.OPERATOR else -1

    def _chain(self, left: Tree, level: int) -> Tree:
        """`a + b + c` is one tree of three operands, so that long chains stay flat."""
        operator = self._token.text
        chain = [operator, left]
        while self._is(Kind.OPERATOR, {operator}):
            self._advance()
            chain.append(self._expression(level + 1))
        return chain

    def _unary(self) -> Tree:
        minuses = 0
        while self._is(Kind.OPERATOR, {"-"}):
            self._enter()
            self._advance()
            minuses += 1
        operand = self._operand()
        for _ in range(minuses):
            self._depth -= 1
            operand = ["negative", operand]
        return operand

    # ---------------------------------------------------------------- operands

    def _operand(self) -> Tree:
        token = self._token
        if token.kind is Kind.NAME:
            return self._call_or_path(token)
        read = _OPERANDS.get(token.kind)
        if read is None:
            raise self._unexpected()
        tree = read(self, token)
        self._refuse_filter(token.position)
        return tree

    def _number(self, token: Token) -> Tree:
        self._advance()
        value = float(token.text)
        if math.isinf(value):
            raise ExpressionError("number", token.position, number=token.text[:20])
        return ["number", int(value) if value.is_integer() else value]

    def _string(self, token: Token) -> Tree:
        self._advance()
        return ["string", token.text]

    def _bracketed_or_path(self, token: Token) -> Tree:
        if token.text == "(":
            self._advance()
            tree = self._expression()
            self._close(")", "parenthesis", token)
            return tree
        if token.text == "/":
            self._advance()
            if not self._at_name_step():
                raise ExpressionError("unsupported", token.position, feature="root")
            return ["absolute", *self._steps()]
        if token.text in {".", "..", "*", "@"}:
            return ["relative", *self._steps(upwards=True)]
        raise self._unexpected()

    def _path(self, token: Token) -> Tree:
        self._advance()
        return ["absolute", *([name] for name in token.text.split("/")[1:])]

    def _call_or_path(self, token: Token) -> Tree:
        self._advance()
        if self._is(Kind.MARK, {"("}):
            return self._call(token)
        return ["relative", *self._steps(first=self._named(token))]

    # ---------------------------------------------------------------- paths

    def _steps(self, *, first: Token | None = None, upwards: bool = False) -> list[Tree]:
        """Steps from here on; `upwards` while `.` and `..` may still come."""
        steps = []
        token = first or self._take_step(upwards)
        while True:
            upwards = upwards and token.text in {".", ".."}
            steps.append([token.text, *self._predicates(token)])
            if not self._is(Kind.MARK, {"/"}):
                return steps
            self._advance()
            token = self._take_step(upwards)

    def _take_step(self, upwards: bool) -> Token:
        token = self._token
        if not (self._at_name_step() or self._is(Kind.MARK, {".", ".."})):
            raise self._unexpected()
        if token.text == ".." and not upwards:
            raise ExpressionError("unsupported", token.position, feature="parent")
        self._advance()
        if token.text in _NODE_TESTS and self._is(Kind.MARK, {"("}):
            raise ExpressionError("unsupported", token.position, feature="node test")
        return self._attribute(token) if token.text == "@" else self._named(token)

    def _attribute(self, mark: Token) -> Token:
        """The name of an attribute with its mark: one word, `@id`."""
        name = self._token
        if name.kind is not Kind.NAME:
            if self._is(Kind.MARK, {"*"}):
                raise ExpressionError("unsupported", mark.position, feature="attribute")
            raise self._unexpected()
        self._advance()
        return Token(Kind.NAME, f"@{name.text}", mark.position)

    def _named(self, token: Token) -> Token:
        """A step's name; before `::` stands an axis."""
        if token.text not in _AXES or not self._is(Kind.MARK, {"::"}):
            return token
        self._advance()
        name = self._token
        if name.kind is not Kind.NAME:
            raise self._unexpected()
        self._advance()
        return Token(Kind.NAME, f"{_AXES[token.text]}{name.text}", token.position)

    def _at_name_step(self) -> bool:
        return self._token.kind is Kind.NAME or self._is(Kind.MARK, {"*", "@"})

    def _predicates(self, step: Token) -> list[Tree]:
        predicates = []
        while self._is(Kind.MARK, {"["}):
            bracket = self._token
            if step.text in {".", ".."}:
                raise self._unexpected()
            self._advance()
            predicates.append(self._expression())
            self._close("]", "bracket", bracket)
        return predicates

    # ---------------------------------------------------------------- calls

    def _call(self, name: Token) -> Tree:
        if name.text in _NODE_TESTS:
            raise ExpressionError("unsupported", name.position, feature="node test")
        bracket = self._token
        positions: list[int] = []
        arguments = self._arguments(positions)
        self._close(")", "parenthesis", bracket)
        if start := _PATH_STARTS.get(name.text):
            return self._continued(start(name, arguments), name)
        tree = _checked_call(name, arguments, positions)
        self._refuse_filter(name.position)
        return tree

    def _arguments(self, positions: list[int]) -> list[Tree]:
        self._advance()
        arguments: list[Tree] = []
        if self._is(Kind.MARK, {")"}):
            return arguments
        while True:
            positions.append(self._token.position)
            arguments.append(self._expression())
            if not self._is(Kind.MARK, {","}):
                return arguments
            self._advance()

    def _continued(self, start: Tree, name: Token) -> Tree:
        """`current()` or `instance('x')` with the steps behind it."""
        if not self._is(Kind.MARK, {"/"}):
            self._refuse_filter(name.position)
            return start
        self._advance()
        return [*start, *self._steps(upwards=start[0] == "current")]

    # ---------------------------------------------------------------- words

    def _advance(self) -> None:
        self._token = next(self._rest)

    def _is(self, kind: Kind, texts: frozenset[str] | set[str]) -> bool:
        return self._token.kind is kind and self._token.text in texts

    def _at_end(self) -> bool:
        return self._token.kind is Kind.END

    def _close(self, mark: str, code: str, opened: Token) -> None:
        if self._at_end():
            raise ExpressionError(code, opened.position)
        if not self._is(Kind.MARK, {mark}):
            raise self._unexpected()
        self._advance()

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionError("deep", self._token.position, limit=MAX_DEPTH)

    def _refuse_filter(self, position: int) -> None:
        if self._is(Kind.MARK, {"[", "/"}):
            raise ExpressionError("unsupported", position, feature="filter")

    def _unexpected(self) -> ExpressionError:
        token = self._token
        if token.kind is Kind.END:
            return ExpressionError("end", token.position)
        if token.text in _UNSUPPORTED and token.kind is not Kind.STRING:
            return ExpressionError("unsupported", token.position, feature=_UNSUPPORTED[token.text])
        return ExpressionError("unexpected", token.position, found=token.text[:40])


_OPERANDS: dict[Kind, Callable[[_Parser, Token], Tree]] = {
    Kind.NUMBER: _Parser._number,
    Kind.STRING: _Parser._string,
    Kind.PATH: _Parser._path,
    Kind.MARK: _Parser._bracketed_or_path,
}


def _start_of_current(name: Token, arguments: list[Tree]) -> Tree:
    if arguments:
        raise ExpressionError(
            "arguments", name.position, name=name.text, given=len(arguments), least=0, most=0
        )
    return ["current"]


def _start_of_instance(name: Token, arguments: list[Tree]) -> Tree:
    match arguments:
        case [["string", str() as instance]]:
            return ["instance", instance]
    raise ExpressionError("instance", name.position)


_PATH_STARTS: dict[str, Callable[[Token, list[Tree]], Tree]] = {
    "current": _start_of_current,
    "instance": _start_of_instance,
}


# ---------------------------------------------------------------- calls, checked


def _checked_call(name: Token, arguments: list[Tree], positions: list[int]) -> Tree:
    signature = SIGNATURES.get(name.text)
    if signature is None:
        raise ExpressionError("function", name.position, name=name.text)
    if not signature.accepts(len(arguments)):
        raise ExpressionError(
            "arguments",
            name.position,
            name=name.text,
            given=len(arguments),
            least=signature.least,
            most=signature.most,
        )
    if check := _CHECKS.get(name.text):
        arguments = check(arguments, positions)
    return ["call", name.text, *arguments]


def _check_regex(arguments: list[Tree], positions: list[int]) -> list[Tree]:
    kind, source = arguments[1][:2]
    if kind == "string":
        try:
            compile_pattern(source)
        except PatternError as error:
            raise ExpressionError("pattern", positions[1], reason=error.reason) from error
    return arguments


def _quoted_path(arguments: list[Tree], positions: list[int]) -> list[Tree]:
    """`jr:choice-name(value, '/data/x')`: the path is parsed here, once, and printed in quotes again."""
    value, path = arguments
    if path[0] == "string":
        try:
            tree = parse(path[1])
        except ExpressionError as error:
            raise ExpressionError("choice_name", positions[1]) from error
        if is_plain_path(tree):
            return [value, tree]
    raise ExpressionError("choice_name", positions[1])


_CHECKS: dict[str, Callable[[list[Tree], list[int]], list[Tree]]] = {
    "jr:choice-name": _quoted_path,
    "regex": _check_regex,
}
