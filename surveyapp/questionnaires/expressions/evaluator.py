"""Trees to closures: each tree is turned once into a function of the context, and evaluated often."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from surveyapp.questionnaires.definition import Expression, Tree
from surveyapp.questionnaires.expressions.context import Context
from surveyapp.questionnaires.expressions.conversions import (
    TOLERANCE,
    Function,
    Value,
    is_empty,
    to_boolean,
    to_index,
    to_number,
    to_string,
    unpack,
)
from surveyapp.questionnaires.expressions.errors import EvaluationError
from surveyapp.questionnaires.expressions.functions import FUNCTIONS, FUNCTIONS_IN_CONTEXT
from surveyapp.questionnaires.expressions.functions.numbers import divide, modulo
from surveyapp.questionnaires.expressions.paths import (
    Compiled,
    absolute_names,
    compile_absolute,
    compile_current,
    compile_instance,
    compile_relative,
    line_of,
    nodes_at,
)


@lru_cache(maxsize=8192)
def compiled(expression: Expression) -> Compiled:
    """The closure of a definition's expression; kept by its source."""
    return compile_expression(expression.tree)


def compile_expression(tree: Tree) -> Compiled:
    """A function that gives the tree's value in a context.

    The function raises EvaluationError where the expression has no value for the answers.
    """
    return _COMPILERS[tree[0]](tree)


# ---------------------------------------------------------------- operators


def _literal(tree: Tree) -> Compiled:
    value = float(tree[1]) if tree[0] == "number" else tree[1]
    return lambda context: value


def _negative(tree: Tree) -> Compiled:
    operand = compile_expression(tree[1])
    return lambda context: -to_number(operand(context))


def _binary(operate: Callable[[Value, Value], Value]) -> Callable[[Tree], Compiled]:
    """Compiles a chain of operands, computed from left to right."""

    def compile_(tree: Tree) -> Compiled:
        first, second, *others = map(compile_expression, tree[1:])

        def evaluate(context: Context) -> Value:
            result = operate(first(context), second(context))
            for other in others:
                result = operate(result, other(context))
            return result

        return evaluate if others else _of_two(operate, first, second)

    return compile_


def _of_two(operate: Callable[[Value, Value], Value], left: Compiled, right: Compiled) -> Compiled:
    return lambda context: operate(left(context), right(context))


def _of_numbers(operate: Callable[[float, float], Value]) -> Callable[[Tree], Compiled]:
    """As `_binary`, of numbers; two operands, the most frequent case by far, without a call between."""
    of_values = _binary(lambda left, right: operate(to_number(left), to_number(right)))

    def compile_(tree: Tree) -> Compiled:
        if len(tree) > 3:
            return of_values(tree)
        left, right = map(compile_expression, tree[1:])
        if tree[2][0] == "number":
            number = float(tree[2][1])
            return lambda context: operate(to_number(left(context)), number)
        return lambda context: operate(to_number(left(context)), to_number(right(context)))

    return compile_


def _equality(expected: bool) -> Callable[[Tree], Compiled]:
    """As `_binary` of `equals`; with a literal text, a choice mostly, without detours."""
    of_values = _binary(lambda left, right: equals(left, right) is expected)

    def compile_(tree: Tree) -> Compiled:
        if len(tree) > 3 or tree[2][0] != "string":
            return of_values(tree)
        left, text = compile_expression(tree[1]), tree[2][1]

        def evaluate(context: Context) -> Value:
            value = unpack(left(context))
            return ((value == text) if isinstance(value, str) else equals(value, text)) is expected

        return evaluate

    return compile_


def equals(left: Value, right: Value) -> bool:
    """As booleans if either side is one, else as numbers if either is one, else as texts."""
    left, right = unpack(left), unpack(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return to_boolean(left) is to_boolean(right)
    if isinstance(left, float) or isinstance(right, float):
        return abs(to_number(left) - to_number(right)) < TOLERANCE
    return to_string(left) == to_string(right)


def _until(decisive: bool) -> Callable[[Tree], Compiled]:
    """Compiles operands of which the first that is `decisive` decides; those after it are left out."""

    def compile_(tree: Tree) -> Compiled:
        operands = [compile_expression(operand) for operand in tree[1:]]

        def evaluate(context: Context) -> Value:
            for operand in operands:
                if to_boolean(operand(context)) is decisive:
                    return decisive
            return not decisive

        return evaluate

    return compile_


# ---------------------------------------------------------------- calls


def _call(tree: Tree) -> Compiled:
    name, arguments = tree[1], tree[2:]
    if form := _FORMS.get(name):
        return form(arguments)
    operands = [compile_expression(argument) for argument in arguments]
    if name in FUNCTIONS:
        return _apply(FUNCTIONS[name], operands)
    return _apply_in_context(FUNCTIONS_IN_CONTEXT[name], operands)


def _apply(function: Function, operands: list[Compiled]) -> Compiled:
    match operands:
        case [one]:
            return lambda context: function(one(context))
        case [one, two]:
            return lambda context: function(one(context), two(context))
    return lambda context: function(*[operand(context) for operand in operands])


def _apply_in_context(function: Function, operands: list[Compiled]) -> Compiled:
    return lambda context: function(context, *[operand(context) for operand in operands])


# ---------------------------------------------------------------- forms: not all arguments are computed


def _if(arguments: list[Tree]) -> Compiled:
    condition, then, otherwise = map(compile_expression, arguments)
    return lambda context: then(context) if to_boolean(condition(context)) else otherwise(context)


def _coalesce(arguments: list[Tree]) -> Compiled:
    first, second = map(compile_expression, arguments)

    def evaluate(context: Context) -> Value:
        value = first(context)
        return second(context) if is_empty(value) else value

    return evaluate


def _choice_name(arguments: list[Tree]) -> Compiled:
    value, path = arguments
    choice, question = compile_expression(value), compile_expression(path)

    def evaluate(context: Context) -> Value:
        nodes, name = question(context), to_string(choice(context))
        if not name or not isinstance(nodes, tuple) or not nodes:
            return ""
        return context.scope.choice_label(nodes[0], name)

    return evaluate


def _indexed_repeat(arguments: list[Tree]) -> Compiled:
    """`indexed-repeat(path, roster, index, …)`: the path bound to these instances of its rosters.

    An index below 1 means the first instance; other levels are bound as any absolute path is.
    """
    target, *pairs = arguments
    rosters = pairs[::2]
    indices = [compile_expression(index) for index in pairs[1::2]]

    def evaluate(context: Context) -> Value:
        names = _path_names(target, context)
        positions = _own_positions(names, context)
        for roster, index in zip(rosters, indices, strict=True):
            above = _path_names(roster, context)
            if len(above) >= len(names) or names[: len(above)] != above:
                raise EvaluationError("indexed_repeat")
            positions[len(above) - 1] = max(1, to_index(index(context)))
        return nodes_at(context, names, positions)

    return evaluate


def _path_names(tree: Tree, context: Context) -> list[str]:
    if tree[0] not in {"absolute", "relative", "current"}:
        raise EvaluationError("indexed_repeat")
    return list(absolute_names(tree, context))


def _own_positions(names: list[str], context: Context) -> list[int | None]:
    """The context's own position at each level, as far as its line goes along with the names."""
    positions: list[int | None] = [None] * len(names)
    for level, (name, node) in enumerate(zip(names, line_of(context.node), strict=False)):
        if node.name != name:
            break
        positions[level] = node.position
    return positions


_FORMS: dict[str, Callable[[list[Tree]], Compiled]] = {
    "coalesce": _coalesce,
    "if": _if,
    "indexed-repeat": _indexed_repeat,
    "jr:choice-name": _choice_name,
}
#: Names of the functions that this evaluator computes.
FUNCTION_NAMES = frozenset({*_FORMS, *FUNCTIONS, *FUNCTIONS_IN_CONTEXT})


def _path(compile_: Callable[[Tree, Callable[[Tree], Compiled]], Any]) -> Callable[[Tree], Compiled]:
    return lambda tree: compile_(tree, compile_expression)


_COMPILERS: dict[str, Callable[[Tree], Compiled]] = {
    "number": _literal,
    "string": _literal,
    "negative": _negative,
    "or": _until(decisive=True),
    "and": _until(decisive=False),
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
    "call": _call,
    "absolute": _path(compile_absolute),
    "relative": _path(compile_relative),
    "current": _path(compile_current),
    "instance": _path(compile_instance),
}
