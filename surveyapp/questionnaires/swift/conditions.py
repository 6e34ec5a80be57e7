"""Expressions that look at nothing but single answers, as closures over these answers.

Each operator and function is the general evaluator's own, or does what it does for single values.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any, TypeAlias, cast

from surveyapp.questionnaires.definition import (
    DataType,
    Item,
    Questionnaire,
    Roster,
    Section,
    Tree,
    Valued,
)
from surveyapp.questionnaires.expressions import (
    Scalar,
    Value,
    is_empty,
    to_boolean,
    to_number,
    to_string,
)
from surveyapp.questionnaires.expressions.evaluator import equals
from surveyapp.questionnaires.expressions.functions import FUNCTIONS
from surveyapp.questionnaires.expressions.functions.numbers import divide, modulo
from surveyapp.questionnaires.expressions.functions.strings import utf16_length
from surveyapp.questionnaires.values import typed


class NotPlain(Exception):
    """The definition holds something that only the general way can answer for."""


class Frame:
    """The answers of the whole outside of rosters, or of one roster instance.

    `irrelevant` are the paths of the items that are not asked here; `whole` is the frame around an
    instance, of the whole itself.
    """

    __slots__ = ("_around", "answers", "irrelevant", "now", "zone")

    def __init__(self, answers: Mapping[str, Any], now: datetime, zone: tzinfo, whole: Frame | None):
        self.answers = answers
        self.irrelevant: frozenset[str] = frozenset()
        self.now = now
        self.zone = zone
        # the whole does not refer to itself: its answers would wait for the garbage collector
        self._around = whole

    @property
    def whole(self) -> Frame:
        """The frame around an instance; this one, if it is the whole itself."""
        return self._around or self

    def is_irrelevant(self, path: str) -> bool:
        """Whether an item is not asked here."""
        return path in self.irrelevant or path in self.whole.irrelevant


#: an expression's value in a frame; raises EvaluationError as the general evaluator does
Plain: TypeAlias = Callable[[Frame], Scalar]

#: functions of single values whose result is a single value
_PLAIN_FUNCTIONS = frozenset(
    {
        *("boolean", "boolean-from-string", "contains", "count-selected", "ends-with", "false", "int"),
        *("is-selected", "not", "number", "regex", "round", "selected", "selected-at", "starts-with"),
        *("string", "substr", "true"),
    }
)


class Words:
    """What the expressions of one definition may speak of."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        """Raises `NotPlain`."""
        self.root_name = questionnaire.root_name
        self.items: dict[str, Item] = {}
        #: item path → path of the roster that it stands in
        self.rosters: dict[str, str | None] = {}
        self._add(questionnaire.root, None)

    def _add(self, container: Section | Roster, roster: str | None) -> None:
        if len({item.name for item in container.items}) < len(container.items):
            raise NotPlain("two items of one name")
        for item in container.items:
            self.items[item.path], self.rosters[item.path] = item, roster
            if isinstance(item, Roster):
                if roster is not None:
                    raise NotPlain("a roster within a roster")
                self._add(item, item.path)
            elif isinstance(item, Section):
                self._add(item, roster)

    def compile(self, tree: Tree, at: Item) -> Plain:
        """The closure of an expression at an item. Raises `NotPlain`."""
        return _Compiler(self, at).compile(tree)

    def names_within(self, path: str) -> list[str]:
        """The names that lead to an item from the frame that it stands in."""
        roster = self.rosters[path]
        return (path[len(roster) + 1 :] if roster else path).split("/")


class _Compiler:
    def __init__(self, words: Words, at: Item) -> None:
        self.words = words
        self.at = at

    def compile(self, tree: Tree) -> Plain:
        compile_ = _COMPILERS.get(tree[0])
        if compile_ is None:
            raise NotPlain(tree[0])
        return compile_(self, tree)

    def literal(self, tree: Tree) -> Plain:
        value = float(tree[1]) if tree[0] == "number" else tree[1]
        return lambda _frame: value

    def any_of(self, tree: Tree) -> Plain:
        operands = [self.compile(part) for part in tree[1:]]
        return _until(operands, decisive=True)

    def all_of(self, tree: Tree) -> Plain:
        operands = [self.compile(part) for part in tree[1:]]
        return _until(operands, decisive=False)

    def negative(self, tree: Tree) -> Plain:
        operand = self.compile(tree[1])
        return lambda frame: -to_number(operand(frame))

    def call(self, tree: Tree) -> Plain:
        name, operands = tree[1], [self.compile(part) for part in tree[2:]]
        if name == "today" and not operands:
            return lambda frame: frame.now.date()
        if name == "string-length" and len(operands) == 1:
            return _applied(lambda text: float(utf16_length(to_string(text))), operands)
        if name == "if" and len(operands) == 3:
            return _if(*operands)
        if name == "coalesce" and len(operands) == 2:
            return _coalesce(*operands)
        if name not in _PLAIN_FUNCTIONS:
            raise NotPlain(name)
        return _applied(FUNCTIONS[name], operands)

    def path(self, tree: Tree) -> Plain:
        return value_at(self.words, self._target(tree), self.words.rosters.get(self.at.path))

    def _target(self, tree: Tree) -> str:
        """The path of the item that a path without predicates leads to."""
        if any(len(step) > 1 or step[0] == "*" or step[0].startswith("@") for step in tree[1:]):
            raise NotPlain("a path that looks around")
        steps = [step[0] for step in tree[1:] if step[0] != "."]
        if tree[0] == "absolute":
            if not steps or steps[0] != self.words.root_name or ".." in steps:
                raise NotPlain("a path from elsewhere")
            return "/".join(steps[1:])
        names = self.at.path.split("/")
        for step in steps:
            if step != "..":
                names.append(step)
            elif names:
                names.pop()
            else:
                raise NotPlain("a path above the root")
        return "/".join(names)


def value_at(words: Words, path: str, roster: str | None) -> Plain:
    """The typed value of an item, seen from a frame of a roster (None: of the whole).

    Raises `NotPlain`: it is no answer, or stands in a roster that this is not a frame of.
    """
    item = words.items.get(path)
    if not isinstance(item, Valued) or words.rosters[path] not in {None, roster}:
        raise NotPlain("no single answer")
    *sections, name = words.names_within(path)
    is_here, kind = words.rosters[path] == roster, item.type
    convert = _CONVERSIONS.get(kind)

    def value(frame: Frame) -> Scalar:
        home = frame if is_here else frame.whole
        if path in home.irrelevant or path in home.whole.irrelevant:
            return ""
        answers = home.answers
        for section in sections:
            answers = answers.get(section) or _NOTHING
        found = answers.get(name)
        if found is None:
            return ""
        return convert(found) if convert else typed(kind, found, frame.zone)

    return value


_NOTHING: Mapping[str, Any] = {}
#: types whose typed value does not depend on the zone; of answers whose type was checked
_CONVERSIONS: Mapping[DataType, Callable[[Any], Scalar]] = {
    DataType.TEXT: str,
    DataType.SELECT_ONE: str,
    DataType.INTEGER: float,
    DataType.DECIMAL: float,
    DataType.DATE: date.fromisoformat,
    DataType.SELECT_MULTIPLE: " ".join,
    DataType.RANK: " ".join,
}


def _binary(operate: Callable[[Any, Any], Scalar]) -> Callable[[_Compiler, Tree], Plain]:
    def compile_(compiler: _Compiler, tree: Tree) -> Plain:
        if len(tree) != 3:
            raise NotPlain("a chain of operands")
        left, right = map(compiler.compile, tree[1:])
        return lambda frame: operate(left(frame), right(frame))

    return compile_


def _of_numbers(operate: Callable[[float, float], Scalar]) -> Callable[[_Compiler, Tree], Plain]:
    of_values = _binary(lambda left, right: operate(to_number(left), to_number(right)))

    def compile_(compiler: _Compiler, tree: Tree) -> Plain:
        if len(tree) != 3 or tree[2][0] != "number":
            return of_values(compiler, tree)
        left, number = compiler.compile(tree[1]), float(tree[2][1])
        return lambda frame: operate(to_number(left(frame)), number)

    return compile_


def _equality(*, expected: bool) -> Callable[[_Compiler, Tree], Plain]:
    """As `_binary` of `equals`; with a literal text, a choice mostly, without detours."""
    of_values = _binary(lambda left, right: equals(left, right) is expected)

    def compile_(compiler: _Compiler, tree: Tree) -> Plain:
        if len(tree) != 3 or tree[2][0] != "string":
            return of_values(compiler, tree)
        left, text = compiler.compile(tree[1]), tree[2][1]

        def evaluate(frame: Frame) -> Scalar:
            value = left(frame)
            return ((value == text) if isinstance(value, str) else equals(value, text)) is expected

        return evaluate

    return compile_


def _until(operands: Sequence[Plain], *, decisive: bool) -> Plain:
    """The first operand that is `decisive` decides; those after it are left out."""

    def evaluate(frame: Frame) -> Scalar:
        for operand in operands:
            if to_boolean(operand(frame)) is decisive:
                return decisive
        return not decisive

    return evaluate


def _if(condition: Plain, then: Plain, otherwise: Plain) -> Plain:
    return lambda frame: then(frame) if to_boolean(condition(frame)) else otherwise(frame)


def _coalesce(first: Plain, second: Plain) -> Plain:
    def evaluate(frame: Frame) -> Scalar:
        value = first(frame)
        return second(frame) if is_empty(value) else value

    return evaluate


def _applied(function: Callable[..., Value], operands: Sequence[Plain]) -> Plain:
    # functions of single values give single values
    return lambda frame: cast(Scalar, function(*[operand(frame) for operand in operands]))


_COMPILERS: Mapping[str, Callable[[_Compiler, Tree], Plain]] = {
    "number": _Compiler.literal,
    "string": _Compiler.literal,
    "or": _Compiler.any_of,
    "and": _Compiler.all_of,
    "=": _equality(expected=True),
    "!=": _equality(expected=False),
    "<": _of_numbers(operator.lt),
    "<=": _of_numbers(operator.le),
    ">": _of_numbers(operator.gt),
    ">=": _of_numbers(operator.ge),
    "+": _of_numbers(operator.add),
    "-": _of_numbers(operator.sub),
    "*": _of_numbers(operator.mul),
    "div": _of_numbers(divide),
    "mod": _of_numbers(modulo),
    "negative": _Compiler.negative,
    "call": _Compiler.call,
    "absolute": _Compiler.path,
    "relative": _Compiler.path,
    "current": _Compiler.path,
}
