"""Conditions that are false whatever is answered.

Sound, not complete: what is called false for ever is; what is too intricate is let pass. A condition is
taken apart down to comparisons of one answer with constants. Each answer is tried with all values that
those comparisons can tell apart (`domains`), in all combinations; whatever else stands in the condition
may be true or false. If it comes out false every time, it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias, cast

from surveyapp.questionnaires.checking.domains import Domains
from surveyapp.questionnaires.checking.reading import Items, Part
from surveyapp.questionnaires.definition import DataType, Item, Tree, Valued
from surveyapp.questionnaires.expressions import (
    Context,
    EvaluationError,
    compile_expression,
    is_empty,
    to_boolean,
    unpack,
)
from surveyapp.questionnaires.expressions.context import Scalar
from surveyapp.questionnaires.expressions.functions import FUNCTIONS
from surveyapp.questionnaires.expressions.trees import PATHS, walk

#: True, False, or None: it may be either
_Truth: TypeAlias = bool | None
_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_SELECTED = frozenset({"selected", "is-selected"})
#: functions that are computed without answers, beside those that look at their arguments only
_FORMS = frozenset({"if", "coalesce"})
_UNSURE = frozenset({"random", "uuid", "once"})
#: combinations of answers that are tried for one condition
_MOST_COMBINATIONS = 2_000


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition, and the item at which it stands."""

    tree: Tree
    item: Item


@dataclass(slots=True)
class _Leaf:
    """A comparison of one answer with a constant; its truth for each value of the answer."""

    tree: Tree
    #: where the path to the answer stands in the tree
    path: Tree


@dataclass(slots=True)
class _Variable:
    """An answer, and the comparisons that are made with it."""

    item: Valued
    leaves: list[_Leaf] = field(default_factory=list)
    constants: list[Scalar] = field(default_factory=list)


class Truths:
    """Looks for conditions of one questionnaire that are never true."""

    def __init__(self, items: Items, domains: Domains) -> None:
        self._items, self._domains = items, domains

    def never(self, conditions: Iterable[Condition], *, answered: Item | None = None) -> bool:
        """Whether the conditions are false together for all answers; `answered` is not left empty."""
        return _Search(self._items, self._domains, list(conditions), answered).never()


class _Search:
    """One look at some conditions together."""

    def __init__(
        self, items: Items, domains: Domains, conditions: list[Condition], answered: Item | None
    ) -> None:
        self._items, self._domains = items, domains
        self._answered = answered
        self._variables: dict[str, _Variable] = {}
        self._constants: dict[int, _Truth] = {}
        # parsed trees are shared; here each part is known by its identity
        self._conditions = [deepcopy(condition.tree) for condition in conditions]
        for tree, condition in zip(self._conditions, conditions, strict=True):
            self._collect(tree, condition.item)

    # ---------------------------------------------------------------- taking apart

    def _collect(self, tree: Tree, item: Item) -> None:
        for leaf in _leaves(tree):
            if not _mentions_answers(leaf):
                self._constants[id(leaf)] = _constant_truth(leaf)
                continue
            found = self._compared(leaf, item)
            if found is not None:
                target, path, constant = found
                variable = self._variables.setdefault(target.path, _Variable(target))
                variable.leaves.append(_Leaf(leaf, path))
                variable.constants.append(constant)

    def _compared(self, leaf: Tree, item: Item) -> tuple[Valued, Tree, Scalar] | None:
        """The item, the path to it and the constant of a comparison; None if it is not of that sort."""
        path, other = _sides(leaf)
        if path is None:
            return None
        target = self._items.single(Part(path, own=True), item)
        constant = _value(other)
        if target is None or constant is None:
            return None
        multiple = target.type is DataType.SELECT_MULTIPLE
        if multiple and not (leaf[0] == "call" or constant == ""):
            return None
        return target, path, constant

    # ---------------------------------------------------------------- trying

    def never(self) -> bool:
        options = {path: self._rows(variable) for path, variable in self._variables.items()}
        known = {path: rows for path, rows in options.items() if rows}
        combinations = 1
        for rows in known.values():
            combinations *= len(rows)
        if combinations <= _MOST_COMBINATIONS:
            return self._false_for_all(list(known.values()))
        # too many at once: a contradiction about one answer is still found
        return any(self._false_for_all([rows]) for rows in known.values())

    def _rows(self, variable: _Variable) -> list[dict[int, _Truth]]:
        """What the comparisons with an answer can come out as together; none: that cannot be said."""
        values = self._domains.of(variable.item, variable.constants)
        if values is None:
            return []
        if self._answered is variable.item:
            values = [value for value in values if not is_empty(value)]
        rows = (_row(variable, value) for value in values)
        return list({tuple(row.items()): row for row in rows}.values())

    def _false_for_all(self, options: list[list[dict[int, _Truth]]]) -> bool:
        for rows in product(*options):
            truths = dict(self._constants)
            for row in rows:
                truths |= row
            outcomes = [_outcome(tree, truths) for tree in self._conditions]
            if False not in outcomes:
                return False
        return True


def _row(variable: _Variable, value: Scalar) -> dict[int, _Truth]:
    return {id(leaf.tree): _leaf_truth(leaf, value) for leaf in variable.leaves}


def _leaf_truth(leaf: _Leaf, value: Scalar) -> _Truth:
    return _constant_truth(_put_in(leaf.tree, leaf.path, value))


def _put_in(tree: Tree, path: Tree, value: Scalar) -> Tree:
    if tree is path:
        return ["string", value] if isinstance(value, str) else ["number", value]
    return [_put_in(part, path, value) if isinstance(part, list) else part for part in tree]


def _leaves(tree: Tree) -> Iterator[Tree]:
    """The parts of a condition that are no `and`, `or` or `not`."""
    match tree:
        case ["and" | "or", *operands]:
            for operand in operands:
                yield from _leaves(operand)
        case ["call", "not" | "boolean", operand]:
            yield from _leaves(operand)
        case _:
            yield tree


def _outcome(tree: Tree, truths: Mapping[int, _Truth]) -> _Truth:
    match tree:
        case ["and", *operands]:
            return _all([_outcome(operand, truths) for operand in operands])
        case ["or", *operands]:
            return _negated(_all([_negated(_outcome(operand, truths)) for operand in operands]))
        case ["call", "not", operand]:
            return _negated(_outcome(operand, truths))
        case ["call", "boolean", operand]:
            return _outcome(operand, truths)
    return truths.get(id(tree))


def _all(truths: list[_Truth]) -> _Truth:
    if False in truths:
        return False
    return None if None in truths else True


def _negated(truth: _Truth) -> _Truth:
    return None if truth is None else not truth


# ---------------------------------------------------------------- comparisons and constants


def _sides(leaf: Tree) -> tuple[Tree | None, Tree]:
    """The path and the other side of a comparison; a path alone is compared with true."""
    match leaf:
        case [str() as operator, left, right] if operator in _COMPARISONS:
            if left[0] in PATHS:
                return left, right
            return (right, left) if right[0] in PATHS else (None, right)
        case ["call", str() as name, left, right] if name in _SELECTED and left[0] in PATHS:
            return left, right
    return (leaf, ["call", "true"]) if leaf[0] in PATHS else (None, leaf)


def _mentions_answers(tree: Tree) -> bool:
    return any(part[0] in PATHS for part in walk(tree))


def _value(tree: Tree) -> Scalar | None:
    """The value of an expression that is the same whatever is answered; None if it is not."""
    if not all(_is_constant(part) for part in walk(tree)):
        return None
    try:
        return unpack(compile_expression(tree)(cast(Context, None)))
    except (EvaluationError, ArithmeticError):
        return None


def _is_constant(part: Tree) -> bool:
    if part[0] == "call":
        return part[1] not in _UNSURE and (part[1] in FUNCTIONS or part[1] in _FORMS)
    return part[0] not in PATHS


def _constant_truth(tree: Tree) -> _Truth:
    value = _value(tree)
    return None if value is None else to_boolean(value)
