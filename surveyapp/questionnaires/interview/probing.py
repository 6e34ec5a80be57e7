"""Trying things at a node without changing it: a candidate for its value, a bare expression."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from surveyapp.questionnaires.definition import Tree, Valued
from surveyapp.questionnaires.expressions import (
    Context,
    EvaluationError,
    Scalar,
    Value,
    compile_expression,
    compiled,
    to_boolean,
)
from surveyapp.questionnaires.expressions.moments import zone
from surveyapp.questionnaires.interview.nodes import Branch, Leaf
from surveyapp.questionnaires.interview.scope import Scope
from surveyapp.questionnaires.values import typed


def accepts(scope: Scope, leaf: Leaf, value: Any) -> bool | None:
    """Whether a value keeps an item's constraint; None if that has no value. Empty keeps any.

    Raises `MisshapenValue`.
    """
    item = leaf.item
    candidate = typed(leaf.kind, value, zone(scope))
    if not isinstance(item, Valued) or item.constraint is None or candidate == "":
        return True
    with _instead(leaf, candidate):
        try:
            return to_boolean(compiled(item.constraint)(Context(scope, leaf, leaf)))
        except EvaluationError:
            return None


def evaluate(scope: Scope, node: Leaf | Branch, tree: Tree, candidate: Any = None) -> Value:
    """The value of an expression at a node; with a candidate as in the node's constraint.

    Raises `EvaluationError`, `MisshapenValue`.
    """
    run = compile_expression(tree)
    if candidate is None or isinstance(node, Branch):
        return run(Context(scope, node, node))
    with _instead(node, typed(node.kind, candidate, zone(scope))):
        return run(Context(scope, node, node))


@contextmanager
def _instead(leaf: Leaf, value: Scalar) -> Iterator[None]:
    """The leaf with another value for a while."""
    before, leaf.typed = leaf.typed, value
    try:
        yield
    finally:
        leaf.typed = before
