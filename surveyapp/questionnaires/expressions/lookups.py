"""Equalities in a predicate that rows of a table can be looked up by, instead of trying each of them.

`[region = /data/a_region and kind != 'x']` can be true only for rows whose `region` equals one value,
which does not depend on the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from surveyapp.questionnaires.definition import Tree
from surveyapp.questionnaires.expressions.context import Context, Node, Scalar
from surveyapp.questionnaires.expressions.conversions import Value, unpack
from surveyapp.questionnaires.expressions.errors import EvaluationError
from surveyapp.questionnaires.expressions.references import VOLATILE
from surveyapp.questionnaires.expressions.trees import walk

_Compiled: TypeAlias = Callable[[Context], Value]
#: Functions whose value depends on the node that they are evaluated at.
_OF_THE_NODE = frozenset({"position", "once"}) | VOLATILE


@runtime_checkable
class Indexed(Protocol):
    """A node whose children can be looked up."""

    def matching(self, column: str, value: Scalar) -> Sequence[Node] | None:
        """All children whose `column` may equal a value, in order; None: only trying can tell."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Columns, and what each has to equal: at least one."""

    keys: tuple[tuple[str, _Compiled], ...]

    def find(self, parent: Node, name: str, context: Context) -> Sequence[Node]:
        """The children of a name for which the predicate may be true; with doubt, all of them.

        Raises `EvaluationError` where the first key has no value: so would trying each child.
        """
        children = parent.children(name)
        if not isinstance(parent, Indexed) or not children or children[0].name != name:
            return children
        inside = Context(context.scope, children[0], context.current)
        first, *others = self.keys
        found = [_matching(parent, first, inside)]
        for key in others:
            # what stands behind the first is evaluated only where that is true
            with suppress(EvaluationError):
                found.append(_matching(parent, key, inside))
        return min((each for each in found if each is not None), key=len, default=children)


def _matching(parent: Indexed, key: tuple[str, _Compiled], context: Context) -> Sequence[Node] | None:
    column, value = key
    return parent.matching(column, unpack(value(context)))


def lookup_of(predicate: Tree, compile_: Callable[[Tree], _Compiled]) -> Lookup | None:
    """How the rows that a predicate may be true for are looked up; None if it says no such thing."""
    keys = tuple((column, compile_(value)) for column, value in _equalities(predicate))
    return Lookup(keys) if keys else None


def _equalities(predicate: Tree) -> Iterator[tuple[str, Tree]]:
    match predicate:
        case ["and", *parts]:
            for part in parts:
                yield from _equalities(part)
        case ["=", ["relative", [column]], value] if _may_be_looked_up(column, value):
            yield column, value
        case ["=", value, ["relative", [column]]] if _may_be_looked_up(column, value):
            yield column, value


def _may_be_looked_up(column: str, value: Tree) -> bool:
    return column not in {".", "..", "*"} and _is_the_same_for_all_rows(value)


def _is_the_same_for_all_rows(tree: Tree) -> bool:
    return not any(
        part[0] == "relative" or (part[0] == "call" and part[1] in _OF_THE_NODE) for part in walk(tree)
    )
