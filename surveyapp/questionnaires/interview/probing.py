"""Trying things at a node without changing it: a candidate for its value, a bare expression."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from surveyapp.questionnaires.definition import Question, Tree
from surveyapp.questionnaires.expressions import (
    Context,
    EvaluationError,
    Node,
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


class _Candidate:
    """A leaf with another value, relevant or not: what `.` means in a constraint."""

    relevant: Final = True

    def __init__(self, leaf: Leaf, value: Scalar) -> None:
        self.name = leaf.name
        self.parent: Branch = leaf.parent
        self.position = leaf.position
        self._value = value

    def children(self, name: str) -> Sequence[Node]:
        """It has none."""
        return ()

    def value(self) -> Scalar:
        """The value that is tried."""
        return self._value


def accepts(scope: Scope, leaf: Leaf, value: Any) -> bool | None:
    """Whether a value keeps a question's constraint; None if that has no value. Empty keeps any.

    Raises `MisshapenValue`.
    """
    item = leaf.item
    candidate = typed(leaf.kind, value, zone(scope))
    if not isinstance(item, Question) or item.constraint is None or candidate == "":
        return True
    with _instead(leaf, candidate) as node:
        try:
            return to_boolean(compiled(item.constraint)(Context(scope, node, node)))
        except EvaluationError:
            return None


def evaluate(scope: Scope, node: Leaf | Branch, tree: Tree, candidate: Any = None) -> Value:
    """The value of an expression at a node; with a candidate as in the node's constraint.

    Raises `EvaluationError`, `MisshapenValue`.
    """
    run = compile_expression(tree)
    if candidate is None or isinstance(node, Branch):
        return run(Context(scope, node, node))
    with _instead(node, typed(node.kind, candidate, zone(scope))) as trial:
        return run(Context(scope, trial, trial))


@contextmanager
def _instead(leaf: Leaf, value: Scalar) -> Iterator[_Candidate]:
    """The leaf with another value for a while, also for those who look at it by its path."""
    before, leaf.typed = leaf.typed, value
    try:
        yield _Candidate(leaf, value)
    finally:
        leaf.typed = before
