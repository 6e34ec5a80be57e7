"""Tree to text: `parse(print_expression(tree)) == tree` for every tree that `parse` gives."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from surveyapp.questionnaires.definition import Tree
from surveyapp.questionnaires.expressions.parser import PRECEDENCE
from surveyapp.questionnaires.expressions.trees import PATHS

_LEVELS = {operator: level for level, level_ops in enumerate(PRECEDENCE) for operator in level_ops}
_UNARY = len(PRECEDENCE)
_ATOM = _UNARY + 1


def print_expression(tree: Tree) -> str:
    """An expression as an author would write it, with no more brackets than it needs."""
    return _print(tree)


def _level(tree: Tree) -> int:
    if tree[0] == "negative":
        return _UNARY
    return _LEVELS.get(tree[0], _ATOM)


def _print(tree: Tree, loosest: int = 0) -> str:
    """Text of a tree, in brackets if it binds more loosely than `loosest`."""
    text = _PRINTERS[tree[0]](tree)
    return f"({text})" if _level(tree) < loosest else text


def _print_chain(tree: Tree) -> str:
    operator, first, *others = tree
    level = _LEVELS[operator]
    # on the left another operator of this level needs no brackets, the same one does: `(a + b) + c` is
    # two chains of two, `a + b + c` one of three
    same = first[0] == operator
    parts = [_print(first, level + 1 if same else level)]
    parts += [_print(other, level + 1) for other in others]
    return f" {operator} ".join(parts)


def _print_negative(tree: Tree) -> str:
    return f"-{_print(tree[1], _UNARY)}"


def _print_number(tree: Tree) -> str:
    return format(Decimal(repr(tree[1])), "f")


def _print_string(tree: Tree) -> str:
    quote = '"' if "'" in tree[1] else "'"
    return f"{quote}{tree[1]}{quote}"


def _print_call(tree: Tree) -> str:
    name, *arguments = tree[1:]
    texts = [_print(argument) for argument in arguments]
    if name == "jr:choice-name" and arguments[1][0] in PATHS:
        texts[1] = f"'{texts[1]}'"
    return f"{name}({', '.join(texts)})"


def _print_steps(steps: list[Tree]) -> str:
    return "/".join(
        step[0] + "".join(f"[{_print(predicate)}]" for predicate in step[1:]) for step in steps
    )


def _print_continued(start: str, steps: list[Tree]) -> str:
    return f"{start}/{_print_steps(steps)}" if steps else start


_PRINTERS: dict[str, Callable[[Tree], str]] = {
    **dict.fromkeys(_LEVELS, _print_chain),
    "negative": _print_negative,
    "number": _print_number,
    "string": _print_string,
    "call": _print_call,
    "absolute": lambda tree: f"/{_print_steps(tree[1:])}",
    "relative": lambda tree: _print_steps(tree[1:]),
    "current": lambda tree: _print_continued("current()", tree[1:]),
    "instance": lambda tree: _print_continued(f"instance({_print_string(tree)})", tree[2:]),
}
